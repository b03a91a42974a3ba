"""Haircuts: which part of the mane is seen behind the head, and which in front of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facemon.simulator.portraits.canvas import Plane, bell, ramp
from facemon.simulator.portraits.colours import darken
from facemon.simulator.portraits.features import Person
from facemon.simulator.portraits.head import Head
from facemon.simulator.portraits.strands import Mane, paint_hair

_EAR_TOP = 0.14  # v: short hair ends here at the sides
_BUN = 0.42  # radius
_FACE_MIDDLE = 0.35  # v: the opening that hair leaves for the face is an oval around this


@dataclass(frozen=True)
class _Fall:
    """Hair that hangs down: where it ends (v), and how far it swings out."""

    length: float
    flare: float


_FALLS = {
    "long": _Fall(2.9, 0.12),
    "wavy": _Fall(2.6, 0.30),
    "bob": _Fall(1.35, 0.18),
    "fringe": _Fall(2.3, 0.16),
}
_PARTED = ("long", "wavy", "bob")


def paint_hair_behind(picture: Plane, mane: Mane, person: Person) -> None:
    """Hair that hangs behind neck and shoulders, in place, before they are painted."""
    if person.hair.style == "bun":
        _paint_bun(picture, mane, person)
    fall = _FALLS.get(person.hair.style)
    if fall is None:
        return
    v = mane.region.v
    width = mane.outer + fall.flare * ramp(v, -0.3, 1.8)
    width -= 0.25 * ramp(v, fall.length - 0.5, fall.length + 0.3)
    cover = mane.region.edge(width + 0.6 * mane.ragged - mane.aside) * _tips(mane, fall)
    paint_hair(picture, mane, person, cover, depth=0.55)


def _paint_bun(picture: Plane, mane: Mane, person: Person) -> None:
    above_crown = -1.88 - 0.5 * person.hair.volume
    away = np.hypot(mane.region.u, 1.15 * (mane.region.v - above_crown))
    ball = mane.region.edge(_BUN + 0.6 * mane.ragged - away)
    paint_hair(picture, mane, person, ball)
    rim = ramp(away, 0.4 * _BUN, 1.2 * _BUN) + bell(mane.region.v, above_crown + 0.8 * _BUN, 0.12)
    darken(mane.region.view(picture), 0.55 * np.clip(rim, 0, 1) * ball)


def paint_hair_in_front(picture: Plane, mane: Mane, person: Person, head: Head) -> None:
    """Hair over forehead, temples and shoulders with its shadow on the skin, in place, after the face."""
    cover = np.clip(_front(mane, person), 0, 1).astype(np.float32)
    _cast_shadow(picture, mane, cover, head)
    paint_hair(picture, mane, person, cover)


def _front(mane: Mane, person: Person) -> Plane:
    style = person.hair.style
    if style == "bald":
        return _wreath(mane, person)
    bare = mane.region.edge(_opening(mane, person) + mane.ragged, 0.55)
    outside = mane.region.edge(mane.outer + 0.6 * mane.ragged - mane.aside, 0.5)
    if style in _FALLS:
        return _falling(mane, _FALLS[style], outside * (1 - bare))
    if style == "buzz":
        close = mane.region.edge(mane.skull + 0.03 - mane.aside, 0.4) * (mane.skull > 0)
        return 0.82 * close * (1 - bare) * _above_ears(mane, 0.05, 0.25)
    return outside * (1 - bare) * _above_ears(mane, _EAR_TOP, 0.3)


def _opening(mane: Mane, person: Person) -> Plane:
    """A distance, positive where hair leaves the face free."""
    u, v, hair = mane.region.u, mane.region.v, person.hair
    if hair.style in _PARTED:
        return _parted_opening(mane, person)
    start = hair.hairline - (0.15 if hair.style == "receding" else 0.0)
    sweep = {"side": 0.12, "fringe": 0.18}.get(hair.style, 0.0) * np.sign(hair.parting) * u
    reach = (mane.aside / (1.005 if person.male else 0.985)) ** 2.4
    opening: Plane = 0.35 * (1 - reach - np.abs((v - _FACE_MIDDLE + sweep) / (_FACE_MIDDLE - start)) ** 2.4)
    if person.male:
        # The hairline of a man steps back over the temples, first a little, later a lot.
        corners = 0.30 if hair.style == "receding" else 0.05
        opening += corners * bell(mane.aside, 0.62, 0.17) * bell(v, -0.95, 0.3)
    if hair.style == "fringe":
        below_fringe = 0.6 * (v + 0.48 + 0.06 * np.cos(3 * u)) + 0.3 * ramp(v, 1.2, 2)
        opening = np.minimum(opening, below_fringe)
    return opening


def _parted_opening(mane: Mane, person: Person) -> Plane:
    """Two curtains from the parting, the wider one on the far side."""
    u, v, hair = mane.region.u, mane.region.v, person.hair
    between_sides = 0.16 * (1 - (mane.aside / 0.99) ** 6)
    from_parting = u - 0.8 * hair.parting
    curtain = 0.62 * np.abs(from_parting) ** 1.35 * (1 - 0.25 * np.sign(from_parting * hair.parting))
    under_curtain = 0.7 * (v - hair.hairline + 0.12 - curtain)
    return np.where(v > 0.2, between_sides, np.minimum(between_sides, under_curtain))


def _falling(mane: Mane, fall: _Fall, top: Plane) -> Plane:
    """`top` down to the eyes, and a curtain on either side of the face down to the tips."""
    v = mane.region.v
    inner = 0.99 - 0.10 * ramp(v, 0.4, 1.4) + 0.22 * ramp(v, 1.6, 2.6)
    outer = mane.outer + fall.flare * ramp(v, -0.3, 1.8)
    sides = mane.region.edge(mane.aside - inner + 0.7 * mane.ragged) * ramp(v, -0.6, -0.2)
    sides *= mane.region.edge(outer + 0.6 * mane.ragged - mane.aside) * _tips(mane, fall)
    # The larger, not the sum: the two overlap between temple and eye.
    return np.maximum(top * mane.region.edge(-0.1 - v), sides)


def _wreath(mane: Mane, person: Person) -> Plane:
    """What is left on a bald head: a band over the ears, widest just above them."""
    v = mane.region.v
    skull = np.minimum(mane.skull, person.skull.cheek)
    around = mane.region.edge(skull + 0.03 + 0.5 * mane.ragged - mane.aside)
    thickness = 0.17 * ramp(v, -0.85, -0.25)
    aside = mane.region.edge(mane.aside - skull + thickness + mane.ragged, 0.25)
    return 0.85 * around * aside * _above_ears(mane, 0.12, 0.3) * ramp(v, -0.9, -0.5)


def _above_ears(mane: Mane, end: float, hardness: float) -> Plane:
    round_ear = 1.3 * np.clip(mane.aside - 1.0, 0, 0.4)
    return mane.region.edge(end - mane.region.v - round_ear + 3 * mane.ragged, hardness)


def _tips(mane: Mane, fall: _Fall) -> Plane:
    return mane.region.edge(fall.length - mane.region.v + 6 * mane.ragged, 0.3)


def _cast_shadow(picture: Plane, mane: Mane, cover: Plane, head: Head) -> None:
    """A soft shadow a little below the hair, on the head only."""
    pixels = int(0.06 * mane.region.unit)
    lower = np.roll(cover, pixels, axis=0)
    shadow = np.clip(mane.region.blurred(lower, 0.12) - cover, 0, 1)
    window = head.region.part(
        float(mane.region.u[0, 0]), float(mane.region.u[0, -1]), float(mane.region.v[0, 0]), 100.0
    )
    on_head = window.view(shadow, of=mane.region) * window.view(head.cover, of=head.region)
    window.view(picture)[:] *= 1 - 0.45 * on_head[..., None]
