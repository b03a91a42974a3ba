"""Is the face lit evenly from left and right?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Question
from facemon.vision.aligned import aligned_luminance, face_halves
from facemon.vision.light import overlap
from facemon.vision.subject import Subject


class Illumination(Question):
    """What the histograms of the face's two halves have in common, to the power of 0.3.

    ISO takes a square of each cheek: on smooth skin those have nothing in common at the first touch of a shadow, so
    here it is the whole halves. It informs: light from one side is a matter of taste. Raises Unscored without exactly
    one face.
    """

    name = "illumination"
    source = "ISO/IEC 29794-5, illumination uniformity: intersection of histograms, of halves for cheeks"
    weight = 0.05

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        grey = subject.view(aligned_luminance)
        left, right = face_halves()
        common = overlap(grey[left], grey[right])
        return self.answer(
            100 * common**0.3,
            common,
            "of the grey values in common left and right",
            f"{100 * common:.0f} % in common left and right",
        )
