"""The probability that the person asked for is shown: its bounds, its shape, and what it is made of."""

from __future__ import annotations

from itertools import pairwise
from math import erf, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.vision.adherence import age_probability, apparent_age, gender_probability, person_probability
from facemon.vision.calibration import DECADES, UNCALIBRATED, AgeError, Calibration
from facemon.vision.models import Attributes

EXACT = AgeError(spread=7.0)
SHARES = st.floats(0, 1)
MISTAKES = st.floats(0, 0.25)
SPREADS = st.floats(0.5, 25)
BIASES = st.dictionaries(st.sampled_from(DECADES), st.floats(-20, 20))
ERRORS = st.builds(AgeError, SPREADS, BIASES)


def seen(mean: float, deviation: float = 4.0, male: float = 0.9) -> Attributes:
    """A bell of ages around `mean`, as the network says it."""
    ages = np.exp(-0.5 * ((np.arange(81) - mean) / deviation) ** 2)
    return Attributes(ages / ages.sum(), male)


def year(age: int, male: float = 0.9) -> Attributes:
    """One year and nothing else."""
    return Attributes(np.eye(81)[age], male)


@st.composite
def anything(draw: st.DrawFn) -> Attributes:
    """Any distribution whatsoever, such as two ages far apart."""
    weights = np.array(draw(st.lists(st.floats(0, 1), min_size=81, max_size=81)))
    weights[draw(st.integers(0, 80))] += 1
    return Attributes(weights / weights.sum(), draw(SHARES))


@given(anything(), ERRORS, MISTAKES, st.integers(0, 120), st.sampled_from(["male", "female"]))
def test_it_is_a_probability(
    said: Attributes, error: AgeError, mistaken: float, age: int, gender: str
) -> None:
    """Whatever the networks say and whatever was asked: 0 to 1, and no likelier than either half of it."""
    both = person_probability(said, Calibration("a test", error, mistaken), age, gender)
    halves = age_probability(said, error, age), gender_probability(said, mistaken, gender)
    assert 0 <= both <= min(halves) <= max(halves) <= 1
    assert both == halves[0] * halves[1]


@given(st.floats(20, 60), st.floats(0.3, 8), SPREADS)
def test_it_falls_with_the_distance(mean: float, deviation: float, spread: float) -> None:
    """The further the age asked lies from the age seen, the less probable, to either side, without a step back."""
    said = seen(mean, deviation)
    for side in (1, -1):
        fall = [
            age_probability(said, AgeError(spread), said.age + side * distance)
            for distance in range(0, 90, 3)
        ]
        assert all(later <= earlier + 1e-9 for earlier, later in pairwise(fall))
        assert fall[-1] < fall[0]


@given(st.integers(25, 55), SPREADS)
def test_it_is_no_hard_cut(age: int, spread: float) -> None:
    """A year more or less is never a verdict: no step is larger than the density of the normal allows."""
    said = seen(age)
    steps = [age_probability(said, AgeError(spread), age + years) for years in range(-40, 41)]
    width = max(spread, 4.0) - 0.1  # 4 years: the bell's own
    assert max(abs(one - other) for one, other in pairwise(steps)) <= 1 / (sqrt(2 * np.pi) * width) + 1e-3


def test_nor_is_it_one_where_the_network_is_in_doubt() -> None:
    """Its classes are whole years; a tenth of a year more of bias moves no whole year in or out of the ten."""
    said = seen(40, 9)
    likely = [age_probability(said, AgeError(7, {40: tenth / 10}), 52) for tenth in range(40)]
    assert max(abs(one - other) for one, other in pairwise(likely)) < 0.01


def test_nobody_is_younger_than_born() -> None:
    """A bias larger than the age said leaves 0 years."""
    assert apparent_age(year(3), AgeError(7, {0: 8.0})) == 0


def test_what_an_ideal_picture_reaches() -> None:
    """One year without a doubt: P(|error| <= 10) of a normal with the measured spread, 0.85 with 7 years."""
    reached = age_probability(year(40), EXACT, 40)
    assert reached == pytest.approx(erf(10 / 7 / sqrt(2))) == pytest.approx(0.847, abs=1e-3)
    assert person_probability(year(40, 1.0), UNCALIBRATED, 40, "male") == pytest.approx(0.824, abs=1e-3)


@pytest.mark.parametrize("deviation", [0.5, 2, 4, 6])
def test_the_networks_own_doubt_is_part_of_the_measured_error(deviation: float) -> None:
    """Below the measured spread it does not matter how sure the network says it is."""
    assert age_probability(seen(40, deviation), EXACT, 40) == pytest.approx(0.847, abs=0.005)


def test_a_network_that_is_less_sure_than_usual_counts_for_less() -> None:
    """Beyond the measured spread, the network's own doubt decides."""
    likely = [age_probability(seen(40, deviation), EXACT, 40) for deviation in (6, 9, 12, 15)]
    assert likely == sorted(likely, reverse=True)
    assert likely[2] == pytest.approx(erf(10 / 12 / sqrt(2)), abs=0.03)


@given(st.floats(20, 60), st.floats(-15, 15), st.integers(10, 70))
def test_a_bias_is_removed(mean: float, bias: float, asked: int) -> None:
    """What the network says too much everywhere is taken off: as if it had never been there."""
    said, error = seen(mean), AgeError(7.0, dict.fromkeys(DECADES, bias))
    assert apparent_age(said, error) == pytest.approx(max(0, said.age - bias))
    assert age_probability(said, error, asked) == pytest.approx(age_probability(said, EXACT, asked + bias))


@given(SHARES, MISTAKES)
def test_both_genders_are_treated_alike(male: float, mistaken: float) -> None:
    """What is said of one gender is said of the other one with the answer turned round, and both make 1."""
    one, mirrored = year(40, male), year(40, 1 - male)
    assert gender_probability(one, mistaken, "male") == pytest.approx(
        gender_probability(mirrored, mistaken, "female")
    )
    total = gender_probability(one, mistaken, "male") + gender_probability(one, mistaken, "female")
    assert total == pytest.approx(1)


@given(SHARES, SHARES, MISTAKES)
def test_the_network_is_believed_as_far_as_it_was_right(one: float, other: float, mistaken: float) -> None:
    """Never surer than the measured error, undecided where it is, and in the order in which it says it."""
    low, high = sorted((one, other))
    likely = [gender_probability(year(40, male), mistaken, "male") for male in (low, high)]
    assert mistaken - 1e-9 <= likely[0] <= likely[1] + 1e-9 <= 1 - mistaken + 2e-9
    assert gender_probability(year(40, 0.5), mistaken, "male") == pytest.approx(0.5)
