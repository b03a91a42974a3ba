"""Hair seen from the side: a cap, what falls from it, or what is left of it."""

from __future__ import annotations

import numpy as np

from facemon.simulator.portraits.canvas import Plane, Region, bell, ramp
from facemon.simulator.portraits.colours import blend, shaded
from facemon.simulator.portraits.curves import Point
from facemon.simulator.portraits.features import Person
from facemon.simulator.portraits.side_head import filled

_WHORL = (0.55, -1.65)  # strands run from here, a little behind the crown
_STRANDS = 46.0  # a radian of the fan
_FALLS = {"long": 2.5, "wavy": 2.4, "bob": 1.45, "fringe": 2.3}  # v of the tips
_BEHIND_EAR: list[Point] = [(0.72, 0.80), (0.52, 0.30), (0.40, -0.12), (0.06, -0.16)]
_SIDEBURN: list[Point] = [(-0.10, 0.28), (-0.30, 0.26), (-0.40, -0.24)]


def paint_side_hair(picture: Plane, region: Region, person: Person) -> None:
    """Hair over head and neck, in place."""
    generator = person.dice("side hair").generator
    fan = np.arctan2(region.v - _WHORL[1], region.u - _WHORL[0])
    fan += 0.02 * region.noise(generator, 0.5)
    knots = generator.standard_normal(400)
    fine = np.interp((fan + 4) * _STRANDS, np.arange(400), knots).astype(np.float32)
    locks = np.interp((fan + 4) * (0.3 * _STRANDS), np.arange(400), knots[::-1]).astype(np.float32)
    shine = bell(np.hypot(region.u - 0.1, region.v - 0.2), 1.62, 0.20) * ramp(region.v, -0.2, -1.0)
    light = 0.62 + 0.16 * fine + 0.14 * locks + 0.6 * shine - 0.16 * region.u * ramp(region.v, 3.0, -1.0)
    cover = filled(region, _shape(person))
    if person.hair.style == "bun":
        cover = np.maximum(cover, region.edge(0.42 - np.hypot(region.u - 1.62, region.v + 0.95)))
    picture *= 1 - 0.35 * region.blurred(cover, 0.15)[..., None]  # its shadow on the skin
    blend(picture, shaded(person.hair.colour, np.clip(light, 0.12, 2)), cover)


def _shape(person: Person) -> list[Point]:
    """The outline of the hair, from the sideburn over the forehead and the crown to the nape."""
    style, volume = person.hair.style, person.hair.volume
    if style == "bald":
        return [*_SIDEBURN, (0.10, -0.55), (0.80, -0.75), (1.45, -0.62), *_back(0.03)[2:], *_BEHIND_EAR]
    if style == "buzz":
        volume = 0.03
    start = person.hair.hairline + (0.0 if style != "receding" else -0.35)
    temple: list[Point] = [(-0.62, -0.62), (-0.98, -0.78), (-1.33 - 0.5 * (start + 1.04), start)]
    top: list[Point] = [(-1.16, -1.40 - volume), (-0.55, -1.76 - volume), (0.20, -1.86 - volume)]
    fall = _FALLS.get(style)
    if fall is None:
        return [*_SIDEBURN, *temple, *top, *_back(volume), *_BEHIND_EAR]
    before: list[Point] = [(0.20, fall), (-0.10, 0.8 * fall), (-0.34, 0.70), (-0.46, 0.10)]
    behind: list[Point] = [(1.66 + volume, 0.40), (1.72, 0.6 * fall), (1.62, fall), (0.90, fall + 0.12)]
    return [*before, *temple, *top, *_back(volume)[:2], *behind]


def _back(volume: float) -> list[Point]:
    """From behind the crown down to the nape."""
    return [
        (0.95, -1.66 - volume),
        (1.46 + volume, -1.10),
        (1.58 + volume, -0.35),
        (1.46, 0.30),
        (1.20, 0.80),
        (1.03, 1.12),
    ]
