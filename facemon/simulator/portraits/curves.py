"""Smooth curves through a few points, and lines of varying strength stamped along them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facemon.simulator.portraits.canvas import Plane, Region

Point = tuple[float, float]
_STEPS = 8  # straight pieces between two points: no corner is seen at 100 pixels a unit
_REACH = 4.0  # a Gaussian line is invisible beyond four deviations


def spline(points: Sequence[Point], steps: int = _STEPS) -> Plane:
    """Points of the Catmull-Rom spline through `points`, n × 2. It passes through each of them."""
    ends = np.array([points[0], *points, points[-1]], np.float32)
    t = np.linspace(0, 1, steps, endpoint=False, dtype=np.float32)[:, None]
    pieces = []
    for i in range(len(points) - 1):
        before, start, end, after = ends[i : i + 4]
        slope = (end - before) * t
        bend = (2 * before - 5 * start + 4 * end - after) * t**2
        twist = (3 * start - before - 3 * end + after) * t**3
        pieces.append(start + 0.5 * (slope + bend + twist))
    return np.concatenate([*pieces, ends[-1:]])


def stamp_line(
    plane: Plane,
    region: Region,
    points: Sequence[Point],
    width: float,
    strength: float,
    mirrored: bool = False,
) -> None:
    """Raise `plane` (which covers `region`) to `strength` along the spline, where it is not higher already.

    The line is Gaussian across with the deviation `width`, and grows thin towards its ends, as creases do.
    `mirrored` reflects it to the other side of the face.
    """
    path = spline([(-u, v) for u, v in points] if mirrored else points)
    margin = _REACH * width + 0.02
    (left, top), (right, bottom) = path.min(axis=0) - margin, path.max(axis=0) + margin
    window = region.part(float(left), float(right), float(top), float(bottom))
    if 0 in window.shape:
        return
    nearest = _squared_distance(window, path)
    target = window.view(plane, of=region)
    np.maximum(target, strength * np.exp(nearest * (-0.5 / width**2)), out=target)


def _squared_distance(window: Region, path: Plane) -> Plane:
    """The least squared distance of each pixel to the path, enlarged where the line is to be thin."""
    start, step = path[:-1, :, None, None], np.diff(path, axis=0)[:, :, None, None]
    across, down = window.u[None] - start[:, 0], window.v[None] - start[:, 1]
    length = np.maximum(step[:, 0] ** 2 + step[:, 1] ** 2, np.float32(1e-9))
    place = np.clip((across * step[:, 0] + down * step[:, 1]) / length, 0, 1)
    squared = (across - place * step[:, 0]) ** 2 + (down - place * step[:, 1]) ** 2
    pieces = len(step)
    middle = (np.arange(pieces, dtype=np.float32) + 0.5) / pieces
    thinness = np.sin(np.pi * middle) ** 1.2 + 0.02
    nearest: Plane = (squared / thinness[:, None, None].astype(np.float32)).min(axis=0)
    return nearest
