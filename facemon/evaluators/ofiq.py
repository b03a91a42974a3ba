"""How good is it as a portrait, by the standard's own reference implementation?"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from facemon.errors import ConfigError, shorten
from facemon.evaluators.base import Answer, Asked, NotAsked, Question, Unscored
from facemon.vision.calibration import UNCALIBRATED, Calibration
from facemon.vision.subject import Subject

_MODELS = "run `python-ofiq setup` (it downloads 400 MB), or set OFIQ_DATA_DIR to the folder that holds them"


class Ofiq(Question):
    """The unified quality score of OFIQ, 0 to 100, measured on the whole picture.

    It informs: the standard sets no threshold, because a good one depends on what the portrait is for. `reason` is
    empty. Raises ConfigError when it is made without the package `python-ofiq` or without its models.
    """

    name = "ofiq"
    source = "ISO/IEC 29794-5, unified quality score, by its reference implementation OFIQ"
    extra = "ofiq"

    def __init__(self, calibration: Calibration = UNCALIBRATED) -> None:
        super().__init__(calibration)
        try:
            import ofiq
        except ImportError as error:
            raise ConfigError(
                f'the evaluator ofiq needs its package: pip install "facemon[ofiq]" ({error})'
            ) from error
        self._package: Any = ofiq
        try:
            self._judge = ofiq.OFIQ()
        except Exception as error:  # its own errors, and whatever the library below it says of damaged models
            raise ConfigError(
                f"OFIQ cannot load its models ({shorten(str(error), 160)}): {_MODELS}"
            ) from error
        self._lock = threading.Lock()  # one of these may not be used by two threads at once

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        pixels = np.ascontiguousarray(np.asarray(subject.rgb))
        try:
            with self._lock:
                quality = float(self._judge.scalar_quality(pixels))
        except self._package.FaceDetectionError:
            raise NotAsked from None  # another detector's blindness is no reason to call a run unknown
        except self._package.OFIQError as error:
            raise Unscored(f"OFIQ could not judge it ({error})") from None
        if not 0 <= quality <= 100:  # its sign for a measure that failed; also what is no number
            raise Unscored(f"OFIQ could not judge it (a score of {quality:g})")
        return self.answer(quality, quality, "OFIQ points", f"OFIQ's unified quality score is {quality:.0f}")
