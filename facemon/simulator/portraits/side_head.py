"""A bare head seen from the side, looking to the picture's left.

Coordinates are those of `canvas`, but u = 0 lies in the middle of the head: forehead near -1.5, ear near 0.15,
back of the head near 1.5. The shape is set by eye.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from facemon.simulator.portraits.canvas import Plane, Region, bell, ramp
from facemon.simulator.portraits.colours import Colour, blend, darken, shaded, tint
from facemon.simulator.portraits.curves import Point, spline, stamp_line
from facemon.simulator.portraits.features import Person
from facemon.simulator.portraits.shading import light_up

_WHITE: Colour = (0.60, 0.55, 0.51)
_BLACK: Colour = (0.006, 0.006, 0.006)
_CREASE: Colour = (0.8, 1.0, 1.0)
_FINE = 2  # outlines are drawn that much larger and reduced: soft edges
_EAR = (0.16, 0.34)
_EYE = (-1.24, 0.0)


def paint_side_head(picture: Plane, region: Region, person: Person) -> None:
    """Head and neck over `picture`, in place."""
    cover = filled(region, _outline(person))
    height = _relief(region, cover, person)
    light = light_up(height, region.unit, -0.75)
    skin = shaded(person.skin.colour, 0.22 + 0.72 * np.clip(light.direct, 0, 1) + 0.14 * light.fill)
    front = region.part(-2.2, -0.6, -1.2, 1.7)
    face = front.view(skin, of=region)
    _colour_lips(face, front, person)
    _paint_eye(face, front, person)
    _paint_brow(face, front, person)
    _draw_lines(face, front, person)
    _draw_ear(skin, region)
    _shade_throat(skin, region, person)
    blend(picture, skin, cover)


def filled(region: Region, points: list[Point], steps: int = 8) -> Plane:
    """1 inside the closed smooth curve through `points`, 0 outside, soft at the edge."""
    height, width = region.shape
    sheet = Image.new("L", (_FINE * width, _FINE * height))
    path = spline([*points, points[0]], steps)
    corner = np.array([region.u[0, 0], region.v[0, 0]], np.float32)
    ImageDraw.Draw(sheet).polygon(
        [tuple(point) for point in ((path - corner) * (_FINE * region.unit)).tolist()], 255
    )
    return np.asarray(sheet.reduce(_FINE), np.float32) / np.float32(255)


def _outline(person: Person) -> list[Point]:
    """From the crown over face, throat and nape back to the crown; below the picture's edge the neck stays open."""
    tip, mouth, chin = person.nose.length, person.mouth.height, 1.87 * person.skull.length
    lip, ridge = 0.5 * person.mouth.upper + 0.5 * person.mouth.lower, person.skull.ridge
    nose, jut = 1.2 * person.nose.depth, 0.05 if person.male else 0.0
    throat = -0.42 - (0.08 if person.male else 0.0)
    return [
        (0.15, -1.80), (-0.60, -1.70), (-1.14, -1.36), (-1.40, -0.92), (-1.47, -0.55),
        (-1.47 - 0.6 * ridge, -0.30), (-1.41, -0.04), (-1.53, 0.28), (-1.50 - nose, tip - 0.10),
        (-1.51 - nose, tip), (-1.42 - nose, tip + 0.09), (-1.50, tip + 0.13), (-1.53, mouth - 0.13),
        (-1.53 - lip, mouth - 0.05), (-1.49, mouth + 0.01), (-1.51 - lip, mouth + 0.08),
        (-1.42, mouth + 0.24), (-1.46 - jut, chin - 0.24), (-1.40 - jut, chin - 0.06), (-1.18, chin + 0.02),
        (-0.74, chin - 0.06), (throat, chin + 0.10), (throat - 0.02, 2.5), (throat - 0.12, 3.4),
        (1.60, 3.4), (1.20, 2.5), (1.02, 1.5), (1.16, 0.80), (1.42, 0.30), (1.54, -0.40),
        (1.38, -1.12), (0.85, -1.64),
    ]  # fmt: skip


def _relief(region: Region, cover: Plane, person: Person) -> Plane:
    """How far the surface stands out towards the viewer: the outline blown up, and what stands out on it."""
    height = 0.55 * _inflated(region, cover, 0.55) + 0.22 * _inflated(region, cover, 0.12)
    wear, length = person.ageing.wear, person.skull.length
    height -= 0.13 * region.spot(_EYE[0], 0.02, 0.20, 0.16)
    height += 0.05 * region.spot(_EYE[0] - 0.02, 0.02, 0.10, 0.09)
    height += 0.08 * region.spot(-0.72, 0.46, 0.34, 0.22)  # cheekbone
    height -= (0.02 + 0.05 * wear) * region.spot(-0.68, 1.0, 0.22, 0.26)
    height += 0.07 * region.spot(
        -1.42 - 0.3 * person.nose.depth, person.nose.length, 0.10, 0.09
    )  # wing of the nose
    height += 0.08 * region.spot(-1.25, 1.62 * length, 0.16, 0.16)
    return height


def _inflated(region: Region, cover: Plane, radius: float) -> Plane:
    """A cushion on `cover`, round over `radius` face units from the edge and flat in the middle."""
    sheet = Image.fromarray((255 * cover).astype(np.uint8))
    soft = np.asarray(sheet.filter(ImageFilter.GaussianBlur(radius * region.unit)), np.float32) / np.float32(
        255
    )
    cushion: Plane = np.sqrt(np.clip(2 * soft - 1, 0.0025, 1))
    return region.blurred(cushion, 0.06)  # the levels of a byte would be seen as steps in the light


def _colour_lips(skin: Plane, region: Region, person: Person) -> None:
    mouth, red = person.mouth, min(person.mouth.redness, 1.0)
    along = ramp(region.u, -1.22, -1.40)
    upper = ramp(region.v, mouth.height - 0.9 * mouth.upper - 0.03, mouth.height - 0.5 * mouth.upper)
    lower = ramp(region.v, mouth.height + mouth.lower + 0.04, mouth.height + 0.6 * mouth.lower)
    # Narrow at the corner, full in front.
    lens = region.edge(0.14 * along + 0.01 - np.abs(region.v - mouth.height - 0.01))
    darken(skin, (0.35 + 0.55 * red) * along * upper * lower * lens, (0.25, 0.75, 0.70))


def _paint_eye(skin: Plane, region: Region, person: Person) -> None:
    """A wedge that opens to the front, with an iris seen as a narrow ellipse."""
    u, v = region.u - _EYE[0], region.v - _EYE[1]
    opening = 0.085 * person.eyes.opening
    back = np.clip((0.17 - u) / 0.28, 0, 1) ** 0.7 - 0.1
    ball = region.edge(opening * back - np.abs(v)) * ramp(u + 1.8 * v**2, -0.125, -0.100)
    eye = shaded(_WHITE, 1 - 0.9 * ramp(v, 0.0, -opening) * np.ones_like(u))
    iris = region.edge(0.6 * (0.088 - np.hypot(1.9 * (u + 0.085), v)))
    blend(eye, tint(person.eyes.iris, (1.1, 1.1, 1.1)), iris)
    blend(eye, _BLACK, region.edge(0.6 * (0.045 - np.hypot(2.4 * (u + 0.105), v))))
    eye += (0.8 * bell(u, -0.09, 0.012) * bell(v, -0.03, 0.014))[..., None]
    blend(skin, eye, ball)
    lines = region.flat()
    x, y = _EYE
    lashes = 0.5 + 0.4 * person.eyes.lashes
    stamp_line(
        lines,
        region,
        [(x + 0.19, y + 0.02), (x + 0.04, y - 0.065), (x - 0.15, y - opening - 0.01)],
        0.016,
        lashes,
    )
    stamp_line(
        lines, region, [(x + 0.17, y + 0.03), (x + 0.02, y + 0.075), (x - 0.11, y + opening)], 0.010, 0.45
    )
    stamp_line(lines, region, [(x + 0.20, y - 0.05), (x + 0.04, y - 0.15), (x - 0.14, y - 0.15)], 0.014, 0.35)
    darken(skin, lines)


def _paint_brow(skin: Plane, region: Region, person: Person) -> None:
    brows, lines = person.brows, region.flat()
    y = brows.height - 0.03
    path: list[Point] = [
        (-1.52, y + 0.06),
        (-1.28, y - brows.arch),
        (-1.02, y - 0.3 * brows.arch),
        (-0.86, y + 0.08),
    ]
    stamp_line(lines, region, path, 0.85 * brows.thickness, brows.strength)
    blend(skin, person.hair.brow_colour, np.clip(1.3 * lines, 0, 0.95))


def _draw_lines(skin: Plane, region: Region, person: Person) -> None:
    """Mouth, nostril and the creases of age."""
    mouth, tip, wear = person.mouth.height, person.nose.length, person.ageing.wear
    dark, creases = region.flat(), region.flat()
    stamp_line(
        dark, region, [(-1.52, mouth + 0.01), (-1.36, mouth + 0.02), (-1.22, mouth + 0.05)], 0.018, 0.8
    )
    stamp_line(dark, region, [(-1.66, tip + 0.08), (-1.58, tip + 0.05), (-1.50, tip + 0.09)], 0.026, 0.8)
    stamp_line(dark, region, [(-1.52, tip - 0.16), (-1.42, tip - 0.10), (-1.44, tip + 0.08)], 0.022, 0.35)
    darken(skin, np.clip(dark, 0, 1), _CREASE)
    stamp_line(
        creases,
        region,
        [(-1.38, tip - 0.08), (-1.20, tip + 0.16), (-1.08, mouth + 0.08)],
        0.028,
        0.06 + 0.5 * wear,
    )
    for turn in (-0.10, 0.0, 0.10):
        stamp_line(
            creases, region, [(-0.98, 0.0), (-0.88, 0.6 * turn), (-0.76, 1.6 * turn)], 0.012, 0.7 * wear
        )
    for level in (-0.62, -0.76, -0.90):
        stamp_line(
            creases, region, [(-1.42, level), (-1.22, level - 0.02), (-0.98, level + 0.02)], 0.014, 0.6 * wear
        )
    stamp_line(
        creases,
        region,
        [(_EYE[0] - 0.08, 0.17), (_EYE[0] + 0.05, 0.20), (_EYE[0] + 0.2, 0.12)],
        0.02,
        0.6 * wear,
    )
    darken(skin, creases, _CREASE)


def _shade_throat(skin: Plane, head: Region, person: Person) -> None:
    """The shadow of the jaw: darkest at its edge, from below the ear to the chin, and fading down the neck."""
    region = head.part(-1.8, 0.5, 0.9, 3.4)
    edge = person.skull.length * (1.12 + 0.58 * ramp(region.u, 0.10, -1.20))
    below = region.v - edge
    shadow = ramp(below, -0.04, 0.10) * (0.30 + 0.70 * ramp(below, 1.1, 0.1)) * ramp(region.u, 0.45, -0.35)
    darken(region.view(skin, of=head), 0.34 * shadow, (0.92, 1.0, 1.0))


def _draw_ear(skin: Plane, head: Region) -> None:
    x, y = _EAR
    region = head.part(x - 0.4, x + 0.5, y - 0.6, y + 0.6)
    dark = region.flat()
    rim: list[Point] = [
        (x - 0.14, y - 0.06), (x - 0.06, y - 0.36), (x + 0.16, y - 0.40), (x + 0.28, y - 0.16),
        (x + 0.14, y + 0.26), (x - 0.04, y + 0.42), (x - 0.12, y + 0.22),
    ]  # fmt: skip
    stamp_line(dark, region, rim, 0.024, 0.55)
    fold: list[Point] = [
        (x - 0.04, y - 0.20),
        (x + 0.12, y - 0.26),
        (x + 0.17, y - 0.08),
        (x + 0.06, y + 0.14),
    ]
    stamp_line(dark, region, fold, 0.034, 0.40)
    np.maximum(dark, 0.7 * region.spot(x - 0.03, y + 0.02, 0.05, 0.08), out=dark)
    darken(region.view(skin, of=head), dark, _CREASE)
