"""A person seen from the side: the wrong picture for whoever asked for a portrait from the front."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

from facemon.simulator.portraits.canvas import Plane, Region, bell, canvas
from facemon.simulator.portraits.casting import imagine
from facemon.simulator.portraits.colours import GAMMA, blend, shaded
from facemon.simulator.portraits.features import Person
from facemon.simulator.portraits.photograph import drawing_size, enlarge, grained
from facemon.simulator.portraits.side_hair import paint_side_hair
from facemon.simulator.portraits.side_head import filled, paint_side_head

_FACE_UNIT = 0.165  # of the short side
_EYE_LEVEL = 0.46  # of the short side, from above


def profile(age: int, gender: str, seed: int, width: int, height: int) -> Image.Image:
    """The head turned by 90 degrees, to the left or to the right as the seed says."""
    person = imagine(age, gender, seed)
    across, down = drawing_size(width, height)
    short = min(across, down)
    # In a tall picture the head stays in the upper part, as in a portrait from the front.
    whole = canvas(
        across, down, _FACE_UNIT * short, (across / 2, _EYE_LEVEL * short + 0.2 * max(0, down - short))
    )
    picture = _wall(whole, person)
    window = whole.part(-2.6, 2.6, -2.6, 3.4)
    part = window.view(picture)
    paint_side_head(part, window, person)
    _paint_clothes(picture, whole, person)
    paint_side_hair(part, window, person)
    drawing = _developed(picture)
    return grained(enlarge(ImageOps.mirror(drawing) if seed % 2 else drawing, width, height), seed)


def _wall(whole: Region, person: Person) -> Plane:
    """In the shade before the face: its line must stand out from a wall of the skin's colour too."""
    light = 0.55 + 0.45 * whole.spot(0.8, -0.5, 3.2, 2.8)
    return shaded(person.scene.background, light)


def _paint_clothes(picture: Plane, whole: Region, person: Person) -> None:
    """Chest, arm and back from the side, down to the picture's lower edge, however far that is."""
    region = whole.part(-100, 100, 1.5, 100)
    bulk = 0.25 if person.male else 0.0
    cover = filled(
        region,
        [
            (-0.52, 2.46), (-0.75, 2.75), (-1.35 - bulk, 3.5), (-1.6 - bulk, 5.0), (-1.5 - bulk, 9.0),
            (-1.5 - bulk, 20.0), (2.2 + bulk, 20.0), (2.2 + bulk, 6.0), (2.1 + bulk, 3.4), (1.60, 2.35),
            (1.12, 1.95), (0.9, 2.0), (0.1, 2.45),
        ],
    )  # fmt: skip
    light = 0.62 - 0.10 * region.u + 0.05 * region.noise(person.dice("side cloth").generator, 0.5)
    light *= 1 - 0.30 * bell(region.u - 0.05 * region.v, 1.0 + bulk, 0.10)  # the arm before the back
    blend(region.view(picture), shaded(person.scene.cloth, np.clip(light, 0.1, 1.3)), cover)


def _developed(picture: Plane) -> Image.Image:
    """From linear light to an image."""
    encoded = np.clip(picture, 0, 1) ** np.float32(1 / GAMMA)
    return Image.fromarray((255 * encoded).astype(np.uint8))
