"""Evidence about a rate at any time: brute force over every path, closed forms, and the shape of the bounds."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.slo.intervals import chance_of_as_few, chance_of_as_many, rate_bounds
from facemon.slo.sequential import log_evidence_above, log_evidence_below, rate_sequence

ENOUGH = -math.log(0.05)
COUNTS = st.integers(1, 800).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def ever(reached, share: float, looks: int) -> float:
    """The exact chance that `reached(hits, trials)` holds at one of the first looks, one after every trial.

    The distribution of the counts of all paths that have not yet stopped, stepped forward: no simulation.
    """
    alive, stopped = {0: 1.0}, 0.0
    for trials in range(1, looks + 1):
        after: dict[int, float] = {}
        for hits, chance in alive.items():
            for more, step in ((1, share), (0, 1 - share)):
                after[hits + more] = after.get(hits + more, 0.0) + chance * step
        stopped += sum(chance for hits, chance in after.items() if reached(hits, trials))
        alive = {hits: chance for hits, chance in after.items() if not reached(hits, trials)}
    return stopped


@pytest.mark.parametrize("share", [0.5, 0.9, 0.95])
def test_looking_after_every_sample_misleads_at_most_five_times_in_a_hundred(share):
    """At the rate itself the chance to *ever* reach 1 / alpha in 300 looks is below 5 %, on both sides, exactly."""
    assert ever(lambda hits, trials: log_evidence_above(hits, trials, share) >= ENOUGH, share, 300) < 0.05
    assert ever(lambda hits, trials: log_evidence_below(hits, trials, share) >= ENOUGH, share, 300) < 0.05


def test_a_fixed_verdict_looked_at_after_every_sample_does_mislead():
    """The exact binomial test at every look is wrong far more often than 5 in 100: the rule above can fail."""
    few = ever(lambda hits, trials: chance_of_as_few(hits, trials, 0.9) <= 0.05, 0.9, 300)
    many = ever(lambda hits, trials: chance_of_as_many(hits, trials, 0.9) <= 0.05, 0.9, 300)
    assert few > 0.15 and many > 0.12


@pytest.mark.parametrize(
    ("hits", "trials", "share"), [(9, 10, 0.5), (59, 60, 0.95), (3, 7, 0.3), (0, 5, 0.2)]
)
def test_it_is_the_mixture_of_likelihood_ratios(hits, trials, share):
    """The e-value is the mean likelihood ratio of all rates above the share, by plain numerical integration."""
    rates = share + (1 - share) * (np.arange(200_000) + 0.5) / 200_000
    ratios = (rates / share) ** hits * ((1 - rates) / (1 - share)) ** (trials - hits)
    assert math.exp(log_evidence_above(hits, trials, share)) == pytest.approx(ratios.mean(), rel=1e-4)


def test_it_is_one_on_average():
    """At the share itself the mean e-value of five trials, over all 32 outcomes, is 1: a fair bet."""
    for share in (0.2, 0.5, 0.95):
        total = 0.0
        for outcome in itertools.product((0, 1), repeat=5):
            hits = sum(outcome)
            total += math.exp(log_evidence_above(hits, 5, share)) * share**hits * (1 - share) ** (5 - hits)
        assert total == pytest.approx(1, rel=1e-9)


def test_the_order_of_the_samples_does_not_matter_and_power_is_there():
    """88 good ones in a row confirm 95 % at any time, 87 do not; looking once takes 59."""
    assert log_evidence_above(87, 87, 0.95) < ENOUGH <= log_evidence_above(88, 88, 0.95)


@settings(deadline=None, max_examples=100)
@given(COUNTS, st.floats(0.05, 0.99), st.floats(0.05, 0.99))
def test_evidence_is_monotone(counts, one, other):
    """One hit more is never less evidence of a high rate, and a higher share never has more."""
    hits, trials = counts
    low, high = sorted((one, other))
    assert log_evidence_above(hits, trials, low) >= log_evidence_above(hits, trials, high) - 1e-7
    if hits < trials:
        assert log_evidence_above(hits + 1, trials, low) >= log_evidence_above(hits, trials, low) - 1e-7


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(11, 314, 0.8351251730455934, 0.9255895632150235), (45, 554, 0.82533, 0.82534)],
)
def test_evidence_is_monotone_where_probabilities_underflow(hits, trials, low, high):
    """Far on the other side, where the tail is smaller than a double: found by the rule above."""
    assert log_evidence_above(hits, trials, low) >= log_evidence_above(hits, trials, high)
    assert log_evidence_above(hits + 1, trials, low) >= log_evidence_above(hits, trials, low)


@settings(deadline=None, max_examples=60)
@given(COUNTS)
def test_bounds_enclose_the_rate_and_are_wider_than_the_exact_ones(counts):
    """What holds at every look says less than what holds at one; hits and misses mirror each other."""
    hits, trials = counts
    lower, upper = rate_sequence(hits, trials, 0.05)
    assert 0 <= lower <= hits / trials <= upper <= 1
    once = rate_bounds(hits, trials)
    assert lower <= once[0] + 1e-9 and once[1] <= upper + 1e-9
    assert rate_sequence(trials - hits, trials, 0.05) == pytest.approx((1 - upper, 1 - lower), abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(COUNTS, st.floats(0.05, 0.99))
def test_bounds_and_evidence_agree(counts, share):
    """The share is below the lower bound exactly where the evidence against it is enough."""
    hits, trials = counts
    lower, upper = rate_sequence(hits, trials, 0.05)
    if abs(share - lower) > 1e-6:
        assert (log_evidence_above(hits, trials, share) >= ENOUGH) is (share < lower)
    if abs(share - upper) > 1e-6:
        assert (log_evidence_below(hits, trials, share) >= ENOUGH) is (share > upper)


@pytest.mark.parametrize(("hits", "trials"), [(-1, 5), (6, 5)])
def test_impossible_counts_are_refused(hits, trials):
    """More hits than trials, or fewer than none, is an error that names both."""
    with pytest.raises(ValueError, match=f"{hits} hits in {trials} trials"):
        rate_sequence(hits, trials, 0.05)


def test_without_a_trial_nothing_is_known():
    """No trials: the rate lies between 0 and 1."""
    assert rate_sequence(0, 0, 0.05) == (0, 1)
