"""What holds for every objective and every sample: found by hypothesis, not by examples."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from facemon.slo.judging import Verdict, decide, judge_values
from facemon.slo.language import parse, show
from facemon.slo.metrics import METRICS, PERCENTILE, Kind
from facemon.slo.objectives import AXES, Objective, ObjectiveError

PERCENTILES = st.one_of(
    st.integers(1, 99).map(lambda n: f"p{n}"),
    st.floats(0.01, 99.99).map(lambda x: f"p{x:.2f}"),
    st.just("p99.99"),
)
# Worse is smaller: the order in which a tighter limit, or a failure more, may move a verdict.
ORDER = [Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS]


@st.composite
def objectives(draw):
    """Any valid objective."""
    metric = draw(st.sampled_from(list(METRICS.values())))
    named = draw(st.sampled_from(metric.statistics or (None,)))
    statistic = draw(PERCENTILES) if named == PERCENTILE else named
    ends = (0.0001, 0.9999) if metric.kind is Kind.RATE else (0.0, metric.highest)
    limit = draw(st.floats(*ends) | st.integers(1, 100).map(lambda n: ends[1] * n / 100))
    by: tuple[str, ...] = ()
    window = samples = None
    if metric.kind is not Kind.RUN:
        by = tuple(draw(st.lists(st.sampled_from(list(AXES)), unique=True, max_size=3)))
        window = draw(
            st.none() | st.floats(60, 366 * 86400) | st.integers(1, 366).map(lambda days: 86400.0 * days)
        )
        samples = draw(st.none() | st.integers(513, 1_000_000))  # 513: what 99.99 % needs to bear one failure
    try:
        return Objective(metric.name, statistic, limit, by, window, samples)
    except ObjectiveError:  # an end of the range, which can never fail or never be confirmed
        assume(False)


@settings(deadline=None, max_examples=250)
@given(objectives())
def test_a_sentence_says_the_whole_objective(objective):
    """parse after show is the identity, and show after parse prints the same sentence again."""
    assert parse(show(objective)) == objective
    assert show(parse(show(objective))) == show(objective)


WORDS = st.sampled_from(
    [
        *METRICS,
        *AXES,
        *[".", ".p95", ".mean", ".max", "<=", ">=", "<", "=", "≤", "3s", "99%", "0.9", "100/min", "NaN"],
        *["by", "over", "from", "1h", "200", "samples", "sample", ",", "and", "é", "-1", "1e9"],
        *("", " ", "\n", "\x00"),
    ]
)
PIECES = st.lists(WORDS, max_size=14).flatmap(
    lambda words: st.sampled_from([" ".join(words), "".join(words)])
)


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(max_size=80), PIECES, PIECES.flatmap(lambda text: st.text().map(text.__add__))))
def test_any_text_is_an_objective_or_one_sentence(text):
    """Nothing but an Objective or an ObjectiveError ever comes out, and the error is a single line."""
    try:
        found = parse(text)
    except ObjectiveError as error:
        said = str(error)
        assert said.startswith("objective ") and len(said.splitlines()) == 1
    else:
        assert parse(show(found)) == found


RATES = st.lists(st.sampled_from([1.0, 1.0, 1.0, 1.0, 0.0]), min_size=1, max_size=150)
TIMES = st.lists(st.one_of(st.floats(0.1, 9), st.just(math.inf)), min_size=1, max_size=150)
SHARES = st.lists(st.one_of(st.floats(0, 1), st.floats(0.85, 1)), min_size=1, max_size=80)
POINTS = st.lists(st.floats(0, 100), min_size=1, max_size=100)
# metric, statistic, values, the range of limits, and the worst value there is
KINDS = {
    "rate": ("success_rate", None, RATES, (0.5, 0.99), 0.0),
    "low rate": ("error_rate", None, RATES.map(lambda v: [1 - x for x in v]), (0.01, 0.5), 1.0),
    "percentile": ("response_time", "p90", TIMES, (0.2, 8.0), math.inf),
    "high percentile": ("quality_score", "p10", POINTS, (5.0, 95.0), 0.0),
    "mean": ("prompt_adherence", "mean", SHARES, (0.1, 0.95), 0.0),
    "low mean": ("response_time", "mean", TIMES, (0.2, 100.0), math.inf),
}


def verdicts(one, other):
    """Both, as places in the order from the worst to the best."""
    return ORDER.index(one), ORDER.index(other)


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_tightening_a_limit_never_betters_a_verdict(kind, sequential, data):
    """The same records under a tighter limit: a fail stays a fail, and a pass under it is a pass under the looser."""
    metric, statistic, lists, (low, high), _ = KINDS[kind]
    values = data.draw(lists)
    one, other = sorted(data.draw(st.tuples(st.floats(low, high), st.floats(low, high))))
    tight, loose = (one, other) if METRICS[metric].low_is_good else (other, one)
    worse, better = verdicts(
        *(
            decide(Objective(metric, statistic, limit), values, sequential=sequential)
            for limit in (tight, loose)
        )
    )
    if METRICS[metric].kind is Kind.RATE:
        # A tighter share also asks for more samples before it says anything: fail may wait, and pass never comes.
        assert worse <= better or ORDER[worse] is Verdict.INCONCLUSIVE
        assert ORDER[worse] is not Verdict.PASS or ORDER[better] is Verdict.PASS
        assert ORDER[better] is not Verdict.FAIL or ORDER[worse] is not Verdict.PASS
    else:
        assert worse <= better


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_one_more_failure_never_turns_a_fail_into_a_pass(kind, sequential, data):
    """Nor does it turn anything else into one, where the limit is one that can still be missed."""
    metric, statistic, lists, (low, high), worst = KINDS[kind]
    values, limit = data.draw(lists), data.draw(st.floats(low, high))
    objective = Objective(metric, statistic, limit)
    before, after = verdicts(
        *(decide(objective, some, sequential=sequential) for some in (values, [*values, worst]))
    )
    assert not (ORDER[before] is Verdict.FAIL and ORDER[after] is Verdict.PASS)
    if statistic != "mean":
        assert ORDER[after] is not Verdict.PASS or ORDER[before] is Verdict.PASS


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_a_verdict_agrees_with_its_figure_and_its_bounds(kind, data):
    """A pass has a figure and a worse bound that keep the limit, a fail has neither; the figure lies between bounds."""
    metric, statistic, lists, (low, high), _ = KINDS[kind]
    values, limit = data.draw(lists), data.draw(st.floats(low, high))
    objective = Objective(metric, statistic, limit)
    found = judge_values(objective, values)
    assert found.lower - 1e-9 <= found.value <= found.upper + 1e-9
    sign = -1 if METRICS[metric].low_is_good else 1
    worse, better = sorted((sign * found.lower, sign * found.upper))
    if found.verdict is Verdict.PASS:
        assert min(sign * found.value, worse) >= sign * objective.limit - 1e-6
    if found.verdict is Verdict.FAIL:
        assert max(sign * found.value, better) <= sign * objective.limit + 1e-6


@pytest.mark.parametrize(
    "sentence", ["success_rate >= 95%", "response_time.p95 <= 3s", "prompt_adherence.mean >= 0.9"]
)
@pytest.mark.parametrize("sequential", [False, True])
def test_no_data_never_passes(sentence, sequential):
    """Whatever is promised."""
    assert decide(parse(sentence), [], sequential=sequential) is Verdict.UNSCORED
