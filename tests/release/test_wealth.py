"""Bets on a bounded mean: they win where the mean is, and nowhere else more often than promised."""

import math

import numpy as np
import pytest

from facemon.release.wealth import SHARES, WEIGHTS, Wealth, log_sum, lower_bound, times_needed


def wealth_of(values: np.ndarray, limit: float) -> Wealth:
    found = Wealth(limit)
    for value in values:
        found.add(float(value))
    return found


def test_the_stakes_are_one_in_all() -> None:
    """Whoever bets more than he has proves nothing: the weights add up to 1, and no share reaches it."""
    assert WEIGHTS.sum() == pytest.approx(1)
    assert 0 < SHARES.min() < SHARES.max() < 1


@pytest.mark.parametrize("limit", [0.01, 0.3, 0.495, 0.99])
def test_a_bet_is_fair_at_the_limit(limit: float) -> None:
    """Over a value of 1 with probability `limit`, else 0, the stake is 1 on average: that makes it evidence."""
    lost, won = wealth_of(np.array([0.0]), limit), wealth_of(np.array([1.0]), limit)
    assert limit * math.exp(won.log) + (1 - limit) * math.exp(lost.log) == pytest.approx(1)


def test_at_the_limit_it_is_seldom_rich_however_often_one_looks() -> None:
    """In 400 series whose mean is the limit at most 5 % (and what chance adds) ever reach 20 times the stake."""
    chance = np.random.default_rng(1)
    rich = sum(
        wealth_of(0.5 + 0.5 * (chance.random(150) < 0.5) - 0.25, 0.5).best >= math.log(20) for _ in range(400)
    )
    assert 0 < rich <= 30  # 5 % are 20; more than 30 come once in 100 at that rate


def test_differences_that_are_always_nothing_decide_as_fast_as_documented() -> None:
    """A margin of 1 point of a success rate, no failure on either side: 388 pairs."""
    found = Wealth((1 - 0.01) / 2)
    seen = 0
    while found.best < math.log(20):
        found.add(0.5)
        seen += 1
    assert seen == 388


def test_what_was_excluded_once_stays_so() -> None:
    """The best there ever was counts, though all is lost again."""
    found = wealth_of(np.array([1.0] * 10 + [0.0] * 50), 0.5)
    assert found.best > math.log(20) > found.log


def test_the_lower_bound_is_where_the_wealth_is_enough() -> None:
    """Bound and test are one: at the bound the wealth is 20, a little above it less."""
    values = np.random.default_rng(2).beta(8, 2, 300)
    bound = lower_bound(values, 0.05)
    assert wealth_of(values, bound).log == pytest.approx(math.log(20), abs=1e-6)
    assert 0.7 < bound < values.mean()


def test_a_bound_of_nothing_is_nothing() -> None:
    """No value, no bound; and values of 0 exclude no mean."""
    assert lower_bound([], 0.05) == 0
    assert lower_bound([0.0] * 50, 0.05) == 0


def test_the_pairs_that_are_missing_are_those_it_takes() -> None:
    """Foretold from the first 100 of equal values: the pair at which it is decided, to a thousandth."""
    found = wealth_of(np.full(100, 0.5), 0.495)
    assert 100 * found.needed(math.log(20), 1000) == pytest.approx(388, abs=1.5)


def test_what_loses_never_gets_there() -> None:
    """Below the limit no number is enough, and that is said."""
    assert wealth_of(np.full(50, 0.4), 0.5).needed(math.log(20), 1e4) == math.inf


def test_times_needed_stops_at_the_most() -> None:
    """A factor beyond the most that is asked for is infinite; one within it is found."""
    assert times_needed(lambda times: times >= 37, 1000) == pytest.approx(37, rel=0.002)
    assert times_needed(lambda times: times >= 37, 30) == math.inf


def test_sums_of_exponentials_do_not_overflow() -> None:
    """Logarithms of thousands, as after many pairs."""
    assert log_sum(np.array([5000.0, 5000.0])) == pytest.approx(5000 + math.log(2))
