"""The exact bounds of a rate, held against tables, closed forms, and sums of binomial probabilities."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.slo.intervals import rate_bounds

COUNTS = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def at_most(hits: int, trials: int, share: Fraction) -> float:
    """P(X <= hits) of a binomial, summed in whole numbers: shares no line with the code under test."""
    top, bottom = share.numerator, share.denominator
    total = sum(math.comb(trials, k) * top**k * (bottom - top) ** (trials - k) for k in range(hits + 1))
    return float(Fraction(total, bottom**trials))


# Two-sided 95 % intervals (Clopper and Pearson's tables, as R's binom.test prints them): each side at 97.5 %.
TABLE = [
    (0, 10, 0.0, 0.3084971),
    (1, 10, 0.002528579, 0.4450161),
    (2, 10, 0.02521073, 0.5560955),
    (5, 10, 0.1870860, 0.8129140),
    (9, 10, 0.5549839, 0.9974714),
    (10, 10, 0.6915029, 1.0),
    (10, 100, 0.04900469, 0.1762226),
    (50, 100, 0.3983211, 0.6016789),
]


@pytest.mark.parametrize(("hits", "trials", "low", "high"), TABLE)
def test_published_tables(hits, trials, low, high):
    """The bounds at 97.5 % each side are those of the published two-sided 95 % tables."""
    assert rate_bounds(hits, trials, 0.975) == pytest.approx((low, high), abs=1e-6)


@pytest.mark.parametrize("trials", [1, 2, 5, 10, 59, 72, 93, 299, 1000, 100_000])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_no_hit_and_no_miss_have_closed_forms(trials, confidence):
    """Without a hit the upper bound is 1 - tail^(1/n); without a miss the lower one is tail^(1/n)."""
    root = (1 - confidence) ** (1 / trials)
    assert rate_bounds(0, trials, confidence) == pytest.approx((0.0, 1 - root), rel=1e-9)
    assert rate_bounds(trials, trials, confidence) == pytest.approx((root, 1.0), rel=1e-12)


def test_the_least_samples_that_confirm_95_percent():
    """59 successes confirm 95 % and 58 do not; with one miss it takes 93 (and 92 do not), with two 124."""
    assert rate_bounds(58, 58)[0] < 0.95 <= rate_bounds(59, 59)[0] == pytest.approx(0.05 ** (1 / 59))
    assert rate_bounds(91, 92)[0] < 0.95 <= rate_bounds(92, 93)[0]
    assert rate_bounds(121, 123)[0] < 0.95 <= rate_bounds(122, 124)[0]
    assert rate_bounds(298, 298)[0] < 0.99 <= rate_bounds(299, 299)[0]


@pytest.mark.parametrize(("hits", "trials"), [(0, 59), (1, 93), (5, 10), (3, 7), (17, 40), (140, 150)])
def test_bounds_solve_the_defining_equations(hits, trials):
    """At the lower bound so many hits or more have a probability of 5 %, at the upper one so many or fewer."""
    low, high = rate_bounds(hits, trials)
    if hits:
        assert 1 - at_most(hits - 1, trials, Fraction(low)) == pytest.approx(0.05, rel=1e-9)
    assert at_most(hits, trials, Fraction(high)) == pytest.approx(0.05, rel=1e-9)


@pytest.mark.parametrize("trials", [1, 2, 5, 10, 20, 59, 93, 150])
def test_coverage_is_never_below_the_confidence(trials):
    """Whatever the true rate, each bound is on its right side with a probability of at least 95 %, by enumeration."""
    bounds = [rate_bounds(hits, trials) for hits in range(trials + 1)]
    for percent in (1, 5, 20, 50, 70, 90, 94, 95, 96, 99):
        share = percent / 100
        chance = [math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(trials + 1)]
        right_of_low = math.fsum(c for c, (low, _) in zip(chance, bounds, strict=True) if low <= share)
        left_of_high = math.fsum(c for c, (_, high) in zip(chance, bounds, strict=True) if share <= high)
        assert min(right_of_low, left_of_high) >= 0.95 - 1e-12, (trials, share)


@pytest.mark.parametrize("trials", [1, 7, 59, 150])
def test_bounds_grow_with_the_hits(trials):
    """One hit more never lowers a bound."""
    bounds = [rate_bounds(hits, trials) for hits in range(trials + 1)]
    assert bounds == sorted(bounds) and [high for _, high in bounds] == sorted(high for _, high in bounds)
    assert len(set(bounds)) == trials + 1


@settings(deadline=None, max_examples=50)
@given(COUNTS)
def test_bounds_enclose_the_rate(counts):
    """0 <= lower <= hits/trials <= upper <= 1, and the interval is never a point."""
    hits, trials = counts
    low, high = rate_bounds(hits, trials)
    assert 0 <= low <= hits / trials <= high <= 1 and low < high


@settings(deadline=None, max_examples=50)
@given(COUNTS, st.sampled_from([0.8, 0.95, 0.99]))
def test_hits_and_misses_mirror_each_other(counts, confidence):
    """The bounds of the misses are those of the hits, seen from the other end."""
    hits, trials = counts
    low, high = rate_bounds(hits, trials, confidence)
    assert rate_bounds(trials - hits, trials, confidence) == pytest.approx((1 - high, 1 - low), abs=1e-10)


@settings(deadline=None, max_examples=50)
@given(COUNTS)
def test_more_confidence_is_a_wider_interval(counts):
    """To be surer, say less."""
    narrow, wide = rate_bounds(*counts, 0.9), rate_bounds(*counts, 0.99)
    assert wide[0] <= narrow[0] and narrow[1] <= wide[1]


@pytest.mark.parametrize("hits", [0, 1, 7, 50_000, 500_000, 950_000, 999_999, 1_000_000])
def test_a_million_trials(hits):
    """A million trials give finite bounds that lie as near as the normal approximation (or Poisson's) says."""
    low, high = rate_bounds(hits, 1_000_000)
    rate = hits / 1_000_000
    reach = 1.645 * math.sqrt(rate * (1 - rate) / 1_000_000) + 6e-6
    assert 0 <= low <= rate <= high <= 1 and max(high - rate, rate - low) <= reach
    if min(hits, 1_000_000 - hits) >= 50_000:
        assert high - low == pytest.approx(2 * (reach - 6e-6), rel=0.01)


def test_without_a_trial_nothing_is_known():
    """No trials: the rate lies between 0 and 1."""
    assert rate_bounds(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(("hits", "trials"), [(-1, 5), (6, 5), (1, 0), (0, -1)])
def test_impossible_counts_are_refused(hits, trials):
    """More hits than trials, or fewer than none, is an error that names both."""
    with pytest.raises(ValueError, match=f"{hits} hits in {trials} trials"):
        rate_bounds(hits, trials)
