"""Promises judged with their uncertainty: what passes, what fails, what cannot be said yet."""

import dataclasses
import functools
import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.errors import AttemptTimeout, BudgetExceeded, ServerError, Unauthorized
from facemon.model import Quality
from facemon.slo.intervals import rate_bounds
from facemon.slo.objectives import Objective, Verdict, default_objectives, judge

SUCCESS, FIRST, IN_TIME, SOUND = range(4)
DOWN = (ServerError("HTTP 500", status=500),)
UNSEEN = (Unauthorized("HTTP 401", status=401),)


@pytest.fixture(params=range(4), ids=["success", "first attempt", "in time", "sound"])
def sides(request, make):
    """Each default objective with a record that keeps the promise and one that breaks it."""
    breaks = {
        SUCCESS: make(errors=DOWN),
        FIRST: make(attempts=3),
        IN_TIME: make(3.2),
        SOUND: make(scores={"not_blank": False}),
    }[request.param]
    return default_objectives()[request.param], make(1.0, scores={"not_blank": True}), breaks


@pytest.mark.parametrize(
    ("kept", "broken", "verdict"),
    [
        (59, 0, Verdict.PASS),
        (58, 0, Verdict.INCONCLUSIVE),
        (92, 1, Verdict.PASS),
        (91, 1, Verdict.INCONCLUSIVE),
        (1, 0, Verdict.INCONCLUSIVE),
        (0, 1, Verdict.INCONCLUSIVE),
        (0, 2, Verdict.FAIL),
        (70, 8, Verdict.FAIL),
        (70, 7, Verdict.INCONCLUSIVE),
        (0, 0, Verdict.UNSCORED),
    ],
)
def test_verdict_of_so_many_kept_and_broken(sides, kept, broken, verdict):
    """59 is the least that confirms 95 %; each objective is judged alike; without data none passes."""
    objective, good, bad = sides
    found = judge(objective, [bad] * broken + [good] * kept)
    assert found.verdict is verdict
    assert (found.samples, found.kept, found.text) == (kept + broken, kept, objective.text)
    assert (found.lower, found.upper) == rate_bounds(kept, kept + broken)


def test_the_four_promises(make):
    """Success, success at the first attempt, the 95th percentile of the time, sound pictures: 95 % each."""
    objectives = default_objectives(2.5)
    assert [objective.text for objective in objectives] == [
        "success_rate >= 95%",
        "first_attempt_success_rate >= 95%",
        "response_time.p95 <= 2.5s",
        "sound_picture_rate >= 95%",
    ]
    assert {objective.share for objective in objectives} == {0.95}


def test_success_on_the_third_attempt_counts_once_for_and_once_against(make):
    """A retry mends the success rate and breaks the first attempt's: it never hides a failure."""
    records = [make(attempts=3)] * 59
    objectives = default_objectives()
    assert judge(objectives[SUCCESS], records).verdict is Verdict.PASS
    assert judge(objectives[FIRST], records).verdict is Verdict.FAIL


def test_the_limit_itself_is_in_time(make):
    """Within 3 s includes 3 s; the next number is late; a failure is late however soon it came."""
    objective = default_objectives(3.0)[IN_TIME]
    assert objective.kept(make(3.0)) is True
    assert objective.kept(make(math.nextafter(3.0, 4))) is False
    assert objective.kept(make(0.1, errors=DOWN)) is False


def test_generations_of_unknown_state_are_not_evidence(sides, make):
    """Our key's or our budget's failures change no sample, no count, no bound, no figure and no verdict."""
    objective, good, bad = sides
    records = [good] * 59 + [bad]
    unseen = [make(errors=UNSEEN), make(errors=(BudgetExceeded("cap"),))] * 20
    assert judge(objective, unseen + records) == judge(objective, records)
    nothing = judge(objective, unseen)
    assert (nothing.verdict, nothing.samples, nothing.figure) == (Verdict.UNSCORED, 0, "no data")


def test_pictures_nobody_could_judge_neither_pass_nor_fail(make):
    """Pictures of which any evaluator was unscored, that have no scores or whose scores are still pending, say nothing
    of soundness."""
    objective = default_objectives()[SOUND]
    pending = dataclasses.replace(make(), quality=Quality(pending=True))
    half = dataclasses.replace(
        make(), quality=dataclasses.replace(make(scores={"not_blank": True}).quality, pending=True)
    )
    unseen = make(scores={"not_blank": None, "size": None})
    partly = make(scores={"not_blank": True, "size": None})
    silent = [make(), unseen, partly, pending, half] * 20
    assert [objective.kept(record) for record in silent[:5]] == [None] * 5
    assert judge(objective, silent).verdict is Verdict.UNSCORED
    sound = [make(scores={"not_blank": True, "size": True})] * 59
    assert judge(objective, silent + sound) == judge(objective, sound)
    assert judge(objective, sound).verdict is Verdict.PASS


def test_a_failed_generation_says_nothing_of_soundness(make):
    """No picture, no soundness: an outage is counted once, in the success rate. So is a broken picture."""
    objective = default_objectives()[SOUND]
    assert objective.kept(make(errors=DOWN)) is None
    assert objective.kept(make(scores={"decodes": "invalid_image", "not_blank": None})) is None


def test_one_failed_score_among_good_ones_is_unsound(make):
    """The weakest answer decides, whatever others could not see or have yet to say."""
    objective = default_objectives()[SOUND]
    failed = make(scores={"decodes": True, "not_blank": False, "size": None})
    assert objective.kept(failed) is False
    waiting = dataclasses.replace(failed, quality=dataclasses.replace(failed.quality, pending=True))
    assert objective.kept(waiting) is False


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 400), st.integers(0, 400))
def test_no_data_never_passes_and_bounds_decide(kept, broken):
    """The verdict is the bounds' and nothing else's: a pass means that the lower bound keeps the promise."""
    objective = Objective("even", 0.95, lambda record: record)
    # What is not asked of a record need not be one: `kept` reads the flag itself.
    found = judge(objective, [_Flag(flag) for flag in [True] * kept + [False] * broken])
    low, high = rate_bounds(kept, kept + broken)
    expected = Verdict.PASS if low >= 0.95 else Verdict.FAIL if high < 0.95 else Verdict.INCONCLUSIVE
    assert found.verdict is (expected if kept + broken else Verdict.UNSCORED)


class _Flag(int):
    """A record of which only a flag matters."""

    state = "up"


# --- the p95 objective is the order-statistic interval of the 95th percentile ---


@functools.cache
def chances_up_to(trials: int) -> list[Fraction]:
    """P(X <= k) for k = 0, 1, … of a binomial with 95 %, exactly."""
    share = Fraction(95, 100)
    return list(
        itertools.accumulate(
            math.comb(trials, k) * share**k * (1 - share) ** (trials - k) for k in range(trials + 1)
        )
    )


def order_statistic_verdict(times, limit):
    """The textbook's distribution-free one-sided bounds of a 95th percentile (Conover, 3rd edition, §3.2).

    Upper bound: the least order statistic X(r) with P(Bin(n, 0.95) <= r - 1) >= 0.95. Lower bound: the greatest X(s)
    with P(Bin(n, 0.95) <= s - 1) <= 0.05.
    """
    ordered, n = sorted(times), len(times)
    below = chances_up_to(n)  # below[i] belongs to the order statistic of rank i + 1
    upper = next((ordered[i] for i in range(n) if below[i] >= Fraction(95, 100)), math.inf)
    lower = next((ordered[i] for i in reversed(range(n)) if below[i] <= Fraction(5, 100)), -math.inf)
    if upper <= limit:
        return Verdict.PASS
    return Verdict.FAIL if lower > limit else Verdict.INCONCLUSIVE


@pytest.mark.parametrize("count", [2, 20, 58, 59, 93, 130])
def test_p95_is_the_order_statistic_rule(make, count):
    """For every number of late generations the verdict is that of the percentile's order-statistic interval."""
    objective = default_objectives(3.0)[IN_TIME]
    for late in range(min(count, 15) + 1):
        times = [3.0 + n for n in range(1, late + 1)] + [3.0 - n / 1000 for n in range(count - late)]
        found = judge(objective, [make(seconds) for seconds in times])
        assert found.verdict is order_statistic_verdict(times, 3.0), (count, late)


def test_p95_figure_is_the_percentile_with_failures_infinite(make):
    """The figure beside the verdict is the nearest-rank p95; where it falls among the failures it says so."""
    objective = default_objectives(3.0)[IN_TIME]
    times = [make(n / 10) for n in range(1, 21)]
    assert judge(objective, times).figure == "p95 1.9 s"
    assert judge(objective, [*times[:-2], make(0.1, errors=DOWN), make(0.1, errors=DOWN)]).figure == (
        "p95 a failure"
    )


# --- how often the verdicts are wrong, summed exactly ---


@pytest.mark.parametrize("count", [2, 20, 59, 72, 93, 140])
def test_a_verdict_is_wrong_at_most_five_times_in_a_hundred(sides, count):
    """A service just below the promise passes, and one at the promise fails, with a probability of at most 5 %."""
    objective, good, bad = sides
    lowest = round(count * 0.8) if count > 50 else 0  # fewer hits are counted as fails below, without asking
    verdicts = {
        k: judge(objective, [bad] * (count - k) + [good] * k).verdict for k in range(lowest, count + 1)
    }

    def chance(verdict, share):
        return sum(
            math.comb(count, k) * share**k * (1 - share) ** (count - k)
            for k, found in verdicts.items()
            if found is verdict
        )

    assert chance(Verdict.PASS, 0.95 - 1e-9) <= 0.05
    below = math.fsum(math.comb(count, k) * 0.95**k * 0.05 ** (count - k) for k in range(lowest))
    assert chance(Verdict.FAIL, 0.95) + below <= 0.05
    if count >= 59:
        assert chance(Verdict.PASS, 0.999) > 0.9  # and it does pass what is good


# --- how many more ---


@pytest.mark.parametrize(
    ("kept", "broken"),
    [(1, 0), (10, 0), (58, 0), (72, 1), (91, 1), (100, 2), (30, 3), (300, 9), (19, 2), (95, 8)],
)
def test_needed_decides_and_one_fewer_does_not(sides, kept, broken):
    """With `needed` more generations, at the same rate of misses, there is a verdict; with one fewer there is none."""
    objective, good, bad = sides
    found = judge(objective, [bad] * broken + [good] * kept)
    assert found.verdict is Verdict.INCONCLUSIVE and found.needed

    def verdict_after(more):
        total = kept + broken + more
        misses = round(total * broken / (kept + broken))
        return judge(objective, [bad] * misses + [good] * (total - misses)).verdict

    assert verdict_after(found.needed) is not Verdict.INCONCLUSIVE
    assert verdict_after(found.needed - 1) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("kept", "broken"), [(69, 1), (62, 1), (80, 2), (100, 2), (150, 5), (40, 0)])
def test_needed_is_the_least(kept, broken):
    """No smaller number of further generations, at the same rate of misses, would decide it."""
    objective = Objective("even", 0.95, lambda record: bool(record))
    found = judge(objective, [_Flag(False)] * broken + [_Flag(True)] * kept)

    def decides(more):
        total = kept + broken + more
        misses = round(total * broken / (kept + broken))
        low, high = rate_bounds(total - misses, total)
        return low >= 0.95 or high < 0.95

    assert found.needed == next(more for more in range(1, 5000) if decides(more))


def test_needed_for_a_clean_start_is_what_is_missing_to_59(make):
    """Ten good ones: 49 more."""
    assert judge(default_objectives()[SUCCESS], [make()] * 10).needed == 49


def test_a_rate_at_the_promise_itself_needs_no_number(make):
    """At exactly 95 % no number of samples decides, and none is named; a verdict that stands needs none either."""
    objective = default_objectives()[SUCCESS]
    assert judge(objective, [make()] * 19 + [make(errors=DOWN)]).needed is None
    assert judge(objective, [make()] * 59).needed is None
    assert judge(objective, [make(errors=DOWN)] * 9).needed is None
    assert judge(objective, []).needed is None


# --- tightening ---

ORDER = [Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.one_of(st.floats(0.1, 9), st.none()), min_size=1, max_size=120),
    st.floats(0.5, 5),
    st.floats(0.01, 1),
)
def test_a_tighter_limit_never_betters_a_verdict(make, times, limit, factor):
    """With a lower limit on the time a fail stays a fail, and nothing becomes better."""
    records = [make(0.2, errors=(AttemptTimeout("t"),)) if t is None else make(t) for t in times]
    loose, tight = (
        judge(default_objectives(value)[IN_TIME], records).verdict for value in (limit, limit * factor)
    )
    assert ORDER.index(tight) <= ORDER.index(loose)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 100), st.integers(0, 9), st.floats(0.6, 0.999), st.floats(0.6, 0.999))
def test_a_higher_share_never_betters_a_verdict(kept, broken, one, other):
    """With a higher share asked, the same evidence says the same or worse."""
    records = [_Flag(True)] * kept + [_Flag(False)] * broken
    objective = Objective("even", min(one, other), lambda record: bool(record))
    loose = judge(objective, records).verdict
    tight = judge(dataclasses.replace(objective, share=max(one, other)), records).verdict
    if not records:
        assert loose is tight is Verdict.UNSCORED
    else:
        assert ORDER.index(tight) <= ORDER.index(loose)
