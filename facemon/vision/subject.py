"""A picture decoded once and reduced once; every evaluator reads from it.

Each view is made when it is first asked for: a picture that does not decode still has its bytes, and an evaluator
that needs only the format does not wait for a reduction.
"""

from __future__ import annotations

import io
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

REDUCED_SIDE = 320  # pixels of the shorter side at which the classical measures are taken
_MOST_PIXELS = (
    64_000_000  # a picture larger than that is a decompression bomb: the API paints at most 2.4 million
)


class Unreadable(Exception):
    """The bytes do not decode to a picture; the message says where it ended."""


class Subject:
    """One picture under judgement. `data`: the encoded bytes as they were served."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def image(self) -> Image.Image:
        """The picture, decoded to its last byte. Raises Unreadable."""
        try:
            image = Image.open(io.BytesIO(self.data))
            if image.width * image.height > _MOST_PIXELS:
                raise Unreadable(f"{image.width}x{image.height} pixels, more than {_MOST_PIXELS}")
            image.load()
        except Unreadable:
            raise
        except (
            Exception
        ) as error:  # Pillow's decoders raise many kinds: each means that the bytes do not decode
            raise Unreadable(f"{type(error).__name__}: {error}") from None
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
        grey = self.image.convert("L")
        factor = max(1, min(grey.size) // REDUCED_SIDE)
        if factor > 1:
            grey = grey.reduce(factor)
        return np.asarray(grey, dtype=np.float32)


def laplacian_variance(grey: NDArray[np.float32]) -> float:
    """The variance of the 4-neighbour Laplacian, in squared grey values: little detail, little variance.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000. grey has the
    shape (height, width), at least 3 by 3.
    """
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    return float(laplacian.var())
