"""Is it the blurred picture of moderation?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Question, Threshold, Unscored
from facemon.vision.measures import laplacian_variance
from facemon.vision.subject import Subject

_SHARP = 11.0
_BLURRED = 3.0


class NotBlurred(Question):
    """The variance of the Laplacian of the reduced picture; it hears a heavy blur over the whole picture only.

    A soft face is another question. A blank picture has no detail either and is left to `not_blank`.
    """

    name = "not_blurred"
    source = "Pech-Pacheco et al., ICPR 2000"
    # Moderation blurs much more than with a radius of 8 pixels: a variance of 3 leaves a margin to both sides, so
    # that a soft portrait is not taken for a refused one.
    default_threshold = Threshold(
        100 * _BLURRED / _SHARP,
        "27 real portraits at 320 pixels: variance 11 to 220; below 5.5 once blurred by 4 or 8 pixels",
    )

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        grey = subject.luminance
        if min(grey.shape) < 3:
            raise Unscored("smaller than 3 pixels")
        if float(grey.std()) < 1.0:
            raise Unscored("blank: nothing on it could be blurred")
        variance = laplacian_variance(grey)
        return self.answer(
            100 * variance / _SHARP,
            variance,
            "grey values squared",
            f"blurred all over: Laplacian variance {variance:.1f}",
        )
