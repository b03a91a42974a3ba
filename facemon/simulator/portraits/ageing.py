"""What the years do: one plain curve of wear, from which every sign of age is derived.

The curve is set by eye, so that contact sheets can be sorted into decades; it is fitted to no vision model.
What the judge needs beside it is in `fitted`, and is too faint to move a decade.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facemon.simulator.portraits.dice import Dice

_AGES = (18, 20, 30, 40, 50, 60, 70, 90)
# Wear of the skin: slow at first, then about a fifth a decade. 1 is an eighty-year-old.
_WEAR = (0.0, 0.0, 0.09, 0.22, 0.4, 0.62, 0.85, 1.1)
# Share of grey hair; most people are half grey between 50 and 55.
_GREY = (0.0, 0.0, 0.0, 0.05, 0.40, 0.72, 0.97, 1.0)
# Less than half a decade's step each, so that chance cannot swap two decades.
_WEAR_SPREAD = 0.03
_GREY_SPREAD = 0.06


@dataclass(frozen=True)
class Ageing:
    """Amounts from 0, at 20, to about 1, at 80."""

    decades: float  # (age - 20) / 50, for what changes evenly
    wear: float  # lines and folds
    grey: float  # hair
    bags: float  # under the eyes
    hooding: float  # skin over the outer upper lid
    jowls: float  # along the jaw
    hollows: float  # in the cheeks and under the eyes
    mottling: float  # uneven colour of the skin
    texture: float  # coarse skin
    spots: float  # age spots


def aged(age: int, dice: Dice) -> Ageing:
    """The signs of this age, a little different from person to person."""
    wear = max(0.0, dice.near(float(np.interp(age, _AGES, _WEAR)), _WEAR_SPREAD if age > 25 else 0.0))
    grey = float(np.interp(age, _AGES, _GREY))
    return Ageing(
        decades=float(np.clip((age - 20) / 50, 0, 1.2)),
        wear=wear,
        grey=float(np.clip(dice.near(grey, _GREY_SPREAD), 0, 1)) if age > 35 else 0.0,
        bags=max(0.0, dice.near(1.5 * wear, 0.08)),
        hooding=0.5 * wear,
        jowls=wear,
        hollows=max(0.0, dice.near(0.4 * wear, 0.04)),
        mottling=0.2 + 0.45 * wear,
        texture=0.016 + 0.03 * wear,
        spots=max(0.0, wear - 0.45),
    )
