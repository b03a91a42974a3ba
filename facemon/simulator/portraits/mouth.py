"""Lips, the line between them, and the shadows round nose and mouth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facemon.simulator.portraits.canvas import Plane, Region, bell, ramp
from facemon.simulator.portraits.colours import Colour, blend, darken, linear, mix, shaded, tint
from facemon.simulator.portraits.features import Person

_LIPSTICK = linear((170, 45, 55))
_SOFT = 0.014  # half the softness of the lips' edge
_WARM_SHADOW: Colour = (0.85, 0.97, 0.97)


@dataclass(frozen=True)
class Lips:
    """Planes over the region of the head."""

    cover: Plane
    meeting: Plane  # v of the line between the lips, 1 × width
    aside: Plane  # distance from the middle, 1 at the corners, 1 × width


def shape_lips(region: Region, person: Person) -> Lips:
    """Where the lips are."""
    mouth = person.mouth
    x = region.u / mouth.width
    aside = np.clip(np.abs(x), 0, 1.2)
    meeting = (
        mouth.height - 2 * mouth.smile * x**2 + 0.012 * np.cos(3 * x) + 0.012 * np.exp(-((x / 0.18) ** 2))
    )
    dip = 1 - 0.22 * np.exp(-((x / 0.13) ** 2))  # Cupid's bow
    upper = mouth.upper * np.clip(1 - aside**1.7, 0, 1) * dip
    lower = mouth.lower * np.clip(1 - aside**2.2, 0, 1) ** 0.8
    cover = ramp(region.v - meeting + upper, -_SOFT, _SOFT) * ramp(meeting + lower - region.v, -_SOFT, _SOFT)
    return Lips(cover * (aside < 1), meeting, aside)


def paint_lips(albedo: Plane, region: Region, person: Person, lips: Lips) -> None:
    """Colour the lips, in place, before light falls on them."""
    red, skin = min(person.mouth.redness, 1.0), person.skin.colour
    rouge = mix(tint(skin, (0.8, 0.8, 0.8)), _LIPSTICK, 0.65)
    colour = mix(tint(skin, (0.92, 0.62, 0.62)), rouge, red)
    furrows = np.sin(130 * region.u + 2 * region.noise(person.dice("lips").generator, 0.3))
    light = 1 + (0.05 + 0.05 * person.ageing.decades) * furrows
    blend(albedo, shaded(colour, light), lips.cover * (0.88 - 0.2 * person.ageing.wear))


def shade_mouth(face: Plane, region: Region, person: Person, lips: Lips) -> None:
    """The dark line between the lips and the shadow below them, in place."""
    mouth = person.mouth
    breadth = 0.013 + 0.006 * (1 - lips.aside)
    line = np.exp(-0.5 * ((region.v - lips.meeting) / breadth) ** 2) * ramp(lips.aside, 1.08, 0.85)
    line += 0.5 * region.pair(mouth.width + 0.015, mouth.height - 2 * mouth.smile, 0.03, 0.025)
    darken(face, np.clip(0.78 * line, 0, 1), (0.85, 1.0, 1.0))
    darken(face, 0.20 * region.spot(0, mouth.height + mouth.lower + 0.06, 0.22, 0.035))


def shade_nose(face: Plane, region: Region, person: Person) -> None:
    """The nostrils, and the shadow that the nose casts away from the light, in place."""
    tip, wing = person.nose.length, person.nose.width
    away = 1.0 if person.scene.light < 0 else -1.0
    shadow = 0.32 * region.spot(0.14 * away, tip + 0.06, 0.22, 0.05)
    shadow += 0.18 * region.spot((wing + 0.06) * away, tip - 0.1, 0.08, 0.12)
    slant = region.v + 0.12 * (np.abs(region.u) - 0.5 * wing)
    nostrils = bell(region.u, 0.5 * wing, 0.058) + bell(region.u, -0.5 * wing, 0.058)
    shadow += 0.80 * nostrils * bell(slant, tip + 0.012, 0.022)
    darken(face, np.clip(shadow, 0, 0.9), _WARM_SHADOW)
