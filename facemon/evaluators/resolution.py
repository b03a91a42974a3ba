"""Was it enlarged from a small picture?"""

from __future__ import annotations

import numpy as np

from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.detail import Detail, face_detail
from facemon.vision.measures import TILE
from facemon.vision.subject import Subject

_FULL = 220.0  # pixels on the shorter side
_COARSE = 175.0
_TINY = 165.0
_RANGE = (40.0, 336.0)  # pixels: what is coarser is light and shape; finer than this no portrait needs to be
_SHARE = 0.9


class Resolution(Question):
    """How many pixels the picture's shorter side would need to hold the detail of its face.

    The size below which 90 % of the gradient's energy lies (spectral roll-off), measured up to 336 pixels, without
    what noise adds. A picture enlarged from a smaller one with any smoothing kernel holds no more than that one; with
    nearest neighbours it shows sharp squares, which are no lack of detail to this measure.
    """

    name = "resolution"
    version = "2"
    source = "spectral roll-off of 90 % of the gradient's energy; ISO/IEC 29794-5, sharpness"
    weight = 0.10
    default_threshold = Threshold(
        100 * (_COARSE - _TINY) / (_FULL - _TINY),
        "61 real portraits: two of 187 and 195 pixels, the others from 218; 31 of them enlarged from 128: at most 160",
    )
    advice = "compare the size and the model asked for with the last good run; something may enlarge small pictures"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        pixels = _roll_off(subject.view(face_detail))
        return self.answer(
            100 * (pixels - _TINY) / (_FULL - _TINY),
            pixels,
            "pixels on the shorter side",
            f"enlarged or soft: it holds the detail of {pixels:.0f} pixels on its shorter side",
        )


def _roll_off(detail: Detail) -> float:
    # A frequency of one period in two pixels is the finest that a picture of that size can hold.
    a_ring = 2 * detail.shorter_side / TILE
    sizes = np.arange(len(detail.gradient)) * a_ring
    within = np.where((sizes >= _RANGE[0]) & (sizes <= _RANGE[1]), detail.gradient, 0)
    below = np.cumsum(within)
    if below[-1] <= 0:
        return 0.0
    return float(np.interp(_SHARE * below[-1], below, sizes + a_ring / 2))
