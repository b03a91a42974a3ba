"""A fingerprint of a picture that survives another encoding: are two files the same picture?

The hash of Zauner, "Implementation and benchmarking of perceptual image hash functions", 2010: which of the lowest
frequencies of the discrete cosine transform lie above their median. His 64 bits are too few for portraits, all of
which have a head in the middle: two of 120 drawn ones came as near as 2 bits. Here it has 1024.
"""

from __future__ import annotations

from functools import cache
from math import comb
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facemon.vision.subject import Subject

_FREQUENCIES = 32  # in each direction, the constant left out
BITS = _FREQUENCIES**2
_SIDE = 128  # pixels of the grey picture that is transformed
# How bits of two different pictures differ, as if so many of them were independent and each differed with this
# probability. Measured: 64 to 77 and 0.40 to 0.43 within an age and gender of drawn portraits (42 each of two), which
# are more alike than real ones; 831 and 0.50 on 63 real portraits. What stands here lies below all of them.
_INDEPENDENT_BITS, _DIFFERING = 48, 0.38
# 61 pictures, half of them real, written anew as JPEG of quality 20 and above, as WebP of 85, at half the size or
# darker by a third differed in at most 42 bits from the original; two drawn portraits of 204 in at least 196, two real
# ones of 63 in 434.
_MOST = 102


def perceptual_hash(subject: Subject) -> NDArray[np.bool_]:
    """The picture's 1024 bits, shape (1024,). Raises Unreadable.

    Of the whole picture, so that it needs no face: another light, another size or another format change few bits, a
    cut edge changes many.
    """
    # The pixels that faces are looked for in are at hand, and have one size whatever the picture's.
    grey = Image.fromarray(subject.searched).convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    cosines = _cosines()
    # Rounded, so that a flat picture has no bits made of rounding errors.
    frequencies = np.round(cosines @ np.asarray(grey, np.float64) @ cosines.T, 3)
    return np.asarray(frequencies > np.median(frequencies)).ravel()


def bits_apart(hashes: NDArray[np.bool_]) -> NDArray[np.int64]:
    """In how many bits each two differ (Hamming distance): shape (n, bits) to (n, n)."""
    ones = hashes.astype(np.float64)  # sums of ones and zeros are exact in it, and the product is quick
    count = ones.sum(axis=1)
    return np.asarray(np.rint(count[:, None] + count - 2 * ones @ ones.T), np.int64)


def chance_limit(pairs: int, expected: float = 0.01) -> int:
    """Up to how many differing bits two pictures count as the same picture, where `pairs` are compared.

    The largest number at which fewer than `expected` of so many pairs of different pictures are that near by chance.
    The number of differing bits is binomial with the figures above. It never goes below 0, identical bits, nor above
    a tenth of all bits, which no other encoding of a picture needs.
    """
    probability, limit = 0.0, 0
    for differing in range(_INDEPENDENT_BITS):
        probability += (
            comb(_INDEPENDENT_BITS, differing)
            * _DIFFERING**differing
            * (1 - _DIFFERING) ** (_INDEPENDENT_BITS - differing)
        )
        if pairs * probability >= expected:
            break
        limit = differing * BITS // _INDEPENDENT_BITS
    return min(limit, _MOST)


@cache
def _cosines() -> NDArray[np.float64]:
    places, frequencies = np.arange(_SIDE) + 0.5, np.arange(1, _FREQUENCIES + 1)
    return np.asarray(np.cos(np.pi / _SIDE * np.outer(frequencies, places)))
