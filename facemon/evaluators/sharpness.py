"""Is the face in focus?"""

from __future__ import annotations

import numpy as np

from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.detail import face_detail
from facemon.vision.subject import Subject

_SHARP = 11.0  # cycles per eye distance
_SOFT = 8.5
_BLURRED = 4.5


class Sharpness(Question):
    """How fine the detail of the face is: the Laplacian's energy over the gradient's, without what noise adds.

    The square root of that ratio is the mean frequency of edges; contrast, hence light and skin, has no part in it.
    """

    name = "sharpness"
    version = "2"
    source = "ISO/IEC 29794-5, sharpness (Laplacian and Sobel operators), noise removed as in Donoho and Johnstone 1994"
    weight = 0.15
    default_threshold = Threshold(
        100 * (_SOFT - _BLURRED) / (_SHARP - _BLURRED),
        "61 real portraits: 10.2 to 26.6 cycles; 31 of them blurred by 8 pixels of 1024: at most 5.9",
    )
    advice = "look at it in full size beside one of the last good run; if most are soft, tell the vendor"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        detail = subject.view(face_detail)
        periods = np.arange(len(detail.gradient)) * detail.eye_distance / 32
        gradient = float(detail.gradient.sum())
        laplacian = float((detail.gradient * periods**2).sum())
        frequency = (laplacian / gradient) ** 0.5 if gradient > 0 else 0.0
        return self.answer(
            100 * (frequency - _BLURRED) / (_SHARP - _BLURRED),
            frequency,
            "cycles per eye distance",
            f"the face is not sharp: its detail has {frequency:.1f} cycles per eye distance",
        )
