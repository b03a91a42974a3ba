"""What the skin's colour is before light falls on it: complexion, blood, shadows of beard and of age."""

from __future__ import annotations

import numpy as np

from facemon.simulator.portraits.canvas import Plane, bell, ramp
from facemon.simulator.portraits.colours import Colour, blend, darken, tint
from facemon.simulator.portraits.features import Person
from facemon.simulator.portraits.head import Head

# How much of each channel is taken away: blood takes green and blue, tired eyes green, brown spots blue.
_BLOOD: Colour = (0.05, 0.42, 0.40)
_TIRED: Colour = (0.6, 0.9, 0.75)
_LIDS: Colour = (0.45, 0.6, 0.5)
_SPOT: Colour = (0.5, 0.8, 0.9)


def complexion(head: Head, person: Person) -> Plane:
    """The skin's colour over the head's region, height × width × 3, in linear light."""
    region = head.region
    albedo = np.empty((*region.shape, 3), np.float32)
    albedo[:] = person.skin.colour
    _mottle(albedo, head, person)
    _redden(albedo, head, person)
    _ring_eyes(albedo, head, person)
    if person.male:
        _grow_beard(albedo, head, person)
    return albedo


def _mottle(albedo: Plane, head: Head, person: Person) -> None:
    ageing, region = person.ageing, head.region
    chance = person.dice("skin").generator
    uneven = region.noise(chance, 0.5) * (0.035 * ageing.mottling)
    uneven += region.noise(chance, 0.15) * (0.03 * ageing.mottling)
    uneven += region.noise(chance, 0.018) * ageing.texture
    darken(albedo, uneven, (0.6, 1.0, 1.0))
    if ageing.spots > 0:
        # Only the highest peaks of the noise: a few spots, not a pattern.
        spots = np.clip(region.noise(chance, 0.086) - 2.1, 0, 0.6) * (1.3 * ageing.spots)
        darken(albedo, spots, _SPOT)


def _redden(albedo: Plane, head: Head, person: Person) -> None:
    region = head.region
    cheeks = region.pair(0.62, 0.5, 0.26, 0.22) * (0.30 * (0.4 + person.skin.blush))
    tip = region.spot(0, person.nose.length - 0.08, 0.16, 0.12) * 0.22
    chin = region.spot(0, 1.62, 0.2, 0.12) * 0.12
    darken(albedo, cheeks + tip + chin, _BLOOD)


def _ring_eyes(albedo: Plane, head: Head, person: Person) -> None:
    region, eyes = head.region, person.eyes
    below = region.pair(eyes.distance, 0.10, 0.24, 0.12) * (0.10 + 0.16 * person.ageing.bags)
    darken(albedo, below, _TIRED)
    if eyes.shadow > 0:
        darken(albedo, region.pair(1.03 * eyes.distance, -0.10, 0.22, 0.075) * eyes.shadow, _LIDS)


def _grow_beard(albedo: Plane, head: Head, person: Person) -> None:
    region, skin = head.region, person.skin
    dice = person.dice("beard")
    where = _beard_area(head, person)
    stubble = np.clip(0.75 + 0.35 * region.noise(dice.generator, 0.021), 0, 1.5)
    cover = np.clip(0.42 * skin.stubble * where * stubble, 0, 0.8)
    hair = np.array(tint(person.hair.colour, (0.5, 0.5, 0.5)), np.float32)
    through_skin = np.array(tint(skin.colour, (0.176, 0.209, 0.242)), np.float32)
    blend(albedo, hair + through_skin, cover)
    if skin.beard > 0:
        ragged = where + 0.12 * region.noise(dice.generator, 0.042)
        cover = np.clip(skin.beard * ramp(ragged, 0.25, 0.8) * (0.8 + 0.3 * stubble), 0, 0.96)
        hairs = np.clip(0.75 + 0.3 * region.noise(dice.generator, 0.021), 0.2, 1.6)
        blend(albedo, hairs[..., None] * np.array(person.hair.colour, np.float32), cover)


def _beard_area(head: Head, person: Person) -> Plane:
    """Where a beard grows: jaw, chin and upper lip; not the cheeks, the lips or right under the nose."""
    region, mouth = head.region, person.mouth.height
    u, v = np.abs(region.u), region.v
    near_outline = ramp(u / np.maximum(head.half_width, 0.3), 0.75, 1.0)
    area = ramp(v + 0.55 * (u - 0.5) ** 2 + 0.45 * near_outline, 0.55, 1.25)
    area *= 1 - 0.8 * region.spot(0, mouth, 0.3, 0.07)
    area *= 1 - 0.8 * region.spot(0, 0.75, 0.45, 0.14)
    moustache = bell(region.u, 0, 0.31)
    area += 0.8 * moustache * bell(v, mouth - 0.17, 0.055)
    below_cheeks = ramp(v - 0.9 + 0.54 * u**2, 0.30, 0.62)
    return np.clip(area * np.clip(below_cheeks + moustache * bell(v, mouth - 0.17, 0.08), 0, 1), 0, 1)
