"""Faces of which nothing is known but what the networks say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from facemon.evaluators.base import Answer, Asked
from facemon.vision.calibration import UNCALIBRATED, Calibration
from facemon.vision.models import Attributes
from tests.vision.test_adherence import seen


@dataclass
class Looks:
    """In place of a subject."""

    attributes: Attributes


def ask(kind: Any, age: float, male: float, asked: Asked, calibration: Calibration = UNCALIBRATED) -> Answer:
    """One answer about a face that looks `age` and, with that probability, male."""
    answer: Answer = kind(calibration).evaluate(Looks(seen(age, male=male)), asked)
    return answer
