"""Is it calm around the head?"""

from __future__ import annotations

import numpy as np

from facemon.evaluators.base import Answer, Asked, Question
from facemon.vision.light import gradient_mean, luma
from facemon.vision.measures import Grey, sigmoid
from facemon.vision.subject import Subject

_MIDDLE, _WIDTH, _HEIGHT = 10.0, 100.0, 190.0  # ISO/IEC 29794-5
_HEAD = 1.2  # eye distances from the middle of the eyes to the side of a head, with some hair
_NARROWEST = 8  # pixels of the reduced picture: what there is where the head fills it


class Background(Question):
    """The mean gradient beside the head: from the edges of the picture half way to the head, down to the chin.

    It informs: nobody asked for an empty wall. Raises Unscored without exactly one face.
    """

    name = "background"
    source = "ISO/IEC 29794-5, background uniformity: mean Sobel gradient, of two strips for a segmentation"
    weight = 0.025

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        mean = float(np.mean([gradient_mean(strip) for strip in _strips(subject)]))
        score = _HEIGHT * (1 - sigmoid(mean, _MIDDLE, _WIDTH))
        return self.answer(score, mean, "grey values of Sobel gradient", f"a restless background: {mean:.0f}")


def _strips(subject: Subject) -> tuple[Grey, Grey]:
    face = subject.face
    height, width, _ = face.pixels.shape
    scale = width / subject.rgb.width
    (x, y), head = (place * scale for place in face.eye_middle), _HEAD * face.eye_distance * scale
    chin = int(np.clip(y + face.chin_drop * scale, _NARROWEST, height))
    left, right = (max(_NARROWEST, int((room - head) / 2)) for room in (x, width - x))
    return luma(face.pixels[:chin, :left]), luma(face.pixels[:chin, -right:])
