"""Estimates from few pictures stand near what is published, from many near what was measured."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.calibrating.fitting import (
    FEWEST_FOR_A_THRESHOLD,
    decade_of,
    fit_age,
    fit_gender,
    fit_threshold,
    mean_interval,
)
from facemon.vision.calibration import DECADES, MOST_GENDER_ERROR, UNCALIBRATED

AGES = st.floats(0, 80)


def test_the_decade_of_an_age() -> None:
    """80 is the network's last year and a decade of its own."""
    assert [decade_of(age) for age in (0, 9.99, 10, 42.5, 79.9, 80)] == [0, 0, 10, 40, 70, 80]


def test_nothing_measured_is_what_is_published() -> None:
    """Without a face: no bias, the published spread and the published share."""
    assert fit_age([], []) == UNCALIBRATED.age
    assert fit_gender(0, 0) == pytest.approx(UNCALIBRATED.gender_error)


def test_one_picture_moves_little() -> None:
    """A single error of 22 years: bias 22/11 = 2 overall, (22 + 10·2)/11 in its decade; by the formula, no more."""
    error = fit_age([52.0], [30.0])
    assert error.bias[20] == pytest.approx(2)
    assert error.bias[50] == pytest.approx((22 + 20) / 11)
    assert error.spread < 10


@given(st.lists(st.tuples(AGES, AGES), max_size=40))
def test_a_bias_lies_between_nothing_and_the_mean_of_its_errors(pairs: list[tuple[float, float]]) -> None:
    """Shrinkage draws together: no bias is larger than the largest error, and each decade is there."""
    said, true = [one for one, _ in pairs], [other for _, other in pairs]
    error = fit_age(said, true)
    errors = [one - other for one, other in pairs]
    assert set(error.bias) == (set(DECADES) if pairs else set())
    for bias in error.bias.values():
        assert min([0.0, *errors]) - 1e-9 <= bias <= max([0.0, *errors]) + 1e-9
    assert error.spread > 0


def test_many_pictures_tell_the_truth() -> None:
    """3000 faces, judged 6 years too old from 40 on, with a spread of 4: found again within half a year."""
    chance = random.Random(1)
    said = [chance.uniform(20, 70) for _ in range(3000)]
    true = [age - (6 if age >= 40 else 0) - chance.gauss(0, 4) for age in said]
    error = fit_age(said, true)
    assert [error.bias[decade] for decade in (20, 50, 60)] == pytest.approx([0, 6, 6], abs=0.5)
    assert error.spread == pytest.approx(4, abs=0.5)


@given(st.integers(0, 500), st.integers(0, 500))
def test_a_gender_error_is_never_none_and_rises_with_the_mistakes(right: int, wrong: int) -> None:
    """No mistake among few says little; a share between the published and the measured one."""
    faces = right + wrong
    share = fit_gender(wrong, faces)
    measured = wrong / faces if faces else UNCALIBRATED.gender_error
    low, high = sorted((measured, UNCALIBRATED.gender_error))
    assert 0 < share < 1
    assert low - 1e-12 <= share <= high + 1e-12
    assert fit_gender(wrong + 1, faces + 1) > share


def test_guessing_is_more_than_is_accepted() -> None:
    """Half of 100 faces mistaken lies beyond what a calibration may say."""
    assert fit_gender(50, 100) > MOST_GENDER_ERROR


def test_a_threshold_needs_59_pictures() -> None:
    """1 - 0.95^59 is the first above 0.95: with 58 the lowest score is no limit for 95 % at 95 % confidence."""
    assert 1 - 0.95**58 < 0.95 < 1 - 0.95**FEWEST_FOR_A_THRESHOLD
    scores = [80.0 + place / 10 for place in range(FEWEST_FOR_A_THRESHOLD)]
    assert fit_threshold(scores[1:]) is None
    threshold = fit_threshold(scores)
    assert threshold is not None
    assert threshold.score == 64
    assert (
        threshold.basis == "calibrated on 59 good pictures with one face: a fifth below their 1st percentile"
    )


def test_one_bad_picture_in_hundreds_does_not_decide() -> None:
    """The 1st percentile, not the lowest, where there are enough: two strays of 300 are left below."""
    threshold = fit_threshold([1.0, 2.0, *[90.0] * 298])
    assert threshold is not None
    assert threshold.score == 72


@pytest.mark.parametrize(
    "scores",
    [[100.0] * 99, [0.0] * 99, [0.0] * 9 + [100.0] * 90, [0.0] * 5 + [90.0] * 95, [0.0] * 80 + [1.0]],
)
def test_where_nothing_can_be_learned_the_threshold_stays(scores: list[float]) -> None:
    """Yes or no, full marks all over, or a score of 0 for good pictures: no threshold follows from those."""
    assert fit_threshold(scores) is None


def test_the_interval_of_a_mean_covers_it() -> None:
    """The percentile bootstrap on 200 samples of 40: it holds the true mean in about 95 of 100, each time alike."""
    chance = np.random.default_rng(7)
    hits = 0
    for _ in range(30):
        values = np.abs(chance.normal(0, 7, 40)).tolist()
        low, high = mean_interval(values) or (0, 0)
        hits += low <= 7 * np.sqrt(2 / np.pi) <= high
    assert hits >= 25
    assert mean_interval(values) == mean_interval(values)
    assert mean_interval(values[:9]) is None
