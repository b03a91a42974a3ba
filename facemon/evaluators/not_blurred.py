"""Is it the blurred picture of moderation?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Unscored
from facemon.vision.subject import Subject, laplacian_variance

# On 27 real close portraits at 320 pixels the variance lay between 11 and 220; blurred with a radius of 4 or 8
# pixels at 512 it lay below 5.5. Moderation blurs much more than that: 3 leaves a margin to both sides, so that
# a soft portrait is not taken for a refused one.
_BLURRED = 3.0
_SHARP = 11.0


class NotBlurred:
    """The variance of the Laplacian of the reduced picture; it hears a heavy blur over the whole picture only.

    A soft face is another question. A blank picture has no detail either and is left to `not_blank`.
    """

    name = "not_blurred"
    version = "1"
    source = "Pech-Pacheco et al., ICPR 2000; threshold from 27 real portraits and their blurred copies"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        grey = subject.luminance
        if min(grey.shape) < 3:
            raise Unscored("smaller than 3 pixels")
        if float(grey.std()) < 1.0:
            raise Unscored("blank: nothing on it could be blurred")
        variance = laplacian_variance(grey)
        return Answer(
            score=min(100.0, 100 * variance / _SHARP),
            passed=variance >= _BLURRED,
            raw=variance,
            unit="grey values squared",
            reason="" if variance >= _BLURRED else f"blurred all over: Laplacian variance {variance:.1f}",
        )
