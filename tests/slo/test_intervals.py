"""The exact bounds of a rate and of a percentile, held against tables, closed forms, and sums of probabilities."""

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.slo.intervals import chance_of_as_few, chance_of_as_many, percentile_bounds, rate_bounds

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


# --- a percentile: order statistics ---


def textbook_bounds(ordered, share):
    """The distribution-free one-sided bounds of a percentile (Conover, 3rd edition, 3.2), by exact fractions.

    Upper: the least order statistic X(r) with P(Bin(n, share) <= r - 1) >= 0.95. Lower: the greatest X(s) with
    P(Bin(n, share) <= s - 1) <= 0.05.
    """
    n = len(ordered)
    chance = [math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
    below = [sum(chance[: k + 1], Fraction(0)) for k in range(n)]  # below[i] belongs to the rank i + 1
    upper = next((ordered[i] for i in range(n) if below[i] >= Fraction(95, 100)), math.inf)
    lower = next((ordered[i] for i in reversed(range(n)) if below[i] <= Fraction(5, 100)), -math.inf)
    return lower, upper


@pytest.mark.parametrize("count", [2, 13, 14, 58, 59, 93, 130])
@pytest.mark.parametrize("percent", [5, 50, 95, 99])
def test_percentile_bounds_are_the_textbooks(count, percent):
    """Both bounds are the order statistics of the textbook's rule, for few and for many samples."""
    ordered = [float(n) for n in range(count)]
    found = percentile_bounds(ordered, percent / 100)
    assert found == textbook_bounds(ordered, Fraction(percent, 100))


@pytest.mark.parametrize(("percent", "least"), [(50, 5), (90, 29), (95, 59), (99, 299), (99.9, 2995)])
def test_least_samples_for_an_upper_bound(percent, least):
    """A p95 has an upper bound from 59 samples on, a p99 from 299: then the largest value is one."""
    ordered = [float(n) for n in range(least)]
    assert percentile_bounds(ordered, percent / 100)[1] == ordered[-1]
    assert percentile_bounds(ordered[:-1], percent / 100)[1] == math.inf


def test_the_median_of_ten():
    """Published: ranks 2 and 9 bound a median of 10 values at 97.5 % each (David and Nagaraja, 7.1)."""
    assert percentile_bounds([float(n) for n in range(1, 11)], 0.5, 0.975) == (2, 9)


def test_failures_make_the_upper_bound_infinite():
    """An infinite value is one like any other: where the bound falls among the failures it is infinite."""
    times = [1.0] * 92
    assert percentile_bounds([*times, math.inf], 0.95) == (1.0, 1.0)
    assert percentile_bounds([*times, math.inf, math.inf], 0.95)[1] == math.inf
    assert percentile_bounds([1.0] + [math.inf] * 9, 0.95)[0] == math.inf


def test_without_values_nothing_is_known():
    """No values: no bound."""
    assert percentile_bounds([], 0.95) == (-math.inf, math.inf)


@pytest.mark.parametrize("trials", [1, 10, 93])
def test_p_values_are_binomial_sums(trials):
    """The chance of as many or more, and of as few or fewer, summed in whole numbers."""
    for hits in {0, 1, trials // 2, trials - 1, trials}:
        few = at_most(hits, trials, Fraction(95, 100))
        many = 1 - (at_most(hits - 1, trials, Fraction(95, 100)) if hits else 0)
        assert chance_of_as_few(hits, trials, 0.95) == pytest.approx(few, rel=1e-9, abs=1e-300)
        assert chance_of_as_many(hits, trials, 0.95) == pytest.approx(many, rel=1e-9, abs=1e-15)
