"""The surface of hair: strands that run from the parting, and the light on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facemon.simulator.portraits.canvas import Plane, Region, along, bell, ramp
from facemon.simulator.portraits.colours import blend, shaded
from facemon.simulator.portraits.features import Person
from facemon.simulator.portraits.head import outline

_ROOT = -2.15  # v: strands fan out from a point above the crown
_ROOT_OF_BUN = -3.0  # combed up, they run nearly in parallel
_FINE, _LOCKS = 150.0, 34.0  # strands and locks a radian of the fan
_FINER = 8  # steps a strand when its brightness is looked up
_WIDEST = -0.45  # v: here hair stands off the head the farthest


@dataclass(frozen=True)
class Mane:
    """Hair before it is cut: all planes cover `region`."""

    region: Region
    aside: Plane  # |u|, 1 × width
    strands: Plane  # brightness of each strand, about -1..1
    ragged: Plane  # in face units: added to a distance, it frays an edge
    outer: Plane  # half the width of the whole hair, height × 1
    skull: Plane  # half the width of the head, height × 1


def grow_hair(canvas: Region, person: Person) -> Mane:
    """The hair's surface over all that it can cover."""
    region = canvas.part(-2.1, 2.1, -2.75, 3.2)
    u, v, hair = region.u, region.v, person.hair
    generator = person.dice("strands").generator
    drop = v - (_ROOT_OF_BUN if hair.style == "bun" else _ROOT)
    fan = np.arctan2(u - 0.6 * hair.parting, np.maximum(drop, 0.02))
    fan += 0.012 * region.noise(generator, 0.7)
    # Waves push whole rows of strands aside; they depend on height only, or strands would close into rings.
    phase = float(generator.uniform(0, 6))
    fan += hair.waves * (0.035 * np.sin(6.0 * v + phase) + 0.02 * np.sin(11.0 * v + 2 * phase))
    away = np.hypot(drop, u)
    fine = _streaks(fan, _FINE, generator) * ramp(away, 0.2, 1.6)  # near the root they are finer than a pixel
    strands = 0.45 * fine + 0.48 * _streaks(fan, _LOCKS, generator)
    outer = _silhouette(v, person)
    frayed = 0.018 * _streaks(1.3 * fan, 80.0, generator) + 0.008 * region.noise(generator, 0.2)
    frayed *= np.clip(1.6 * outer + (v > _WIDEST), 0, 1)
    return Mane(region, np.abs(u), strands, frayed, outer, outline(v, person.skull))


def paint_hair(picture: Plane, mane: Mane, person: Person, cover: Plane, depth: float = 1.0) -> None:
    """Hair over `picture` (the whole one), in place, where `cover` is 1; `depth` below 1 lies in the shade."""
    u, v = mane.region.u, mane.region.v
    shine = bell(v + 0.15 * mane.aside, -1.25, 0.22) * bell(u, -0.35, 0.6)
    light = 0.66 + 0.24 * mane.strands + 0.8 * shine * (1 + 0.4 * mane.strands)
    light *= 1 - 0.28 * ramp(mane.aside - 0.1 * v, 0.2, 1.3)
    light *= 1 - 0.22 * np.clip(u, -1, 1.4)  # the window is on the left
    paint = shaded(person.hair.colour, np.clip(light, 0.12, 3) * np.float32(depth))
    paint += np.clip(0.02 * shine, 0, 1)[..., None]
    blend(mane.region.view(picture), paint, cover)


def _silhouette(v: Plane, person: Person) -> Plane:
    """Half the width of full hair at each v; -1 above it."""
    volume, cheek = person.hair.volume, person.skull.cheek
    dome = np.sqrt(np.clip(1 - ((v - _WIDEST) / (1.33 + volume)) ** 2, 0, 1))
    if person.male:
        # Short at the sides: close to the head above the ears.
        stand_off = volume * along(v, [-1.2, -0.5, 0.15], [0.75, 0.6, 0.15])
    else:
        stand_off = np.full_like(v, 0.9 * volume)
    widest = cheek + stand_off
    return np.where(v < _WIDEST, np.where(dome > 0, dome * widest, -1), widest)


def _streaks(place: Plane, density: float, generator: np.random.Generator) -> Plane:
    """Random brightness that is constant along a strand: a smooth random curve of `place`, looked up."""
    count = max(8, int(density * 4))
    knots = generator.standard_normal(count + 1, np.float32)
    steps = np.arange(count * _FINER, dtype=np.float32) / _FINER
    curve = np.interp(steps, np.arange(count + 1), knots).astype(np.float32)
    index = ((place + 8) * np.float32(density * _FINER)).astype(np.int32)
    return curve.take(index, mode="wrap")
