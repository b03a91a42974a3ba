"""The face as a whole: shape, skin, light, and what is drawn on top."""

from __future__ import annotations

import numpy as np

from facemon.simulator.portraits.canvas import Plane, Region
from facemon.simulator.portraits.colours import Colour, blend, darken
from facemon.simulator.portraits.eyes import paint_brows, paint_eyes
from facemon.simulator.portraits.features import Person
from facemon.simulator.portraits.fitted import make_up
from facemon.simulator.portraits.head import Head, model_head
from facemon.simulator.portraits.mouth import Lips, paint_lips, shade_mouth, shade_nose, shape_lips
from facemon.simulator.portraits.shading import Light, light_up, occlusion, skin_light
from facemon.simulator.portraits.skin import complexion
from facemon.simulator.portraits.wrinkles import wrinkles

_CREASE: Colour = (0.8, 1.0, 1.0)  # light that leaves a crease is reddened
_GLOSS = np.array((1.0, 0.97, 0.93), np.float32)


def paint_face(picture: Plane, canvas: Region, person: Person) -> Head:
    """Paint the bare head over `picture`, in place, and return its shape."""
    head = model_head(canvas, person)
    region = head.region
    lips = shape_lips(region, person)
    grooves = wrinkles(region, person)
    height = head.height - (0.027 + 0.035 * person.ageing.wear) * grooves

    light = light_up(height, region.unit, person.scene.light)
    open_sky = occlusion(region, height)
    face = complexion(head, person)
    paint_lips(face, region, person, lips)
    face *= skin_light(light, open_sky, person.scene.exposure)
    face += _highlights(light, open_sky, lips, person)[..., None] * _GLOSS

    darken(face, np.clip((0.12 + 0.35 * person.ageing.wear) * grooves, 0, 0.8), _CREASE)
    shade_nose(face, region, person)
    shade_mouth(face, region, person, lips)
    paint_eyes(face, region, person)
    paint_brows(face, region, person)
    face *= make_up(region, person)
    blend(region.view(picture), face, head.cover)
    return head


def _highlights(light: Light, open_sky: Plane, lips: Lips, person: Person) -> Plane:
    """A broad gloss that age dulls, a narrow one, and moist lips."""
    squared = light.mirror * light.mirror
    power_8 = (squared * squared) ** 2
    power_32 = (power_8 * power_8) ** 2
    broad = 0.10 * (1 - 0.3 * person.ageing.decades) * power_32
    return (broad + 0.08 * power_32 * power_32 * power_32 + 0.12 * lips.cover * power_32 * power_8) * open_sky
