"""Is it the blurred picture of moderation?"""

from __future__ import annotations

import numpy as np

from facemon.evaluators.base import Answer, Asked, Question, Threshold, Unscored
from facemon.vision.measures import Grey, laplacian_variance, without_impulses
from facemon.vision.subject import Subject

_SHARP = 11.0
_BLURRED = 3.0
_DIM = 96  # grey values: detail that is half as light has a quarter of the variance


class NotBlurred(Question):
    """The variance of the Laplacian of the reduced picture, without what noise adds.

    It hears a heavy blur over the whole picture only; a soft face is another question. A blank picture has no detail
    either and is left to `not_blank`.
    """

    name = "not_blurred"
    version = "2"
    source = "Pech-Pacheco et al., ICPR 2000; noise removed as in Donoho and Johnstone 1994"
    # Moderation blurs much more than with a radius of 8 pixels: a variance of 3 leaves a margin to both sides, so
    # that a soft portrait is not taken for a refused one.
    default_threshold = Threshold(
        100 * _BLURRED / _SHARP,
        "61 real portraits: variance 8.3 for one, from 53 for the others; 31 of them blurred by 8 pixels of 1024: "
        "at most 1.8",
    )
    advice = "read the prompt for what moderation may object to, ask with another seed, and tell the vendor"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        grey = subject.luminance
        if min(grey.shape) < 6:
            raise Unscored("smaller than 6 pixels")
        if float(grey.std()) < 1.0:
            raise Unscored("blank: nothing on it could be blurred")
        variance = laplacian_variance(without_impulses(grey))
        return self.answer(
            100 * variance / _SHARP,
            variance,
            "grey values squared",
            f"blurred all over{_or_dark(grey)}: Laplacian variance {variance:.1f}",
        )


def _or_dark(grey: Grey) -> str:
    return " or too dark to tell" if float(np.quantile(grey, 0.95)) < _DIM else ""
