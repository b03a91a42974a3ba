"""Has the skin a colour that skin has?"""

from __future__ import annotations

from math import hypot

import numpy as np

from facemon.evaluators.base import Answer, Asked, Question
from facemon.vision.aligned import aligned_face, cheeks
from facemon.vision.colour import cielab
from facemon.vision.measures import sigmoid
from facemon.vision.subject import Subject

_A, _B = (5.0, 25.0), (5.0, 35.0)  # ISO/IEC 29794-5: a* and b* of skin
_WIDTH, _HEIGHT = 10.0, 200.0


class NaturalColour(Question):
    """How far the mean colour of the cheeks lies outside a* 5 to 25 and b* 5 to 35 of CIELAB.

    It informs: coloured light is no fault. A picture in black and white lies 7 outside. Raises Unscored without
    exactly one face.
    """

    name = "natural_colour"
    source = "ISO/IEC 29794-5, natural colour: a* and b* of the cheeks"
    weight = 0.025

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        pixels = subject.view(aligned_face)
        both = np.concatenate([pixels[rows, columns] for rows, columns in cheeks()])
        _, a, b = cielab(both).mean(axis=(0, 1))
        distance = hypot(_outside(float(a), _A), _outside(float(b), _B))
        score = _HEIGHT * (1 - sigmoid(distance, 0, _WIDTH))
        unit = "CIELAB units away from skin"
        return self.answer(score, distance, unit, f"skin of an unnatural colour: a* {a:.0f}, b* {b:.0f}")


def _outside(value: float, bounds: tuple[float, float]) -> float:
    lowest, highest = bounds
    return max(lowest - value, value - highest, 0.0)
