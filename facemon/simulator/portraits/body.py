"""Everything but the head: the wall behind, neck, shoulders, clothes and ears."""

from __future__ import annotations

import numpy as np

from facemon.simulator.portraits.canvas import Plane, Region, along, bell, ramp
from facemon.simulator.portraits.colours import blend, shaded, tint
from facemon.simulator.portraits.features import Person
from facemon.simulator.portraits.shading import light_up


def paint_wall(picture: Plane, canvas: Region, person: Person) -> None:
    """A lit wall over the whole picture, replacing what was there."""
    light = 0.75 + 0.5 * canvas.spot(0.3, -0.3, 3.2, 2.6)
    light += 0.05 * canvas.noise(person.dice("wall").generator, 1.2)
    np.multiply(light[..., None], np.array(person.scene.background, np.float32), out=picture)


def paint_neck(picture: Plane, canvas: Region, person: Person) -> None:
    """The neck down to below the collar, in the shadow of the chin."""
    region = canvas.part(-1.6, 1.6, 0.7, 3.1)
    u, v = region.u, region.v
    half = 0.72 if not person.male else 0.88
    outline = half + 0.55 * ramp(v, 1.9, 2.9) ** 2
    cylinder = np.sqrt(np.clip(1 - (u / (half + 0.35)) ** 2, 0.05, 1)) * 0.8
    light = light_up(cylinder * np.ones_like(v), region.unit, person.scene.light)
    lit = 0.30 + 0.5 * np.clip(light.direct, 0, 1) + 0.12 * light.fill
    chin = 1.87 * person.skull.length
    lit *= 1 - 0.62 * bell(v, chin, 0.42) * ramp(np.abs(u + 0.1), 1.3, 0.4)
    skin = tint(person.skin.colour, (1.0, 0.93, 0.90))
    blend(region.view(picture), shaded(skin, lit), region.edge(outline - np.abs(u)) * region.edge(v - 0.7))


def paint_clothes(picture: Plane, canvas: Region, person: Person) -> None:
    """A plain garment from the collar down to the picture's lower edge, however far that is."""
    region = canvas.part(-3.6, 3.6, 1.6, 100)
    u, v = np.abs(region.u), region.v
    chance = person.dice("cloth").generator
    shoulders = along(v, [2.0, 2.35, 2.7, 3.1, 3.6, 5.0, 8.0], [0.70, 1.1, 1.9, 2.5, 2.8, 3.0, 3.0])
    shoulders += 0.2 if person.male else 0.0
    collar = (2.32 if person.male else 2.62) - (0.75 if person.male else 0.62) * (u / 1.1) ** 2
    cover = region.edge(shoulders - u) * region.edge(v - collar)
    folds = 0.07 * region.noise(chance, 0.67) + 0.03 * region.noise(chance, 0.25)
    light = 0.75 - 0.09 * region.u - 0.15 * ramp(u, 1.0, 2.6) + folds
    hem = 1 - 0.35 * bell(v - collar, 0, 0.035)
    blend(region.view(picture), shaded(person.scene.cloth, np.clip(light * hem, 0.1, 1.3)), cover)


def paint_ears(picture: Plane, canvas: Region, person: Person) -> None:
    """Two ears, which hair may cover afterwards."""
    skin = tint(person.skin.colour, (1.04, 0.86, 0.82))
    for side in (-1.0, 1.0):
        centre = side * (person.skull.cheek + 0.06)
        region = canvas.part(centre - 0.25, centre + 0.25, -0.2, 0.75)
        u, v = region.u - centre, region.v
        outside = (u / 0.15) ** 2 + ((v - 0.28 - 0.02 * side) / 0.36) ** 2
        hollow = np.exp(-(((u - 0.02 * side) / 0.06) ** 2) - ((v - 0.26) / 0.2) ** 2)
        lit = 0.62 + (0.12 if side * person.scene.light > 0 else -0.12) - 0.28 * hollow
        blend(region.view(picture), shaded(skin, lit), region.edge(0.12 * (1 - outside)))
