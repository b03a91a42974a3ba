"""A picture with nobody in it: books and a plant on a table before the wall."""

from __future__ import annotations

import numpy as np
from PIL import Image

from facemon.simulator.portraits.canvas import Plane, Region, bell, canvas, ramp
from facemon.simulator.portraits.casting import imagine
from facemon.simulator.portraits.colours import GAMMA, Colour, blend, linear, shaded
from facemon.simulator.portraits.photograph import drawing_size, enlarge, grained

_UNIT = 0.2  # of the short side: five units fill a square
_TABLE = 1.0  # v of the far edge of the table
_WOOD = linear((150, 104, 66))
_CLAY = linear((176, 92, 60))
_LEAF = linear((58, 110, 52))
_PAPER = linear((235, 228, 210))


def no_face(age: int, gender: str, seed: int, width: int, height: int) -> Image.Image:
    """Where the person should be there is a table with a row of books and a plant in a pot."""
    person = imagine(age, gender, seed)
    across, down = drawing_size(width, height)
    whole = canvas(across, down, _UNIT * min(across, down), (across / 2, down / 2))
    chance = person.dice("still life").generator
    picture = shaded(person.scene.background, 0.7 + 0.5 * whole.spot(-0.8, -1.0, 3.0, 2.4))
    _lay_table(picture, whole, chance)
    _stand_books(picture, whole, chance)
    _put_plant(picture, whole, chance)
    encoded = np.clip(picture, 0, 1) ** np.float32(1 / GAMMA)
    drawing = Image.fromarray((255 * encoded).astype(np.uint8))
    return grained(enlarge(drawing, width, height), seed)


def _lay_table(picture: Plane, whole: Region, chance: np.random.Generator) -> None:
    region = whole.part(-100, 100, _TABLE, 100)
    if 0 in region.shape:
        return
    # Grain runs along the table: noise of the height only, bent by slow waves.
    rows = region.v + 0.06 * region.noise(chance, 1.2)
    knots = chance.standard_normal(600)
    fibres = np.interp(rows * 40, np.arange(600), knots).astype(np.float32)
    light = 0.8 + 0.13 * fibres + 0.05 * region.noise(chance, 0.04) - 0.05 * region.u
    light *= 1 - 0.4 * ramp(region.v, _TABLE + 0.12, _TABLE)
    region.view(picture)[:] = shaded(_WOOD, np.clip(light, 0.1, 1.4))
    _shadow(picture, whole, (-0.75, _TABLE + 0.36), (1.5, 0.10))
    _shadow(picture, whole, (1.45, _TABLE + 0.42), (0.6, 0.09))


def _shadow(picture: Plane, whole: Region, place: tuple[float, float], size: tuple[float, float]) -> None:
    picture *= 1 - 0.5 * whole.spot(*place, *size)[..., None]


def _stand_books(picture: Plane, whole: Region, chance: np.random.Generator) -> None:
    """Spines in a row, each with its own height, colour and bands."""
    left = -2.0
    while left < 0.35:
        thickness, height = float(chance.uniform(0.20, 0.38)), float(chance.uniform(1.5, 2.2))
        colour = linear(chance.uniform(30, 190, 3).tolist())
        _stand_book(picture, whole, (left, left + thickness), _TABLE + 0.32 - height, colour)
        left += thickness + 0.012


def _stand_book(
    picture: Plane, whole: Region, sides: tuple[float, float], top: float, colour: Colour
) -> None:
    left, right = sides
    bottom = _TABLE + 0.32
    region = whole.part(left, right, top, bottom)
    place = (region.u - left) / (right - left)
    light = (0.55 + 0.6 * bell(place, 0.35, 0.28)) * np.ones_like(region.v)
    spine = shaded(colour, light)
    for middle, thickness in ((0.14, 0.020), (0.20, 0.020), (0.86, 0.035)):
        band = region.edge(thickness - np.abs(region.v - top - middle * (bottom - top)))
        blend(spine, shaded(_PAPER, 0.8 * light), 0.8 * band)
    # A title is a row of strokes: nobody can read it from here.
    strokes = (np.sin(70 * region.v) + np.sin(113 * region.v + 1) > 0.2) * region.edge(
        0.16 - np.abs(place - 0.5)
    )
    title = strokes * ramp(np.abs((region.v - top) / (bottom - top) - 0.5), 0.25, 0.24)
    blend(spine, shaded(_PAPER, 0.9 * light), 0.8 * title.astype(np.float32))
    region.view(picture)[:] = spine


def _put_plant(picture: Plane, whole: Region, chance: np.random.Generator) -> None:
    pot = whole.part(0.8, 2.2, 0.2, _TABLE + 0.5)
    middle, foot = 1.45, _TABLE + 0.42
    half = 0.34 + 0.16 * ramp(pot.v, foot, 0.3) + 0.05 * ramp(pot.v, 0.47, 0.45)
    round_light = 0.35 + 0.75 * bell(pot.u - middle, -0.18, 0.26)
    for angle in np.linspace(-1.25, 1.25, 11) + chance.uniform(-0.08, 0.08, 11):
        _grow_leaf(picture, whole, float(angle), float(chance.uniform(1.1, 1.8)))
    bottom = foot - 0.06 * ((pot.u - middle) / 0.4) ** 2
    cover = pot.edge(half - np.abs(pot.u - middle)) * pot.edge(bottom - pot.v) * pot.edge(pot.v - 0.3)
    rim = 1 - 0.35 * bell(pot.v, 0.50, 0.03)
    blend(pot.view(picture), shaded(_CLAY, round_light * rim), cover)


def _grow_leaf(picture: Plane, whole: Region, angle: float, length: float) -> None:
    """A pointed leaf from the pot's middle, `angle` radians off the vertical."""
    region = whole.part(-0.5, 3.4, -1.8, 0.6)
    right, up = region.u - 1.45, 0.4 - region.v
    out = right * np.sin(angle) + up * np.cos(angle)
    aside = right * np.cos(angle) - up * np.sin(angle)
    share = np.clip(out / length, 0, 1)
    width = 0.16 * np.sin(np.pi * share**0.8)
    light = 0.55 + 0.35 * ramp(aside, 0.02, -0.02) + 0.25 * share + 0.10 * np.sin(60 * (out - np.abs(aside)))
    light -= 0.3 * bell(aside, 0, 0.012)
    blend(
        region.view(picture),
        shaded(_LEAF, light),
        region.edge(width - np.abs(aside)) * (share > 0) * (share < 1),
    )
