"""Is there anything on it?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.subject import Subject

# A flat picture has a deviation of 0, heavy JPEG artefacts on one bring it to 1; portraits lie above 20.
_LIVELY = 20.0


class NotBlank(Question):
    """The standard deviation of the grey values: 0 on a picture of one colour, full marks from 20 grey values on."""

    name = "not_blank"
    source = "standard deviation of ITU-R 601-2 luma"
    default_threshold = Threshold(20, "degradation: four times what compression leaves on a flat picture")
    advice = "ask again with another seed; if that is blank too, give the vendor its request id"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        deviation = float(subject.luminance.std())
        return self.answer(
            100 * deviation / _LIVELY,
            deviation,
            "grey values",
            f"blank: grey values deviate by only {deviation:.1f} of 255",
        )
