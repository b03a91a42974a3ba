"""The creases of a face, as one plane: 0 is smooth skin, 1 the deepest fold."""

from __future__ import annotations

from functools import partial
from math import cos, sin

from facemon.simulator.portraits.canvas import Plane, Region
from facemon.simulator.portraits.curves import stamp_line
from facemon.simulator.portraits.dice import Dice
from facemon.simulator.portraits.features import Person

_MOST_FOREHEAD_LINES = 4.5  # at wear 1
_MOST_CROWS_FEET = 4.0


def wrinkles(region: Region, person: Person) -> Plane:
    """What wear has folded. Lines come in one after the other, so that each decade has its own picture."""
    grooves = region.flat()
    dice = person.dice("wrinkles")
    for mirrored in (False, True):
        line = partial(stamp_line, grooves, region, mirrored=mirrored)
        _beside_nose_and_mouth(line, person)
        _under_the_eye(line, person)
        _crows_feet(line, person, dice)
    _forehead(partial(stamp_line, grooves, region), person, dice)
    _above_the_lip(partial(stamp_line, grooves, region), person, dice)
    return grooves


def _beside_nose_and_mouth(line: partial[None], person: Person) -> None:
    wear, nose, mouth = person.ageing.wear, person.nose, person.mouth
    corner, level = mouth.width, mouth.height
    cheek_fold = [
        (nose.width + 0.05, nose.length - 0.14),
        (0.42, nose.length + 0.04),
        (corner + 0.06, level - 0.08),
        (corner + 0.08, level + 0.06),
    ]
    line(cheek_fold, 0.026 + 0.008 * wear, 0.10 + 0.75 * wear)
    wing = [
        (nose.width + 0.035, nose.length - 0.15),
        (nose.width + 0.05, nose.length - 0.07),
        (nose.width, nose.length + 0.02),
    ]
    line(wing, 0.018, 0.5)
    if wear > 0.3:
        marionette = [
            (corner + 0.02, level + 0.03),
            (corner + 0.07, level + 0.17),
            (corner + 0.05, level + 0.34),
        ]
        line(marionette, 0.024, 0.75 * (wear - 0.25))


def _under_the_eye(line: partial[None], person: Person) -> None:
    wear, eye = person.ageing.wear, person.eyes.distance
    upper = [(eye - 0.2, 0.12), (eye - 0.05, 0.185), (eye + 0.14, 0.18), (eye + 0.25, 0.13)]
    line(upper, 0.016 + 0.008 * wear, 0.12 + 0.55 * wear)
    if wear > 0.35:
        line([(eye - 0.22, 0.15), (eye - 0.05, 0.28), (eye + 0.2, 0.29)], 0.024, 0.55 * (wear - 0.15))


def _crows_feet(line: partial[None], person: Person, dice: Dice) -> None:
    wear = person.ageing.wear
    corner = person.eyes.distance + person.eyes.width + 0.05
    reach = 0.12 + 0.12 * wear
    for place in range(round(_MOST_CROWS_FEET * wear)):
        angle = dice.near(-0.40 + 0.30 * place, 0.05)
        level = 0.01 + 0.03 * place
        points = [(corner + reach * r * cos(angle), level + reach * r**1.1 * sin(angle)) for r in (0, 0.5, 1)]
        line(points, 0.014, 0.45 * wear)


def _forehead(line: partial[None], person: Person, dice: Dice) -> None:
    wear = person.ageing.wear
    for place in range(round(_MOST_FOREHEAD_LINES * wear)):
        level = dice.near(-0.56 - 0.115 * place, 0.012)
        reach = dice.near(0.68 - 0.06 * place, 0.05)
        aside = dice.near(0.0, 0.04)
        # Up over each brow and down to the nose, but never the same twice.
        rises = [(-1.0, 0.04), (-0.5, -0.008), (0.0, 0.010), (0.5, -0.008), (1.0, 0.04)]
        points = [(aside + reach * r, dice.near(level + rise, 0.007)) for r, rise in rises]
        line(points, 0.017, dice.near(0.55, 0.08) * min(wear, 0.9))
    if wear > 0.3:
        for side in (-1, 1):
            frown = [(0.07 * side, -0.36), (0.078 * side, -0.24), (0.06 * side, -0.14)]
            line(frown, 0.016, 0.5 * wear)


def _above_the_lip(line: partial[None], person: Person, dice: Dice) -> None:
    wear, level = person.ageing.wear, person.mouth.height
    if wear < 0.5:
        return
    for place in range(7):
        u = dice.near(-0.27 + 0.09 * place, 0.01)
        line([(u, level - 0.2), (1.02 * u, level - 0.08)], 0.009, 0.16 * wear)
