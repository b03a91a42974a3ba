"""Betting on a mean: how often the evidence misleads, by brute force, and what no evidence may depend on."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.slo.betting import log_capital_above, log_capital_below, mean_bounds

ALPHA = 0.05
ENOUGH = -math.log(ALPHA)
RUNS = 400
SHARES = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def draws(kind: str, mean: float, count: int) -> np.ndarray:
    """Shape (RUNS, count), values 0 to 1 with that mean, seeded: shapes that a normal interval gets wrong."""
    random = np.random.default_rng([RUNS, count, *kind.encode()])
    if kind == "coin":
        return (random.random((RUNS, count)) < mean).astype(float)
    if kind == "rare":  # all but a few are just above the mean, the few are 0
        return np.where(random.random((RUNS, count)) < 0.03, 0.0, mean / 0.97)
    if kind == "skewed":
        return random.beta(mean * 3, (1 - mean) * 3, (RUNS, count))
    return random.beta(mean * 80, (1 - mean) * 80, (RUNS, count))


@pytest.mark.parametrize("kind", ["coin", "rare", "skewed", "narrow"])
@pytest.mark.parametrize("planned", [None, 120])
def test_a_mean_at_the_limit_is_seldom_taken_for_a_better_or_a_worse_one(kind, planned):
    """With the mean at the limit the capital reaches 1 / alpha on either side in at most 5 of 100 runs.

    It is the largest capital on the way, so that without a plan this holds for a look after every value.
    """
    values = draws(kind, 0.9, 120)
    above = sum(log_capital_above(run, 0.9, ALPHA, planned) >= ENOUGH for run in values)
    below = sum(log_capital_below(run, 0.9, ALPHA, planned) >= ENOUGH for run in values)
    # 31 of 400 is what a true 5 % exceeds once in a hundred.
    assert above <= 31 and below <= 31


@pytest.mark.parametrize("kind", ["coin", "skewed", "narrow"])
def test_bounds_hold_the_mean(kind):
    """Each of the two one-sided bounds is on its right side in at least 95 of 100 runs."""
    bounds = np.array([mean_bounds(run, ALPHA, 60) for run in draws(kind, 0.8, 60)[:150]])
    assert (bounds[:, 0] > 0.8).sum() <= 15 and (bounds[:, 1] < 0.8).sum() <= 15


def test_evidence_grows_where_there_is_something_to_find():
    """A mean of 0.95 is told from 0.9 by 120 values almost always: the method is not merely silent."""
    found = [log_capital_above(run, 0.9, ALPHA, 120) >= ENOUGH for run in draws("narrow", 0.95, 120)]
    assert np.mean(found) > 0.95


def test_a_wrong_bettor_would_be_caught():
    """A bet that knows the value (the sign of x - m) wins far more often than 5 of 100: the simulation can fail."""
    values = draws("coin", 0.9, 120)
    capital = np.cumsum(np.log1p(0.5 * np.abs(values - 0.9)), axis=1).max(axis=1)
    assert (capital >= ENOUGH).mean() > 0.5


def test_a_bet_is_made_before_its_value_is_seen():
    """The paper's bets by hand: a spread of 1/4 before the first value, and before the second that of the first."""
    first = math.sqrt(2 * ENOUGH / (0.25 * 1000))
    assert log_capital_above([0.9], 0.5, ALPHA, 1000) == pytest.approx(math.log1p(first * 0.4))
    mean = (0.5 + 0.9) / 2
    second = math.sqrt(2 * ENOUGH / ((0.25 + (0.9 - mean) ** 2) / 2 * 1000))
    both = math.log1p(first * 0.4) + math.log1p(second * 0.3)
    assert log_capital_above([0.9, 0.8], 0.5, ALPHA, 1000) == pytest.approx(both)


def test_without_a_plan_bets_shrink_as_the_paper_says():
    """The k-th bet is for k log (k + 1) values (equation 26), here where no bet is cut."""
    values, limit = [0.52, 0.49, 0.55, 0.51], 0.05
    capital = most = 0.0
    spread = 0.25
    for k, value in enumerate(values, 1):
        bet = min(math.sqrt(2 * ENOUGH / (spread * k * math.log(k + 1))), 0.75 / limit)
        capital += math.log1p(bet * (value - limit))
        most = max(most, capital)
        means = [(0.5 + sum(values[:n])) / (n + 1) for n in range(1, k + 1)]
        squares = sum((x - m) ** 2 for x, m in zip(values[:k], means, strict=True))
        spread = (0.25 + squares) / (k + 1)
    assert log_capital_above(values, limit, ALPHA) == pytest.approx(most)


@settings(deadline=None, max_examples=100)
@given(SHARES, st.floats(0.01, 0.99), st.floats(0.01, 0.99), st.booleans())
def test_a_higher_limit_has_no_more_evidence(values, one, other, planned):
    """Evidence that the mean lies above m never grows with m: the bounds are an interval."""
    low, high = sorted((one, other))
    plan = len(values) if planned else None
    assert log_capital_above(values, low, ALPHA, plan) >= log_capital_above(values, high, ALPHA, plan) - 1e-9


@settings(deadline=None, max_examples=60)
@given(SHARES)
def test_bounds_enclose_the_mean_and_mirror(values):
    """0 <= lower <= mean <= upper <= 1; the upper bound of x is that of 1 - x from the other end."""
    lower, upper = mean_bounds(values, ALPHA, len(values))
    mean = math.fsum(values) / len(values)
    assert -1e-9 <= lower <= mean + 1e-9 and mean - 1e-9 <= upper <= 1 + 1e-9
    mirrored = mean_bounds([1 - value for value in values], ALPHA, len(values))
    assert mirrored == pytest.approx((1 - upper, 1 - lower), abs=1e-7)


@settings(deadline=None, max_examples=60)
@given(SHARES, st.lists(st.floats(0, 1), max_size=20), st.floats(0.01, 0.99))
def test_what_was_found_at_any_time_stays_found(values, more, limit):
    """Without a plan no later value takes back capital that was once reached."""
    assert log_capital_above(values + more, limit, ALPHA) >= log_capital_above(values, limit, ALPHA) - 1e-12


def test_nothing_and_the_ends():
    """No values, or a limit that none can exceed: no evidence. No bet ever loses more than there is."""
    assert log_capital_above([], 0.5, ALPHA) == log_capital_above([1.0] * 9, 1.0, ALPHA) == 0
    assert mean_bounds([], ALPHA) == (0, 1)
    assert log_capital_above([0.0] * 500 + [1.0] * 500, 0.99, ALPHA) == 0
    assert math.isfinite(log_capital_above([1.0, 0.0] * 500, 0.0, ALPHA))
