"""The measured errors as values: the bias between the decades, and what is published."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.vision.adherence import person_probability
from facemon.vision.calibration import (
    DECADES,
    MOST_GENDER_ERROR,
    MOST_SPREAD,
    UNCALIBRATED,
    AgeError,
    Calibration,
)
from tests.vision.test_adherence import year


def test_no_bias_is_known_of_the_published_model() -> None:
    """Without a calibration nothing is taken off, and the published error of the gender stands."""
    assert [UNCALIBRATED.age.bias_at(age) for age in (0, 33.3, 80)] == [0, 0, 0]
    assert UNCALIBRATED.gender_error == pytest.approx(1 - 0.973)
    assert not UNCALIBRATED.thresholds


def test_the_bias_of_a_decade_holds_in_its_middle() -> None:
    """Half way between two middles it is half way between the two; beyond the last one it stays."""
    error = AgeError(7, {30: 4.0, 20: 2.0})
    assert [error.bias_at(age) for age in (0, 25, 30, 35, 80)] == [2, 2, 3, 4, 4]


@given(st.lists(st.floats(-5, 5), min_size=9, max_size=9))
def test_the_bias_never_jumps(biases: list[float]) -> None:
    """A tenth of a year changes the bias by at most a hundredth of the largest difference between decades."""
    error = AgeError(7, dict(zip(DECADES, biases, strict=True)))
    values = [error.bias_at(tenth / 10) for tenth in range(801)]
    largest = max(abs(one - other) for one, other in pairwise(biases))
    assert all(abs(one - other) <= largest / 100 + 1e-9 for one, other in pairwise(values))


def test_the_worst_calibration_still_lets_an_ideal_face_pass() -> None:
    """At both limits a face without doubt reaches more than the 20 of 100 at which prompt_adherence fails."""
    worst = Calibration("a test", AgeError(MOST_SPREAD), MOST_GENDER_ERROR)
    assert person_probability(year(40, 1.0), worst, 40, "male") > 0.22
