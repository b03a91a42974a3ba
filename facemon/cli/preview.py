"""A picture in the terminal: two pixels a character cell, the upper one as the half block's colour, the lower one as
its background.
"""

from __future__ import annotations

import io

from rich.color import Color
from rich.style import Style
from rich.text import Text

_HALF_BLOCK = "▀"


def preview(data: bytes, columns: int = 38) -> Text | None:
    """The encoded picture, `columns` characters wide (fewer for a tall one); None for one that cannot be decoded."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (columns * 4, columns * 4))  # a JPEG is decoded reduced
            small = picture.convert("RGB")
            # A cell is twice as high as wide: two square pixels fill it.
            small.thumbnail((columns, columns + columns % 2))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    width, height = small.size
    pixels = small.tobytes()
    text = Text(no_wrap=True, end="")
    for top in range(0, height - height % 2, 2):
        for left in range(width):
            upper, lower = (_rgb(pixels, (row * width + left) * 3) for row in (top, top + 1))
            text.append(_HALF_BLOCK, Style(color=upper, bgcolor=lower))
        text.append("\n")
    text.rstrip()
    return text


def _rgb(pixels: bytes, at: int) -> Color:
    return Color.from_rgb(*pixels[at : at + 3])
