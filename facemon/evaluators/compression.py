"""Does lossy compression show?"""

from __future__ import annotations

from math import log

from facemon.evaluators.base import Answer, Asked, Question, Threshold, Unscored
from facemon.vision.detail import middle
from facemon.vision.measures import blocking
from facemon.vision.subject import Subject

_CLEAN = 1.5  # the step at the edges of blocks over that elsewhere
_BLOCKS = 2.2
_WORST = 3.4


class Compression(Question):
    """The edges of JPEG's blocks of 8 by 8 pixels in the pixels as they were served, whatever format holds them now.

    A picture whose size was changed after it was compressed has its blocks elsewhere, and they are not heard.
    """

    name = "compression"
    source = "after Wang, Sheikh and Bovik, ICIP 2002: blocking"
    weight = 0.10
    default_threshold = Threshold(
        100 * log(_WORST / _BLOCKS) / log(_WORST / _CLEAN),
        "61 real portraits: 1.0 to 1.5; 31 of them at JPEG quality 10: 2.1 to 4.8, at quality 5: above 3.1",
    )
    advice = "compare its size in bytes with the last good run; something on the way may compress it anew"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        grey = subject.view(middle)
        if min(grey.shape) < 16:
            raise Unscored("smaller than 16 pixels")
        ratio = blocking(grey)
        return self.answer(
            100 * log(_WORST / ratio) / log(_WORST / _CLEAN),
            ratio,
            "times the step elsewhere",
            f"JPEG compression shows: the edges of its blocks are {ratio:.1f} times as steep as the rest",
        )
