"""Everything but the head: the wall behind, neck, shoulders, clothes and ears."""

from __future__ import annotations

import numpy as np

from facemon.simulator.portraits.canvas import Plane, Region, bell, ramp
from facemon.simulator.portraits.colours import blend, linear, shaded, tint
from facemon.simulator.portraits.features import Person
from facemon.simulator.portraits.shading import light_up

_PEARL = linear((250, 240, 215))


def paint_wall(picture: Plane, canvas: Region, person: Person) -> None:
    """A lit wall over the whole picture, replacing what was there."""
    light = 0.75 + 0.5 * canvas.spot(0.3, -0.3, 3.2, 2.6)
    light += 0.03 * canvas.noise(person.dice("wall").generator, 1.2)
    np.multiply(light[..., None], np.array(person.scene.background, np.float32), out=picture)


def paint_neck(picture: Plane, canvas: Region, person: Person) -> None:
    """The neck down to below the collar, in the shadow of the chin."""
    region = canvas.part(-1.6, 1.6, 0.7, 3.1)
    u, v = region.u, region.v
    half = 0.86 if person.male else 0.70
    outline = half + 0.60 * ramp(v, 1.75, 2.75) ** 2  # the muscle from neck to shoulder
    cylinder = np.sqrt(np.clip(1 - (u / (half + 0.35)) ** 2, 0.05, 1)) * 0.8
    light = light_up(cylinder * np.ones_like(v), region.unit, person.scene.light)
    lit = 0.30 + 0.5 * np.clip(light.direct, 0, 1) + 0.12 * light.fill
    chin = 1.87 * person.skull.length
    lit *= 1 - 0.62 * bell(v, chin, 0.42) * ramp(np.abs(u + 0.1), 1.3, 0.4)
    lit *= 1 - _tendons(u, v)
    skin = tint(person.skin.colour, (1.0, 0.93, 0.90))
    blend(region.view(picture), shaded(skin, lit), region.edge(outline - np.abs(u)) * region.edge(v - 0.7))


def _tendons(u: Plane, v: Plane) -> Plane:
    """Shadow inside the two muscles that run from behind the ears to the pit of the throat, and in the pit."""
    aslant = 0.52 - 0.42 * ramp(v, 1.6, 2.65)
    sides = bell(np.abs(u), aslant - 0.07, 0.06)
    pit = bell(u, 0, 0.10) * bell(v, 2.55, 0.12)
    return 0.16 * sides * ramp(v, 1.7, 2.2) + 0.18 * pit


def paint_clothes(picture: Plane, canvas: Region, person: Person) -> None:
    """A plain garment from the collar down to the picture's lower edge, however far that is."""
    region = canvas.part(-3.6, 3.6, 1.6, 100)
    u, v = np.abs(region.u), region.v
    chance = person.dice("cloth").generator
    # Steep at the neck, level over the shoulder, and straight down along the arm.
    breadth = 2.15 if person.male else 1.9
    shoulders = 0.75 + breadth * (1 - np.exp(-(np.clip(v - 1.95, 0, None) ** 1.2) / 0.75))
    lowest, rise = (2.42, 0.38) if person.male else (2.64, 0.58)
    collar = lowest - rise * (u / 0.95) ** 2
    cover = region.edge(shoulders - u) * region.edge(v - collar)
    folds = 0.025 * region.noise(chance, 0.67) + 0.015 * region.noise(chance, 0.25)
    light = 0.75 - 0.09 * region.u - 0.15 * ramp(u, 1.0, 2.6) + folds
    light *= 1 - 0.35 * bell(v - collar, 0, 0.035) - 0.12 * bell(v - collar, 0.17, 0.02)  # hem and its seam
    light *= 1 - 0.30 * bell(u + 0.05 * v, 0.80 * breadth + 0.3, 0.09) * ramp(
        v, 3.3, 4.2
    )  # arm against chest
    light *= 1 - 0.25 * ramp(v, 3.0, 7.0)  # the window lights the face more than the lap
    blend(region.view(picture), shaded(person.scene.cloth, np.clip(light, 0.1, 1.3)), cover)


def paint_ears(picture: Plane, canvas: Region, person: Person) -> None:
    """Two ears, which hair may cover afterwards."""
    skin = tint(person.skin.colour, (0.98, 0.84, 0.80))
    for side in (-1.0, 1.0):
        centre = side * (person.skull.cheek + 0.06)
        region = canvas.part(centre - 0.25, centre + 0.25, -0.2, 0.75)
        u, v = region.u - centre, region.v
        outside = (u / 0.15) ** 2 + ((v - 0.28 - 0.02 * side) / 0.36) ** 2
        hollow = np.exp(-(((u - 0.02 * side) / 0.06) ** 2) - ((v - 0.26) / 0.2) ** 2)
        # Ears lie in the light or in the shade of the head, and their rim is brighter than the rest.
        lit = (
            (0.66 if side * person.scene.light > 0 else 0.46)
            - 0.24 * hollow
            - 0.10 * np.clip(1 - outside, 0, 1)
        )
        blend(region.view(picture), shaded(skin, lit), region.edge(0.12 * (1 - outside)))
    if person.scene.earrings:
        _paint_earrings(picture, canvas, person)


def _paint_earrings(picture: Plane, canvas: Region, person: Person) -> None:
    for side in (-1.0, 1.0):
        centre = side * (person.skull.cheek + 0.06)
        region = canvas.part(centre - 0.2, centre + 0.2, 0.4, 0.9)
        pearl = region.edge(0.06 - np.hypot(region.u - centre, region.v - 0.64))
        light = 0.45 + 0.8 * region.spot(centre - 0.02, 0.62, 0.025, 0.025)
        blend(region.view(picture), shaded(_PEARL, light), pearl)
