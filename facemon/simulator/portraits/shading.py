"""Light on a height field: one large window, a weak fill from the other side, and no ray tracing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facemon.simulator.portraits.canvas import Plane, Region

_LIGHT_DOWN = -0.50
_LIGHT_FRONT = 0.74


@dataclass(frozen=True)
class Light:
    """Planes over the surface that was lit."""

    direct: Plane  # cosine between surface and light, negative where it is turned away
    fill: Plane
    mirror: Plane  # cosine for highlights: how well the surface mirrors the light into the eye


def light_up(height: Plane, unit: float, from_side: float) -> Light:
    """`height` in face units with `unit` pixels each; `from_side` < 0 puts the window to the left."""
    down, across = np.gradient(height, np.float32(1 / unit))
    facing = 1 / np.sqrt(across * across + down * down + 1)  # z of the surface's normal
    x, y = -across * facing, -down * facing
    sun = np.array([from_side, _LIGHT_DOWN, _LIGHT_FRONT])
    sun /= np.linalg.norm(sun)
    halfway = sun + np.array([0, 0, 1])  # between the light and the viewer (Blinn)
    halfway /= np.linalg.norm(halfway)
    return Light(
        direct=_dot(x, y, facing, sun),
        fill=np.clip(0.75 * x - 0.1 * y + 0.6 * facing, 0, 1),
        mirror=np.clip(_dot(x, y, facing, halfway), 0, 1),
    )


def occlusion(region: Region, height: Plane) -> Plane:
    """How much of the room's light arrives: less in hollows, found by comparing with a blurred surface."""
    wide = np.clip(region.blurred(height, 0.35) - height, -0.05, 0.4)
    narrow = np.clip(region.blurred(height, 0.12) - height, -0.03, 0.3)
    return np.clip(1 - 1.5 * wide - 1.1 * narrow, 0.35, 1.12)


def skin_light(light: Light, open_sky: Plane, exposure: float) -> Plane:
    """Light that skin sends back, height × width × 3.

    Light enters skin and comes out beside where it went in, red the farthest: the shadow's edge is moved on
    by `wrap`, more for red than for blue ("wrap lighting", a usual stand-in for subsurface scattering).
    """
    channels = []
    for wrap, ambient in ((0.34, 0.25), (0.18, 0.225), (0.12, 0.22)):
        wrapped = np.clip((light.direct + wrap) / (1 + wrap), 0, 1)
        channels.append(ambient * open_sky + 0.86 * wrapped * (0.35 + 0.65 * open_sky) + 0.13 * light.fill)
    return np.stack(channels, -1) * np.float32(exposure)


def _dot(x: Plane, y: Plane, z: Plane, direction: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Plane:
    right, down, front = (float(part) for part in direction)
    cosine: Plane = x * right + y * down + z * front
    return cosine
