"""A picture decoded once and reduced once; every evaluator reads from it.

Each view is made when it is first asked for: a picture that does not decode still has its bytes, and an evaluator
that needs only the format does not wait for a reduction.
"""

from __future__ import annotations

import io
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, UnidentifiedImageError

from facemon import encoded

if TYPE_CHECKING:
    from numpy.typing import NDArray

REDUCED_SIDE = 320  # pixels of the shorter side at which the classical measures are taken
_MOST_PIXELS = (
    16_000_000  # more is a decompression bomb, or too much for our memory: the API paints 2.4 million
)
_FORMATS = ("PNG", "JPEG", "WEBP")  # Pillow knows others, one of which (EPS) starts a program


class Unreadable(Exception):
    """The bytes do not decode to a picture; the message says where it ended."""


class Subject:
    """One picture under judgement. `data`: the encoded bytes as they were served."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @property
    def image(self) -> Image.Image:
        """The picture, decoded to its last byte. Raises Unreadable."""
        if isinstance(self._decoded, Unreadable):
            raise self._decoded.with_traceback(None)
        return self._decoded

    @cached_property
    def _decoded(self) -> Image.Image | Unreadable:
        """The picture or why there is none, found out once however many ask."""
        try:
            image = Image.open(io.BytesIO(self.data), formats=_FORMATS)
            if image.width * image.height > _MOST_PIXELS:
                return Unreadable(f"{image.width}x{image.height} pixels, more than {_MOST_PIXELS}")
            image.load()
            encoded.inspect(self.data)  # Pillow checks neither a PNG's sums nor its end
        except UnidentifiedImageError:
            return Unreadable("it is no PNG, JPEG or WebP")
        except Exception as error:  # its decoders raise many kinds: each means that the bytes do not decode
            return Unreadable(f"{type(error).__name__}: {error}")
        return image

    @property
    def format(self) -> str:
        """`png`, `jpeg`, `webp`, or whatever else Pillow found, in lower case. Raises Unreadable."""
        return (self.image.format or "unknown").lower()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels. Raises Unreadable."""
        return self.image.size

    @cached_property
    def luminance(self) -> NDArray[np.float32]:
        """Grey values 0 to 255 (ITU-R 601-2 luma), shape (height, width), the shorter side about 320 pixels.

        Averaged over whole blocks of pixels first, which is what makes it cheap. Raises Unreadable.
        """
        grey = _grey(self.image)
        factor = max(1, min(grey.size) // REDUCED_SIDE)
        if factor > 1:
            grey = grey.reduce(factor)
        return np.asarray(grey, dtype=np.float32)


def _grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):  # Pillow's own conversion cuts off at 255
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return image.convert("L")


def laplacian_variance(grey: NDArray[np.float32]) -> float:
    """The variance of the 4-neighbour Laplacian, in squared grey values: little detail, little variance.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000. grey has the
    shape (height, width), at least 3 by 3.
    """
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    return float(laplacian.var())
