"""The apparent age: its score, its bias, and that it informs."""

from __future__ import annotations

import pytest

from facemon.evaluators.age import Age
from facemon.evaluators.base import Asked
from facemon.vision.calibration import AgeError, Calibration, Threshold
from tests.evaluators.person import ask


def test_the_score_of_an_age_falls_with_its_distance() -> None:
    """Full marks for the age itself, 61 at 10 years to either side, 14 at 20, and it never fails."""
    for side in (1, -1):
        answers = [ask(Age, 45, 0.9, Asked(age=45 + side * years)) for years in (0, 5, 10, 20, 40)]
        assert [round(answer.score) for answer in answers] == [100, 88, 61, 14, 0]
        assert all(answer.passed for answer in answers)
        assert answers[0].raw == pytest.approx(45, abs=0.1)
        assert answers[0].unit == "years"


def test_the_age_is_told_without_its_bias() -> None:
    """A network that says 6 years too much is corrected before anything is compared."""
    calibration = Calibration("a test", AgeError(7, {40: 6.0}), 0.03)
    answer = ask(Age, 46, 0.9, Asked(age=40), calibration)
    assert answer.raw == pytest.approx(40, abs=0.1)
    assert answer.score == pytest.approx(100, abs=0.1)


def test_a_calibrated_threshold_can_let_an_age_fail() -> None:
    """With evidence of the user's own it judges, and says in words what it saw."""
    calibration = Calibration("a test", AgeError(7), 0.03, {"age": Threshold(30, "calibrated")})
    answer = ask(Age, 62, 0.9, Asked(age=30), calibration)
    assert not answer.passed
    assert answer.reason == "looks 62 years old, where 30 was asked for"
