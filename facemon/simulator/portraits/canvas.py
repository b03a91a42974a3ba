"""Face coordinates and the tools that draw in them.

The origin lies midway between the pupils, `u` grows to the picture's right and `v` downwards, and the unit is
the distance between the pupils of an average face (63 mm in life): eyes at v = 0, tip of the nose near 0.8,
mouth near 1.15, chin near 1.9, crown near -1.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.floating[Any]]
"""Height × width (or height × width × 3), always float32: half the memory and twice the speed of float64.

The type says less, because NumPy's stubs lose the precision when a Python float takes part.
"""


@dataclass(frozen=True)
class Region:
    """A rectangle of the picture: `u` is 1 × width, `v` is height × 1, so that they broadcast to a plane.

    Most parts of a face are small, and are computed on a region of their own instead of on the whole picture.
    """

    u: Plane
    v: Plane
    unit: float  # pixels a face unit
    top: int = 0  # where this region begins in the whole canvas
    left: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        return self.v.shape[0], self.u.shape[1]

    def part(self, left: float, right: float, top: float, bottom: float) -> Region:
        """The rectangle between these face coordinates, as far as it lies in this region."""
        first_column, last_column = np.searchsorted(self.u[0], (left, right))
        first_row, last_row = np.searchsorted(self.v[:, 0], (top, bottom))
        return Region(
            self.u[:, first_column:last_column],
            self.v[first_row:last_row],
            self.unit,
            self.top + int(first_row),
            self.left + int(first_column),
        )

    def view(self, plane: Plane, of: Region | None = None) -> Plane:
        """The part of `plane` under this region; writing to it writes to `plane`, which covers `of`
        (default: the whole canvas)."""
        top = self.top - (of.top if of else 0)
        left = self.left - (of.left if of else 0)
        height, width = self.shape
        return plane[top : top + height, left : left + width]

    def flat(self, value: float = 0.0) -> Plane:
        """A plane of one value."""
        return np.full(self.shape, value, np.float32)

    def spot(self, u: float, v: float, width: float, height: float) -> Plane:
        """A soft round spot of height 1: a Gaussian with these standard deviations.

        Two one-dimensional exponentials instead of a plane of them: a face has more than fifty spots.
        """
        return bell(self.u, u, width) * bell(self.v, v, height)

    def pair(self, u: float, v: float, width: float, height: float) -> Plane:
        """A spot on either side of the face."""
        return (bell(self.u, u, width) + bell(self.u, -u, width)) * bell(self.v, v, height)

    def edge(self, inside: Plane, hardness: float = 1.0) -> Plane:
        """Coverage from a distance in face units, positive inside: an edge about two pixels wide at hardness 1."""
        coverage: Plane = np.clip(inside * (self.unit * 0.5 * hardness) + 0.5, 0, 1)
        return coverage

    def noise(self, generator: np.random.Generator, grain: float) -> Plane:
        """Smooth noise with a deviation near 1 and structures of `grain` face units."""
        height, width = self.shape
        step = max(grain * self.unit, 1.0)
        cells = (max(2, round(height / step)), max(2, round(width / step)))
        return _resized(generator.standard_normal(cells, np.float32), height, width, Image.Resampling.BICUBIC)

    def blurred(self, plane: Plane, radius: float) -> Plane:
        """Roughly a blur of this radius in face units: shrinking and enlarging costs the same at any radius."""
        height, width = plane.shape
        step = max(radius * self.unit, 1.0)
        small = (max(4, round(height / step)), max(4, round(width / step)))
        shrunk = _resized(plane, *small, Image.Resampling.BOX)
        return _resized(shrunk, height, width, Image.Resampling.BICUBIC)


def canvas(width: int, height: int, unit: float, centre: tuple[float, float]) -> Region:
    """A region of `width` × `height` pixels with the point between the eyes at the pixel `centre`."""
    u = (np.arange(width, dtype=np.float32) + 0.5 - centre[0]) / unit
    v = (np.arange(height, dtype=np.float32) + 0.5 - centre[1]) / unit
    return Region(u[None, :].astype(np.float32), v[:, None].astype(np.float32), unit)


def bell(x: Plane, centre: float | Plane, width: float) -> Plane:
    """A Gaussian of height 1 with the standard deviation `width`."""
    height: Plane = np.exp(-0.5 * ((x - centre) / width) ** 2)
    return height


def ramp(x: Plane, start: float, end: float) -> Plane:
    """0 before `start`, 1 after `end`, a smooth cubic between; falls instead of rising if `end` < `start`."""
    t = np.clip((x - start) / (end - start), 0, 1)
    risen: Plane = t * t * (3 - 2 * t)
    return risen


def along(x: Plane, places: list[float], values: list[float]) -> Plane:
    """Straight lines through (place, value), flat outside them."""
    return np.interp(x, places, values).astype(np.float32)


def _resized(plane: Plane, height: int, width: int, how: Image.Resampling) -> Plane:
    return np.asarray(Image.fromarray(plane).resize((width, height), how))
