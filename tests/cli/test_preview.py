"""The picture in the terminal."""

from __future__ import annotations

import io

from PIL import Image

from facemon.cli.preview import preview


def encoded(picture: Image.Image, kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


def test_a_cell_holds_two_pixels() -> None:
    """The upper pixel is the half block's colour, the lower one its background."""
    picture = Image.new("RGB", (2, 2), (255, 0, 0))
    picture.putpixel((0, 1), (0, 0, 255))
    text = preview(encoded(picture))
    assert text is not None
    assert text.plain == "▀▀"
    assert str(text.spans[0].style) == "#ff0000 on #0000ff"


def test_the_picture_keeps_its_shape() -> None:
    """A square fills as many columns as given, at half as many lines; a tall one is narrower, a wide one flatter."""
    sizes = {"square": (300, 300), "tall": (100, 300), "wide": (300, 100)}
    shapes = {}
    for name, size in sizes.items():
        text = preview(encoded(Image.new("RGB", size), "JPEG"), columns=30)
        assert text is not None
        lines = text.plain.splitlines()
        shapes[name] = (len(lines[0]), len(lines))
    assert shapes == {"square": (30, 15), "tall": (10, 15), "wide": (30, 5)}


def test_what_is_no_picture_has_no_preview() -> None:
    """A broken picture is told in words, not by a crash."""
    assert preview(b"") is None
    assert preview(encoded(Image.effect_noise((64, 64), 20))[:800]) is None
