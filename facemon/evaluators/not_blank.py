"""Is there anything on it?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked
from facemon.vision.subject import Subject

# A flat picture has a deviation of 0, heavy JPEG artefacts on one bring it to 1; portraits lie above 20.
_FLAT = 4.0
_LIVELY = 20.0


class NotBlank:
    """The standard deviation of the grey values: 0 on a picture of one colour.

    The threshold of 4 of 255 grey values is ours: four times what compression leaves on a flat picture.
    """

    name = "not_blank"
    version = "1"
    source = "standard deviation of ITU-R 601-2 luma"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        deviation = float(subject.luminance.std())
        return Answer(
            score=min(100.0, 100 * deviation / _LIVELY),
            passed=deviation >= _FLAT,
            raw=deviation,
            unit="grey values",
            reason="" if deviation >= _FLAT else f"blank: grey values deviate by only {deviation:.1f} of 255",
        )
