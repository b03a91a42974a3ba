"""What a sample says for and against a promise: p-values and bounds that agree with each other."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.slo.evidence import look, unit_values
from facemon.slo.intervals import rate_bounds
from facemon.slo.language import parse
from facemon.slo.metrics import METRICS

ALPHA = 1 - 0.95
TIMES = st.lists(st.one_of(st.floats(0.1, 9), st.just(math.inf)), min_size=2, max_size=130)
# From two on: a single value has a chance of exactly 5 % under a p95, where rounding decides (and no verdict is given).
POINTS = st.lists(st.floats(0, 100), min_size=2, max_size=130)


@pytest.mark.parametrize(("hits", "trials"), [(59, 59), (58, 58), (92, 93), (70, 78), (0, 3)])
def test_a_rate_is_judged_by_its_exact_bounds(hits, trials):
    """The p-values are 5 % exactly where the Clopper-Pearson bounds meet the limit; the bounds are those."""
    found = look(
        parse("success_rate >= 95%"), [1.0] * hits + [0.0] * (trials - hits), ALPHA, sequential=False
    )
    lower, upper = rate_bounds(hits, trials)
    assert (found.lower, found.upper) == (lower, upper)
    assert (found.in_favour <= ALPHA) is (lower >= 0.95)
    assert (found.against <= ALPHA) is (upper <= 0.95)


def test_an_error_rate_is_a_success_rate_seen_from_the_other_end():
    """The same evidence, and bounds mirrored."""
    failures = [1.0] * 4 + [0.0] * 90
    rate = look(parse("success_rate >= 95%"), [1 - value for value in failures], ALPHA, sequential=False)
    found = look(parse("error_rate <= 5%"), failures, ALPHA, sequential=False)
    assert (found.in_favour, found.against) == (rate.in_favour, rate.against)
    assert (found.lower, found.upper) == pytest.approx((1 - rate.upper, 1 - rate.lower))


@settings(deadline=None, max_examples=60)
@given(TIMES, st.floats(0.2, 8), st.sampled_from(["p50", "p90", "p95"]), st.booleans())
def test_order_statistics_agree_with_the_rates_verdict_for_every_limit(times, limit, statistic, sequential):
    """`p95 <= t` is refuted exactly where its lower bound lies above t, confirmed where the upper one does not."""
    objective = parse(f"response_time.{statistic} <= {limit:.6f}s")
    found = look(objective, times, ALPHA, sequential=sequential)
    assert (found.in_favour <= ALPHA) is (found.upper <= objective.limit)
    assert (found.against <= ALPHA) is (found.lower > objective.limit)


@settings(deadline=None, max_examples=60)
@given(POINTS, st.floats(1, 99), st.sampled_from(["p5", "p50"]), st.booleans())
def test_where_high_is_good_a_percentile_is_judged_from_below(points, limit, statistic, sequential):
    """`quality_score.p5 >= 60` is confirmed where the lower bound reaches 60, refuted where the upper one does not."""
    objective = parse(f"quality_score.{statistic} >= {limit:.6f}")
    found = look(objective, points, ALPHA, sequential=sequential)
    assert (found.in_favour <= ALPHA) is (found.lower >= objective.limit)
    assert (found.against <= ALPHA) is (found.upper < objective.limit)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=80), st.floats(0.05, 0.95), st.booleans())
def test_a_mean_is_judged_by_its_bounds(values, limit, sequential):
    """The evidence suffices exactly where the betting bound of the mean lies beyond the limit."""
    objective = parse(f"prompt_adherence.mean >= {limit:.6f}")
    found = look(objective, values, ALPHA, sequential=sequential)
    if abs(found.lower - objective.limit) > 1e-6:
        assert (found.in_favour <= ALPHA) is (found.lower > objective.limit)
    if abs(found.upper - objective.limit) > 1e-6:
        assert (found.against <= ALPHA) is (found.upper < objective.limit)


@pytest.mark.parametrize("sequential", [False, True])
def test_a_mean_that_got_worse_is_not_confirmed_by_its_good_beginning(sequential):
    """150 perfect values and 40 worthless ones have a mean of 0.79: no evidence that it lies above 0.9."""
    objective = parse("prompt_adherence.mean >= 0.9")
    start = look(objective, [1.0] * 150, ALPHA, sequential=sequential)
    later = look(objective, [1.0] * 150 + [0.0] * 40, ALPHA, sequential=sequential)
    assert start.in_favour <= ALPHA
    assert later.in_favour == 1
    turned = look(objective, [0.0] * 40 + [1.0] * 900, ALPHA, sequential=sequential)
    assert turned.against == 1


def test_a_failures_time_counts_in_a_mean_as_the_deadline():
    """An infinite time is 180 s, so that a mean stays finite."""
    assert unit_values(METRICS["response_time"], [0.0, 90.0, math.inf, 500.0]) == [0, 0.5, 1, 1]


@pytest.mark.parametrize(
    "sentence", ["success_rate >= 90%", "response_time.p90 <= 3s", "response_time.mean <= 3s"]
)
def test_without_bounds_the_evidence_is_the_same(sentence):
    """`bounds=False` saves time and changes no p-value."""
    objective = parse(sentence)
    values = [1.0] * 40 + [0.0] * 3
    for sequential in (False, True):
        whole = look(objective, values, ALPHA, sequential=sequential)
        short = look(objective, values, ALPHA, sequential=sequential, bounds=False)
        assert (short.in_favour, short.against) == (whole.in_favour, whole.against)
        assert (short.lower, short.upper) == (-math.inf, math.inf)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, math.inf]), min_size=1, max_size=40))
def test_what_keeps_a_promise_is_counted_as_it_is_defined(values):
    """The evidence counts as kept what `Objective.kept` says, whichever way the metric runs."""
    for sentence in (
        "success_rate >= 90%",
        "error_rate <= 10%",
        "response_time.p90 <= 2s",
        "quality_score.p10 >= 2",
    ):
        objective = parse(sentence)
        kept = sum(map(objective.kept, values))
        same = look(
            parse("success_rate >= 90%"), [1.0] * kept + [0.0] * (len(values) - kept), ALPHA, sequential=False
        )
        found = look(objective, values, ALPHA, sequential=False)
        assert (found.in_favour, found.against) == (same.in_favour, same.against)
