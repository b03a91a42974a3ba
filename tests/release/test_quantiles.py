"""A percentile below another one: shown where it is so, and nowhere else more often than promised."""

import math

import numpy as np
import pytest

from facemon.release.quantiles import (
    log_evidence_higher,
    log_evidence_lower,
    pairs_needed,
    pairs_needed_alike,
    pairs_needed_higher,
    ratio_bounds,
)

SHARE = 0.95
WANTED = math.log(20)


def times(chance: np.random.Generator, count: int, factor: float = 1.0) -> list[float]:
    return (factor * np.exp(0.35 * chance.standard_normal(count))).tolist()


def plainly(low: list[float], high: list[float], *, strict: bool) -> float:
    """The same by the definition: every threshold, every pair, every bet, one after the other."""
    from facemon.release.quantiles import _BETS

    found = []
    for t in [-math.inf, *sorted({*low, *high})]:
        capital = 0.0
        for a, b, weight in _BETS:
            product = weight
            for one, other in zip(low, high, strict=True):
                x = one < t if strict else one <= t
                product *= 1 + a * (x - SHARE) + b * (SHARE - (other <= t))
            capital += product
        found.append(math.log(capital))
    return min(found)


@pytest.mark.parametrize("seed", range(5))
def test_it_is_what_the_definition_says(seed: int) -> None:
    """Counted at once over all thresholds, ties and infinite times included: the same as one by one."""
    chance = np.random.default_rng(seed)
    low, high = (np.round(times(chance, 25), 1).tolist() for _ in range(2))
    low[3] = high[7] = math.inf
    assert log_evidence_lower(low, high, SHARE) == pytest.approx(plainly(low, high, strict=False))
    assert log_evidence_higher(low, high, SHARE) == pytest.approx(plainly(high, low, strict=True))


@pytest.mark.parametrize(("x_share", "y_share"), [(0.95, 0.95), (0.90, 0.95), (0.95, 0.99), (0.5, 1.0)])
def test_every_bet_is_fair_where_the_percentiles_are_equal(x_share: float, y_share: float) -> None:
    """At a threshold within which at most 95 % of one, and at least 95 % of the other lie, nobody gains on average."""
    from facemon.release.quantiles import _BETS, _gains

    factors = np.exp(_gains(SHARE))
    assert _BETS[:, 2].sum() == pytest.approx(1)
    for together in (max(0.0, x_share + y_share - 1), min(x_share, y_share)):  # least and most dependent
        chances = [together, x_share - together, y_share - together, 1 - x_share - y_share + together]
        assert (np.array(chances) @ factors <= 1 + 1e-12).all()


def test_equal_percentiles_are_seldom_told_apart_however_often_one_looks() -> None:
    """Of 150 equal services, looked at 25 times each, at most 5 % (and what chance adds) are called unequal."""
    chance = np.random.default_rng(5)
    wrong = [0, 0]
    for _ in range(150):
        low, high = times(chance, 500), times(chance, 500)
        looks = range(20, 501, 20)
        wrong[0] += any(log_evidence_lower(low[:n], high[:n], SHARE) >= WANTED for n in looks)
        wrong[1] += any(log_evidence_higher(low[:n], high[:n], SHARE) >= WANTED for n in looks)
    assert max(wrong) <= 13  # 5 % are 7.5; 14 and more come once in 50 at that rate


def test_twice_as_slow_is_found() -> None:
    """And not the other way round."""
    chance = np.random.default_rng(6)
    slow, fast = times(chance, 200, 2.0), times(chance, 200)
    assert log_evidence_higher(slow, fast, SHARE) >= WANTED
    assert log_evidence_lower(fast, slow, SHARE) >= WANTED
    assert log_evidence_lower(slow, fast, SHARE) < 0


def test_failures_are_slower_than_anything() -> None:
    """Where more than 5 % fail, the percentile lies among the failures: above any time, whatever the rest."""
    chance = np.random.default_rng(7)
    failing = [math.inf if place % 4 == 0 else time for place, time in enumerate(times(chance, 300, 0.1))]
    assert log_evidence_higher(failing, times(chance, 300), SHARE) >= WANTED


def test_two_services_that_fail_are_equally_slow() -> None:
    """Both percentiles lie among the failures: neither is above the other, however many pairs there are."""
    chance = np.random.default_rng(11)
    one, other = ([math.inf if place % 3 == rest else 1.0 for place in range(600)] for rest in (0, 1))
    assert log_evidence_higher(one, other, SHARE) < 0
    assert log_evidence_higher([math.inf] * 600, [math.inf] * 600, SHARE) < 0
    assert log_evidence_higher([math.inf] * 600, times(chance, 600), SHARE) >= WANTED


def test_the_bounds_are_where_the_evidence_is_enough() -> None:
    """Bound and test are one; the true ratio lies between the bounds."""
    chance = np.random.default_rng(8)
    candidate, baseline = times(chance, 800, 1.2), times(chance, 800)
    lower, upper = ratio_bounds(candidate, baseline, SHARE, (0.05, 0.05))
    assert lower < 1.2 < upper
    for ratio, holds in ((upper * 1.001, True), (upper * 0.98, False)):
        stretched = [ratio * time for time in baseline]
        assert (log_evidence_lower(candidate, stretched, SHARE) >= WANTED) is holds


def test_few_pairs_bound_nothing() -> None:
    """Ten pairs say nothing of a p95, and the bounds say so."""
    chance = np.random.default_rng(9)
    assert ratio_bounds(times(chance, 10), times(chance, 10), SHARE, (0.05, 0.05)) == (0.0, math.inf)


def test_the_pairs_that_are_missing_are_those_it_takes() -> None:
    """So many times the same pairs decide, and a tenth fewer do not."""
    chance = np.random.default_rng(10)
    slow, fast = times(chance, 60, 2.0), times(chance, 60)
    needed = pairs_needed_higher(slow, fast, SHARE, WANTED, 1000)
    assert 1 < needed < 10
    enough, short = math.ceil(needed), math.floor(needed * 0.9)
    assert log_evidence_higher(slow * enough, fast * enough, SHARE) >= WANTED
    assert log_evidence_higher(slow * short, fast * short, SHARE) < WANTED
    assert pairs_needed(slow, fast, SHARE, WANTED, 1000) == math.inf


def test_two_that_are_alike_take_as_many_pairs_as_is_said() -> None:
    """Foretold from 100 values of a known service: within a third of what seeded runs of it take, in the middle."""
    chance = np.random.default_rng(12)
    said = pairs_needed_alike(times(chance, 400), times(chance, 400), SHARE, 1.3, WANTED, 1e6)
    took = []
    for _ in range(15):
        low, high = times(chance, 600), [1.3 * time for time in times(chance, 600)]
        took.append(
            next(n for n in range(20, 601, 10) if log_evidence_lower(low[:n], high[:n], SHARE) >= WANTED)
        )
    assert said == pytest.approx(float(np.median(took)), rel=0.35)
