"""The shape of the head: its outline, and the face as a height field that light falls on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facemon.simulator.portraits.canvas import Plane, Region, along, bell, ramp
from facemon.simulator.portraits.curves import spline
from facemon.simulator.portraits.features import Nose, Person, Skull

_CHIN = 1.87  # v, times the length of the skull
_TEMPLE = -0.55  # v: above, the skull is a dome; below, a slightly receding front
_OUTLINE_STEPS = 24
_SIDES = (-1.0, 1.0)


@dataclass(frozen=True)
class Head:
    """All planes cover `region`."""

    region: Region
    half_width: Plane  # height × 1: from the middle line to the outline, 0 above the crown and below the chin
    cover: Plane  # 1 on the head, 0 beside it, soft at the outline
    height: Plane  # towards the viewer, in face units
    chin: float  # v


def model_head(canvas: Region, person: Person) -> Head:
    """The smooth head, as it would be without a wrinkle."""
    region = canvas.part(-1.35, 1.35, -1.92, 2.2)
    half_width = outline(region.v, person.skull)
    inside = half_width - np.abs(region.u)
    cover = region.edge(inside, 1.6) * (half_width > 0)
    height = _skull_height(region, half_width, person.skull)
    _add_eye_sockets(height, region, person)
    _add_cheeks(height, region, person)
    _add_nose(height, region, person.nose)
    _add_mouth_and_chin(height, region, person)
    return Head(region, half_width, cover, height, _CHIN * person.skull.length)


def outline(v: Plane, skull: Skull) -> Plane:
    """Half the width of the head at each `v`."""
    cheek, jaw, chin, length = skull.cheek, skull.jaw, skull.chin, skull.length
    path = spline(
        [
            (0, -1.78),
            (0.36, -1.73),
            (0.70, -1.52),
            (0.97, -1.12),
            (cheek - 0.01, -0.62),
            (cheek, -0.2),
            (cheek - 0.02, 0.2),
            (cheek - 0.06, 0.6 * length),
            (0.5 * (cheek - 0.08 + jaw) + 0.02, 0.95 * length),
            (jaw, 1.24 * length),
            (0.5 * (jaw + chin) + 0.04, 1.52 * length),
            (0.9 * chin, 1.72 * length),
            (0.5 * chin, 1.83 * length),
            (0, _CHIN * length),
        ],
        _OUTLINE_STEPS,
    )
    ordered = path[np.argsort(path[:, 1], kind="stable")]
    widths = np.maximum(ordered[:, 0], 0)
    return np.interp(v, ordered[:, 1], widths, left=0, right=0).astype(np.float32)


def _skull_height(region: Region, half_width: Plane, skull: Skull) -> Plane:
    u, v = region.u, region.v
    dome = np.sqrt(np.clip(1 - ((v - _TEMPLE) / 1.27) ** 2, 0.01, 1))
    depth = np.where(v < _TEMPLE, dome, 1 - 0.03 * (v - _TEMPLE))
    depth *= 1 - 0.5 * ramp(v, 1.66 * skull.length, 1.95 * skull.length)
    aside = np.clip(np.abs(u) / np.maximum(half_width, 0.02), 0, 1)
    # An exponent above 2 makes the front flatter than a sphere; 0.985 keeps the slope finite at the outline.
    height: Plane = depth * np.sqrt(1 - 0.985 * aside**2.3) * 1.15
    return height


def _add_eye_sockets(height: Plane, region: Region, person: Person) -> None:
    eye, ageing = person.eyes.distance, person.ageing
    height += person.skull.ridge * region.pair(0.42, -0.30, 0.30, 0.11)
    height -= 0.05 * region.spot(0, -0.14, 0.12, 0.10)
    height -= 0.19 * region.pair(0.94 * eye, -0.01, 0.24, 0.17)
    height += 0.085 * region.pair(eye, 0.02, 0.17, 0.12)  # the eyeball under the lids
    height -= 0.07 * ageing.hollows * region.pair(0.45, 0.24, 0.2, 0.05)
    height += 0.05 * ageing.bags * region.pair(eye, 0.20, 0.15, 0.05)
    height -= 0.06 * ageing.bags * region.pair(0.97 * eye, 0.29, 0.17, 0.035)
    height += 0.06 * ageing.hooding * region.pair(1.12 * eye, -0.14, 0.2, 0.05)


def _add_cheeks(height: Plane, region: Region, person: Person) -> None:
    ageing, length = person.ageing, person.skull.length
    height += 0.09 * region.pair(0.66, 0.46, 0.28, 0.22)
    height -= (0.02 + 0.10 * ageing.hollows) * region.pair(0.68, 1.0, 0.2, 0.26)
    # The cheek sinks towards the mouth and makes the fold beside it.
    fold = region.pair(0.42, 0.80, 0.12, 0.22) * ramp(region.v, 0.0, 0.9)
    height += (0.05 + 0.14 * ageing.wear) * fold
    height += 0.10 * ageing.jowls * region.pair(0.60, 1.50 * length, 0.16, 0.18)


def _add_nose(height: Plane, region: Region, nose: Nose) -> None:
    tip, v = nose.length, region.v
    places = [-0.35, -0.12, 0.1, 0.4, tip - 0.12, tip - 0.03, tip + 0.04, tip + 0.09]
    profile = along(v, places, [0.0, 0.05, 0.13, 0.21, nose.depth, 0.88 * nose.depth, 0.10, 0.0])
    pixels = max(3, int(0.085 * region.unit)) | 1
    box = np.full(pixels, 1 / pixels, np.float32)
    profile[:, 0] = np.convolve(profile[:, 0], box, "same")  # rounds the corners of the profile
    breadth = along(v, [-0.3, 0.0, 0.3, tip - 0.1, tip + 0.1], [0.13, 0.10, 0.115, 0.14, 0.14])
    height += profile * np.exp(-0.5 * (region.u / breadth) ** 2)
    height += 0.105 * region.pair(0.80 * nose.width, tip - 0.06, 0.075, 0.08)
    height += 0.06 * region.spot(0, tip - 0.10, 0.11, 0.09)


def _add_mouth_and_chin(height: Plane, region: Region, person: Person) -> None:
    mouth = person.mouth.height
    height += 0.09 * region.spot(0, mouth, 0.42, 0.26)
    height -= 0.025 * region.spot(0, mouth - 0.2, 0.04, 0.08)  # the groove under the nose
    height += 0.05 * region.spot(0, mouth - 0.05, 0.22, 0.045)
    height += 0.075 * region.spot(0, mouth + 0.07, 0.2, 0.05)
    height -= 0.075 * region.spot(0, mouth + 0.20, 0.22, 0.055)
    prominence = 0.13 if person.male else 0.10
    height += prominence * bell(region.u, 0, 0.20) * bell(region.v, 1.62 * person.skull.length, 0.14)
