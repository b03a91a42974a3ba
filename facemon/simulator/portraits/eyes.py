"""Eyes, lids, lashes and brows. Both eyes are drawn by the same lines in mirrored coordinates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facemon.simulator.portraits.canvas import Plane, Region, bell, ramp
from facemon.simulator.portraits.colours import Colour, blend, darken, shaded
from facemon.simulator.portraits.features import Person

_IRIS = 0.100  # radius: 6 mm, nearly the same in all people
_PUPIL = 0.040
_WHITE: Colour = (0.66, 0.60, 0.56)
_BLACK: Colour = (0.006, 0.006, 0.006)
_CATCHLIGHT = (0.032, -0.045)  # from the pupil, towards the light
_NO_RED: Colour = (0.93, 1.0, 1.0)
_FLESH: Colour = (0.3, 0.8, 0.8)
_CREASE: Colour = (0.8, 1.0, 1.0)


@dataclass(frozen=True)
class _Eye:
    """One eye: `out` grows from its middle to the outer corner, `down` downwards along its tilt."""

    out: Plane
    down: Plane
    across: Plane  # `out` in half widths of the eye: -1 inner corner, 1 outer corner
    upper: Plane  # how far the upper lid is above the middle
    lower: Plane
    pixel: float
    side: float  # -1 the picture's left, 1 its right


def paint_eyes(face: Plane, region: Region, person: Person) -> None:
    """Eyes and lids, in place, on a lit face."""
    for side in (-1.0, 1.0):
        centre = side * person.eyes.distance
        window = region.part(centre - 0.42, centre + 0.42, -0.30, 0.26)
        eye = _place(window, centre, side, person)
        picture = window.view(face, of=region)
        blend(picture, _eyeball(eye, person), _aperture(eye))
        _paint_lids(picture, eye, person)


def paint_brows(face: Plane, region: Region, person: Person) -> None:
    """Brows, in place, on a lit face."""
    brows, male = person.brows, person.male
    for side in (-1.0, 1.0):
        left, right = sorted((0.05 * side, 1.05 * side))
        window = region.part(left, right, -0.75, -0.05)
        out = window.u * side
        along_brow = np.clip((out - 0.17) / 0.72, 0, 1)
        middle = brows.height - brows.arch * np.sin(2.5 * along_brow**1.25) + 0.05 * along_brow**3
        middle += 0.035 if male else 0.04 * (1 - along_brow)
        thickness = brows.thickness * (1 - 0.62 * along_brow**1.6)
        thickness *= 0.75 + 0.25 * np.clip(5 * along_brow, 0, 1)
        cover = np.exp(-0.5 * np.abs((window.v - middle) / thickness) ** 3.2)
        cover *= ramp(out, 0.10, 0.21) * ramp(out, 0.95, 0.83)
        # Hairs lean outwards, the more so towards the temple.
        lean = out + window.v * (1.4 - 2.2 * along_brow)
        hairs = np.sin(150 * lean + 1.5 * window.noise(person.dice("brow hairs").generator, 0.05))
        strength = np.clip(cover * (brows.strength + 0.10 * hairs), 0, 0.95)
        blend(window.view(face, of=region), person.hair.brow_colour, strength)


def _place(window: Region, centre: float, side: float, person: Person) -> _Eye:
    eyes = person.eyes
    out = (window.u - centre) * side
    down = window.v + eyes.tilt * out
    across = out / eyes.width
    # Both lids are highest a little off the middle: the upper towards the nose, the lower away from it.
    inward = across + 0.12 * (1 - across**2)
    outward = across - 0.10 * (1 - across**2)
    hood = 1 - 0.45 * person.ageing.hooding * ramp(across, -0.4, 0.9)
    upper = 0.098 * eyes.opening * np.clip(1 - np.abs(inward) ** 2.2, 0, 1) ** 0.85 * hood
    lower = 0.062 * (0.6 + 0.4 * eyes.opening) * np.clip(1 - outward**2, 0, 1)
    return _Eye(out, down, across, upper, lower, 1.2 / window.unit, side)


def _aperture(eye: _Eye) -> Plane:
    above = ramp(eye.down + eye.upper, -eye.pixel, eye.pixel)
    below = ramp(eye.lower - eye.down, -eye.pixel, eye.pixel)
    return above * below * (np.abs(eye.across) < 1)


def _eyeball(eye: _Eye, person: Person) -> Plane:
    radius = np.sqrt(eye.out**2 + (eye.down + 0.012) ** 2)
    roundness = 1 - 0.42 * eye.across**2 - 0.1 * person.ageing.decades
    ball = shaded(_WHITE, roundness * np.ones_like(radius))
    blend(ball, _iris(eye, radius, person.eyes.iris), ramp(radius, _IRIS + eye.pixel, _IRIS - eye.pixel))
    blend(ball, _BLACK, ramp(radius, _PUPIL + eye.pixel, _PUPIL - eye.pixel))
    darken(ball, 0.62 * np.exp(-np.clip(eye.down + eye.upper, 0, 1) / 0.028))  # the lid's shadow
    right, below = _CATCHLIGHT
    glint = bell(eye.out * eye.side, -right, 0.0134) * bell(eye.down, below, 0.0134)
    ball += 0.9 * np.clip(1.3 * glint, 0, 1)[..., None]
    return ball


def _iris(eye: _Eye, radius: Plane, colour: Colour) -> Plane:
    angle = np.arctan2(eye.down, eye.out)
    fibres = 1 + 0.25 * np.sin(23 * angle + 4 * np.sin(5 * angle)) + 0.5 * ramp(radius, 0.09, 0.04)
    dark_rim = ramp(radius, _IRIS + 0.004, _IRIS - 0.015)
    lit_from_below = 1 + 0.5 * eye.down / _IRIS  # light falls in above and lands on the lower half
    return shaded(colour, 0.8 * fibres * lit_from_below * dark_rim + 0.12)


def _paint_lids(picture: Plane, eye: _Eye, person: Person) -> None:
    lashes, ageing = person.eyes.lashes, person.ageing
    aside = np.abs(eye.across)
    outer = 0.6 + 0.6 * ramp(eye.across, -0.9, 1.0)
    thickness = (0.011 + 0.014 * lashes) * outer
    lash_line = np.exp(-0.5 * ((eye.down + eye.upper + 0.004) / thickness) ** 2)
    lash_line *= ramp(aside, 1.12 + 0.1 * lashes, 0.95)
    darken(picture, np.clip(lash_line * (0.62 + 0.35 * lashes), 0, 0.95), _NO_RED)

    rim = bell(eye.down - eye.lower, 0.004, 0.011) * ramp(aside, 1.1, 0.9) * ramp(eye.across, -1, 0.6)
    darken(picture, rim * (0.28 + 0.25 * lashes))

    above = eye.upper + (0.062 - 0.022 * ageing.wear) * (1 - 0.3 * eye.across**2)
    crease = bell(eye.down + above, 0, 0.015 + 0.006 * ageing.wear) * ramp(aside, 1.25, 0.8)
    darken(picture, 0.42 * crease, _CREASE)

    tear_duct = bell(eye.out, -0.96 * person.eyes.width, 0.021) * bell(eye.down, 0.008, 0.014)
    darken(picture, 0.45 * tear_duct, _FLESH)
