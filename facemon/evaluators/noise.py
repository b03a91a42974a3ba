"""Is it grainy?"""

from __future__ import annotations

from math import hypot, sqrt
from statistics import fmean

from facemon.evaluators.base import Answer, Asked, Question, Threshold, Unscored
from facemon.vision.detail import skin
from facemon.vision.measures import Grey, impulse_level, noise_level
from facemon.vision.subject import Subject

_CLEAN = 7.0  # grey values
_GRAINY = 11.0
_WORST = 15.0


class Noise(Question):
    """The noise of the face's skin, of single pixels or of coarser grains; of the picture's middle without a face.

    The root mean square over its four quarters, each with the energy of its impulses (hot pixels): noise on one side
    only is not hidden, as the median over the whole would; and no quarter alone decides, because the face's box
    moves when the picture grows noisy.
    """

    name = "noise"
    version = "3"
    source = "Donoho and Johnstone 1994: median absolute deviation of diagonal wavelet coefficients"
    weight = 0.10
    default_threshold = Threshold(
        100 * (_WORST - _GRAINY) / (_WORST - _CLEAN),
        "61 real portraits: 0.9 to 7.6 grey values; 31 of them with noise of 20: above 18, with coarse grains of 40: "
        "above 12",
    )
    advice = "look at it in full size beside one of the last good run; if most are like it, tell the vendor"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        grey = subject.view(skin)
        if min(grey.shape) < 16:
            raise Unscored("smaller than 16 pixels")
        level = sqrt(fmean(_level(quarter) ** 2 for quarter in _quarters(grey)))
        return self.answer(
            100 * (_WORST - level) / (_WORST - _CLEAN),
            level,
            "grey values",
            f"noise of {level:.0f} grey values",
        )


def _quarters(grey: Grey) -> list[Grey]:
    down, across = grey.shape[0] // 2, grey.shape[1] // 2
    return [
        half[:, part] for half in (grey[:down], grey[down:]) for part in (slice(across), slice(across, None))
    ]


def _level(grey: Grey) -> float:
    noise = noise_level(grey)
    return hypot(noise, impulse_level(grey, noise))
