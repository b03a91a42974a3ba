"""Puts a portrait together, from the wall behind to the grain of the film."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
from PIL import Image

from facemon.simulator.portraits.body import paint_clothes, paint_ears, paint_neck, paint_wall
from facemon.simulator.portraits.canvas import Plane, Region, canvas
from facemon.simulator.portraits.casting import imagine
from facemon.simulator.portraits.colours import GAMMA
from facemon.simulator.portraits.face import paint_face
from facemon.simulator.portraits.features import Person, Scene
from facemon.simulator.portraits.hair import paint_hair_behind, paint_hair_in_front
from facemon.simulator.portraits.strands import grow_hair

SIDE = 512  # pixels of a drawing's short side
# Raised whenever the pixels of any portrait change: pictures cached under an older one are never served.
DRAWING_VERSION = 6

_FACE_UNIT = 0.185  # of the short side: the head fills two fifths of a square's width
_EYE_LEVEL = 0.47  # of a square's height, from above
_TALL_EYE_LEVEL = 0.40  # the taller the picture, the more of the body is in it
_GRAIN = 0.005


def draw_portrait(age: int, gender: str, seed: int, width: int = SIDE, height: int = SIDE) -> Image.Image:
    """A frontal portrait of one person, RGB: the same (age, gender, seed, size) gives the same pixels always.

    `gender` is `male` or `female`, `seed` any non-negative int. The face is as large as the short side says;
    in a wide or tall picture more of the wall and the body is seen around it.
    """
    person = imagine(age, gender, seed)
    whole = _frame(person.scene, width, height)
    picture = np.empty((*whole.shape, 3), np.float32)
    paint_wall(picture, whole, person)
    mane = grow_hair(whole, person)
    paint_hair_behind(picture, mane, person)
    paint_neck(picture, whole, person)
    paint_clothes(picture, whole, person)
    paint_ears(picture, whole, person)
    head = paint_face(picture, whole, person)
    paint_hair_in_front(picture, mane, person, head)
    return _straight_cut(_develop(picture, whole, person), person.scene.roll, width, height)


def _frame(scene: Scene, width: int, height: int) -> Region:
    """The canvas: larger than the picture, so that no corner stays empty when it is turned."""
    turn = abs(sin(radians(scene.roll)))
    canvas_width = width + 2 * int(height * turn / 2 + 2)
    canvas_height = height + 2 * int(width * turn / 2 + 2)
    short = min(width, height)
    tallness = min(max(height / width - 1, 0), 1)
    eye_level = _EYE_LEVEL + (_TALL_EYE_LEVEL - _EYE_LEVEL) * tallness
    across = canvas_width / 2 + scene.shift[0] * short
    down = canvas_height / 2 + (eye_level - 0.5) * height + scene.shift[1] * short
    return canvas(canvas_width, canvas_height, _FACE_UNIT * short * scene.scale, (across, down))


def _develop(picture: Plane, whole: Region, person: Person) -> Image.Image:
    """From linear light to an image: highlights roll off softly, and a little grain hides the banding."""
    picture /= 1 + 0.10 * picture
    np.clip(picture, 0, 1, out=picture)
    np.power(picture, np.float32(1 / GAMMA), out=picture)
    generator = person.dice("grain").generator
    grain = _GRAIN * whole.noise(generator, 0.021)
    grain += 0.8 * _GRAIN * generator.standard_normal(whole.shape, np.float32)
    picture += grain[..., None]
    np.clip(picture, 0, 1, out=picture)
    picture *= 255
    return Image.fromarray(picture.astype(np.uint8))


def _straight_cut(image: Image.Image, roll: float, width: int, height: int) -> Image.Image:
    """The middle of `image` turned by `roll` degrees, as the head leans, at `width` × `height`."""
    across, down = cos(radians(roll)), sin(radians(roll))
    left = image.width / 2 - across * width / 2 + down * height / 2
    top = image.height / 2 - down * width / 2 - across * height / 2
    matrix = (across, -down, left, down, across, top)
    return image.transform((width, height), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
