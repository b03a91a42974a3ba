"""Is it grainy?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Question, Threshold, Unscored
from facemon.vision.detail import skin
from facemon.vision.measures import noise_level
from facemon.vision.subject import Subject

_CLEAN = 6.0  # grey values
_GRAINY = 11.0
_WORST = 16.0


class Noise(Question):
    """The noise of the face's skin, of single pixels or of coarser grains; of the picture's middle without a face."""

    name = "noise"
    source = "Donoho and Johnstone 1994: median absolute deviation of diagonal wavelet coefficients"
    weight = 0.10
    default_threshold = Threshold(
        100 * (_WORST - _GRAINY) / (_WORST - _CLEAN),
        "61 real portraits: 0.9 to 6.7 grey values; 31 of them with noise of 20: above 18, with coarse grains of 40: "
        "above 15",
    )

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        grey = subject.view(skin)
        if min(grey.shape) < 16:
            raise Unscored("smaller than 16 pixels")
        level = noise_level(grey)
        return self.answer(
            100 * (_WORST - level) / (_WORST - _CLEAN),
            level,
            "grey values",
            f"noise of {level:.0f} grey values",
        )
