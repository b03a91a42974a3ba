"""Colours as the eye orders them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from facemon.vision.models import Rgb

# IEC 61966-2-1: from linear sRGB to CIE XYZ under its white, D65.
_TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
_WHITE = _TO_XYZ.sum(axis=1)
_KINK, _SLOPE = (
    (6 / 29) ** 3,
    (29 / 6) ** 2 / 3,
)  # CIE 15: below it the cube root gives way to a straight line


def cielab(pixels: Rgb) -> NDArray[np.float64]:
    """CIELAB of sRGB pixels: L* 0 to 100, a* (green to red) and b* (blue to yellow), about -110 to 100.

    pixels: shape (..., 3), 0 to 255 · returns the same shape. IEC 61966-2-1 for sRGB, CIE 15 for CIELAB, D65.
    """
    encoded = pixels / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    x, y, z = np.moveaxis(_curve(linear @ _TO_XYZ.T / _WHITE), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def _curve(share: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(share > _KINK, np.cbrt(share), _SLOPE * share + 4 / 29)
