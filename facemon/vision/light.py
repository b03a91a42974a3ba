"""How light falls on a face: pure functions on grey values of 0 to 255, each with its source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facemon.vision.models import Rgb

# OFIQ, the reference implementation of ISO/IEC 29794-5, calls a pixel from this grey value on burnt.
_BURNT = 247
# ISO/IEC 29794-5 compares the sides of a face in 256 steps of grey. Steps of an eighth of the face's own mean tell a
# shadow as well, and neither the exposure nor a little noise moves them.
_STEPS, _STEPS_BRIGHTEST = 16, 2.0
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def luma(pixels: Rgb) -> NDArray[np.float32]:
    """Grey values 0 to 255 of pixels of shape (..., 3): ITU-R 601-2 luma, shape (...)."""
    return pixels.astype(np.float32) @ _LUMA


def highlight(grey: NDArray[np.float32]) -> float:
    """The grey value that 95 of 100 pixels do not exceed, as a share of white, 0 to 1."""
    return float(np.percentile(grey, 95) / 255)


def burnt_share(grey: NDArray[np.float32]) -> float:
    """The share of pixels that are white or nearly so (ISO/IEC 29794-5, over-exposure prevention), 0 to 1."""
    return float(np.mean(grey >= _BURNT))


def entropy(grey: NDArray[np.float32]) -> float:
    """The Shannon entropy of the grey values, in bits: 0 for one value, 8 for all alike (ISO/IEC 29794-5)."""
    counts = np.bincount(grey.astype(np.uint8).ravel(), minlength=256)
    shares = counts[counts > 0] / grey.size
    return float(-(shares * np.log2(shares)).sum()) + 0.0  # no negative zero


def overlap(left: NDArray[np.float32], right: NDArray[np.float32]) -> float:
    """How much two regions' histograms have in common, 0 to 1 (ISO/IEC 29794-5, illumination uniformity).

    Taken relative to the mean of both regions, in steps of an eighth of it; regions without any light have all in
    common.
    """
    mean = float((left.mean() + right.mean()) / 2)
    if mean == 0:
        return 1.0
    one, other = (_histogram(region / mean) for region in (left, right))
    return float(np.minimum(one, other).sum())


def gradient_mean(grey: NDArray[np.float32]) -> float:
    """The mean magnitude of the 3 by 3 Sobel gradient, unscaled: 8 for a slope of one grey value a pixel.

    ISO/IEC 29794-5, background uniformity. grey has at least 3 by 3 pixels.
    """
    down = grey[:-2] + 2 * grey[1:-1] + grey[2:]
    across = grey[:, :-2] + 2 * grey[:, 1:-1] + grey[:, 2:]
    return float(np.hypot(down[:, 2:] - down[:, :-2], across[2:] - across[:-2]).mean())


def _histogram(relative: NDArray[np.float32]) -> NDArray[np.float64]:
    counts, _ = np.histogram(relative.clip(0, _STEPS_BRIGHTEST), _STEPS, (0, _STEPS_BRIGHTEST))
    return counts / relative.size
