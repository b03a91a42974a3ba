"""Is it grainy?"""

from __future__ import annotations

from math import hypot

from facemon.evaluators.base import Answer, Asked, Question, Threshold, Unscored
from facemon.vision.detail import skin
from facemon.vision.measures import Grey, impulse_level, noise_level
from facemon.vision.subject import Subject

_CLEAN = 7.0  # grey values
_GRAINY = 12.0
_WORST = 17.0


class Noise(Question):
    """The noise of the face's skin, of single pixels or of coarser grains; of the picture's middle without a face.

    Of the noisiest of its four quarters, impulses (hot pixels) added by their energy.
    """

    name = "noise"
    version = "2"
    source = "Donoho and Johnstone 1994: median absolute deviation of diagonal wavelet coefficients"
    weight = 0.10
    default_threshold = Threshold(
        100 * (_WORST - _GRAINY) / (_WORST - _CLEAN),
        "61 real portraits: 1.1 to 9.5 grey values; 31 of them with noise of 20: above 19, with coarse grains of 40: "
        "above 14",
    )

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        grey = subject.view(skin)
        if min(grey.shape) < 16:
            raise Unscored("smaller than 16 pixels")
        level = max(_level(quarter) for quarter in _quarters(grey))
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
