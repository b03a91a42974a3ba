"""An objective judged on records: what counts, what does not, and how a split and a run's figure are judged."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.errors import AttemptTimeout, BudgetExceeded, ServerError, Unauthorized
from facemon.model import AGES, GENDERS, Quality
from facemon.slo.intervals import rate_bounds
from facemon.slo.judging import (
    Counted,
    Verdict,
    decide,
    decide_cells,
    fewest_to_pass,
    judge,
    judge_cells,
    judge_values,
)
from facemon.slo.language import parse
from facemon.slo.objectives import default_objectives

SUCCESS, FIRST, IN_TIME, SOUND = range(4)
DOWN = (ServerError("HTTP 500", status=500),)
UNSEEN = (Unauthorized("HTTP 401", status=401),)
RATE = parse("success_rate >= 95%")
SPLIT = parse("success_rate >= 95% by age, gender")
CELLS = [(age, gender) for age in AGES for gender in GENDERS]


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
    """59 is the least that confirms 95 %; each default objective is judged alike; without data none passes."""
    objective, good, bad = sides
    found = judge(objective, [bad] * broken + [good] * kept)
    assert found.verdict is verdict
    assert (found.samples, found.text) == (kept + broken, str(objective))


def test_a_p99_takes_299():
    """299 in time confirm a p99, 298 do not."""
    p99 = parse("response_time.p99 <= 3s")
    assert judge_values(p99, [1.0] * 299).verdict is Verdict.PASS
    assert judge_values(p99, [1.0] * 298).verdict is Verdict.INCONCLUSIVE


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 300), st.integers(0, 300))
def test_the_bounds_decide(kept, broken):
    """The verdict on a rate is its bounds' and nothing else's."""
    found = judge_values(RATE, [0.0] * broken + [1.0] * kept)
    lower, upper = rate_bounds(kept, kept + broken)
    if kept + broken == 0:
        assert (found.verdict, found.value) == (Verdict.UNSCORED, None)
    elif kept + broken == 1:
        assert found.verdict is Verdict.INCONCLUSIVE
    else:
        assert (found.lower, found.upper) == (lower, upper)
        assert found.verdict is (
            Verdict.PASS if lower >= 0.95 else Verdict.FAIL if upper <= 0.95 else Verdict.INCONCLUSIVE
        )


@pytest.mark.parametrize("count", [2, 20, 59, 93, 140])
def test_a_verdict_is_wrong_at_most_five_times_in_a_hundred(count):
    """A service at the promise fails, and one just below it passes, with an exact probability of at most 5 %."""
    chance = [math.comb(count, k) * 0.95**k * 0.05 ** (count - k) for k in range(count + 1)]
    verdicts = [judge_values(RATE, [0.0] * (count - k) + [1.0] * k).verdict for k in range(count + 1)]
    for wrong in (Verdict.FAIL, Verdict.PASS):
        assert math.fsum(c for c, v in zip(chance, verdicts, strict=True) if v is wrong) <= 0.05
    assert verdicts == sorted(verdicts, key=[Verdict.FAIL, Verdict.INCONCLUSIVE, Verdict.PASS].index)


# --- what counts ---


def test_generations_of_unknown_state_count_for_neither_side(sides, make):
    """Our key's or our budget's failures change no sample, no bound, no figure and no verdict."""
    objective, good, bad = sides
    records = [good] * 59 + [bad]
    unseen = [make(errors=UNSEEN), make(errors=(BudgetExceeded("cap"),))] * 20
    assert judge(objective, unseen + records) == judge(objective, records)
    nothing = judge(objective, unseen)
    assert (nothing.verdict, nothing.samples, nothing.value) == (Verdict.UNSCORED, 0, None)


def test_pictures_nobody_could_judge_neither_pass_nor_fail(make):
    """Pictures that are unscored, pending or without scores say nothing of soundness."""
    objective = default_objectives()[SOUND]
    pending = dataclasses.replace(make(), quality=Quality(pending=True))
    silent = [make(), make(scores={"not_blank": None}), make(scores={"a": True, "b": None}), pending] * 20
    assert judge(objective, silent).verdict is Verdict.UNSCORED
    sound = [make(scores={"not_blank": True})] * 59
    assert judge(objective, silent + sound) == judge(objective, sound)
    assert judge(objective, sound).verdict is Verdict.PASS


def test_failures_are_slower_than_any_limit(make):
    """A failure that came at once breaks a promise on the time, and the percentile among failures is infinite."""
    objective = default_objectives()[IN_TIME]
    found = judge(objective, [make(0.5)] * 50 + [make(0.001, errors=DOWN)] * 9)
    assert (found.verdict, found.value) == (Verdict.FAIL, math.inf)
    mean = judge(parse("response_time.mean <= 20s"), [make(0.5)] * 9 + [make(0.001, errors=DOWN)])
    assert mean.value == pytest.approx((9 * 0.5 + 180) / 10)


def test_the_first_attempts_figure_stands_beside_the_final_one(make):
    """A retry mends the rate and not the first attempt's; both are told, and each has its own objective."""
    records = [make(2.0, attempts=3)] * 30 + [make(1.0)] * 30
    found = judge(RATE, records)
    assert (found.verdict, found.value, found.first) == (Verdict.PASS, 1.0, 0.5)
    assert judge(default_objectives()[FIRST], records).verdict is Verdict.FAIL
    times = judge(parse("response_time.p50 <= 3s"), [make(2.0, first=1.5)] * 9)
    assert (times.value, times.first) == (2.0, 1.5)
    assert judge(parse("error_rate <= 5%"), records).first is None
    assert judge(RATE, []).first is None


def test_the_order_of_the_values_is_that_of_the_records(make):
    """A mean is judged in the order of the requests, whatever iterable they come from."""
    objective = parse("prompt_adherence.mean >= 0.5")
    records = [make(adherence=0.9 if n % 3 else 0.2) for n in range(60)]
    assert judge(objective, iter(records)) == judge_values(
        objective, [r.quality.prompt_adherence for r in records]
    )


@pytest.mark.parametrize("sequential", [False, True])
def test_a_verdict_never_contradicts_its_figure(sequential):
    """A mean that fell below its limit is not passed for its good beginning, nor one that rose failed for a bad one."""
    objective = parse("prompt_adherence.mean >= 0.9")
    fell = judge_values(objective, [1.0] * 150 + [0.0] * 40, sequential=sequential)
    assert fell.value < 0.9 and fell.verdict is not Verdict.PASS
    rose = judge_values(objective, [0.0] * 40 + [1.0] * 900, sequential=sequential)
    assert rose.value > 0.9 and rose.verdict is not Verdict.FAIL


def test_a_window_is_the_callers_business(make):
    """The records handed in are those of the window: all of them count."""
    assert judge(parse("success_rate >= 95% over 1h"), [make()] * 59).samples == 59


# --- samples ---


def test_from_so_many_samples(make):
    """With fewer than the objective asks nothing is decided, neither way; with as many it is."""
    objective = parse("success_rate >= 95% from 100 samples")
    assert judge(objective, [make()] * 99).verdict is Verdict.INCONCLUSIVE
    assert judge(objective, [make(errors=DOWN)] * 99).verdict is Verdict.INCONCLUSIVE
    assert judge(objective, [make()] * 100).verdict is Verdict.PASS
    assert judge(objective, [make(errors=DOWN)] * 100).verdict is Verdict.FAIL


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("sentence", ["success_rate >= 95%", "error_rate <= 1%", "response_time.p90 <= 3s"])
def test_without_data_it_says_what_a_clean_run_takes(sentence, sequential):
    """That many perfect samples confirm the promise, and one fewer does not, in the mode that is asked for."""
    objective = parse(sentence)
    wanted = judge_values(objective, [], sequential=sequential).needed
    assert wanted == fewest_to_pass(objective, sequential=sequential)
    best = 0.0 if objective.measure.low_is_good else 1.0
    assert judge_values(objective, [best] * wanted, sequential=sequential).verdict is Verdict.PASS
    assert (
        judge_values(objective, [best] * (wanted - 1), sequential=sequential).verdict is Verdict.INCONCLUSIVE
    )


def test_a_mean_without_data_has_no_number():
    """How many a mean takes depends on how they are spread: nothing is claimed."""
    assert fewest_to_pass(parse("prompt_adherence.mean >= 0.9")) is None


def test_the_sequential_verdict_is_the_more_careful_one():
    """What looking after every sample decides, one look decides too: 59 clean ones suffice once, 88 at any time."""
    assert judge_values(RATE, [1.0] * 87, sequential=True).verdict is Verdict.INCONCLUSIVE
    assert judge_values(RATE, [1.0] * 88, sequential=True).verdict is Verdict.PASS
    for misses in range(12):
        values = [0.0] * misses + [1.0] * 90
        careful = judge_values(RATE, values, sequential=True).verdict
        assert careful in (Verdict.INCONCLUSIVE, judge_values(RATE, values).verdict)


@pytest.mark.parametrize("values", [[], [1.0] * 59, [1.0] * 30, [0.0] * 9])
@pytest.mark.parametrize("sequential", [False, True])
def test_the_verdict_alone_is_the_same(values, sequential):
    """`decide` is `judge_values` without its bounds and its count of what is needed."""
    assert (
        decide(RATE, values, sequential=sequential)
        is judge_values(RATE, values, sequential=sequential).verdict
    )


@pytest.mark.parametrize("sentence", ["response_time.p90 <= 3s", "prompt_adherence.mean >= 0.7"])
def test_looking_after_every_sample_misleads_seldom(sentence):
    """150 seeded services exactly at their limit, looked at after every fifth of 150 samples: few are ever decided."""
    objective = parse(sentence)
    random = np.random.default_rng(4)
    wrong = {Verdict.PASS: 0, Verdict.FAIL: 0}
    for _ in range(150):
        if objective.metric == "response_time":
            values = np.where(random.random(150) < 0.9, 2.0, 9.0).tolist()
        else:
            values = random.beta(7, 3, 150).tolist()
        looks = (decide(objective, values[:n], sequential=True) for n in range(5, 151, 5))
        decided = next((verdict for verdict in looks if verdict in wrong), None)
        if decided:
            wrong[decided] += 1
    assert max(wrong.values()) <= 14, wrong  # a true 5 % of 150 exceeds 14 once in a hundred


# --- splits ---


def many(make, cells, count=59, **bad):
    """Records of some cells, `bad` ones where it says how."""
    return [make(age=age, gender=gender, **bad) for age, gender in cells for _ in range(count)]


def test_a_split_passes_only_if_each_cell_does(make):
    """59 clean ones in each of the 12 cells pass; the figures are those of all records."""
    found = judge(SPLIT, many(make, CELLS))
    assert (found.verdict, found.samples, found.needed) == (Verdict.PASS, 12 * 59, None)
    assert [cell.cell for cell in found.cells] == CELLS
    assert {cell.verdict for cell in found.cells} == {Verdict.PASS}


def test_one_broken_cell_breaks_the_split(make):
    """A cell that always fails is found among eleven that never do, though the whole is confirmed."""
    found = judge(SPLIT, many(make, CELLS[1:], 100) + many(make, CELLS[:1], 20, errors=DOWN))
    assert (
        judge(RATE, many(make, CELLS[1:], 1000) + many(make, CELLS[:1], 20, errors=DOWN)).verdict
        is Verdict.PASS
    )
    assert found.verdict is Verdict.FAIL
    assert [cell.verdict for cell in found.cells] == [Verdict.FAIL] + [Verdict.PASS] * 11


def test_an_owed_cell_without_data_never_passes(make):
    """Eleven perfect cells and one that was never asked: unscored, with what it takes."""
    found = judge(SPLIT, many(make, CELLS[1:]))
    assert (found.verdict, found.needed) == (Verdict.UNSCORED, 59)
    assert (found.cells[0].cell, found.cells[0].verdict) == (CELLS[0], Verdict.UNSCORED)


def test_owed_cells_beside_an_axis_that_is_not_known_before(make):
    """By age and model every age is owed with each model that occurred; without the last age nothing passes."""
    objective = parse("success_rate >= 95% by age, model")
    records = [make(age=age, model="core") for age in AGES for _ in range(59)]
    assert judge(objective, records).verdict is Verdict.PASS
    found = judge(objective, records[:-59])
    assert (found.verdict, len(found.cells), found.cells[-1].cell) == (Verdict.UNSCORED, 6, (70, "core"))


def test_a_split_by_what_occurred(make):
    """By check there are the cells that occurred, and no others."""
    found = judge(parse("success_rate >= 95% by check"), [make(check="a")] * 59 + [make(check="b")] * 60)
    assert [(cell.cell, cell.samples) for cell in found.cells] == [(("a",), 59), (("b",), 60)]
    assert found.verdict is Verdict.PASS


def test_what_was_not_owed_is_a_cell_too(make):
    """A raw prompt has no age: its records are judged in a cell of their own, and not lost."""
    found = judge(parse("success_rate >= 95% by age"), many(make, CELLS) + [make(errors=DOWN)] * 20)
    assert (found.cells[-1].cell, found.cells[-1].verdict, found.verdict) == (
        (None,),
        Verdict.FAIL,
        Verdict.FAIL,
    )


def test_a_split_without_any_record_names_what_is_owed():
    """No data: unscored in all twelve cells, and 12 times 59 samples away. By what is not known before: no cells."""
    found = judge(SPLIT, [])
    assert (found.verdict, len(found.cells), found.needed) == (Verdict.UNSCORED, 12, 12 * 59)
    by_check = judge(parse("success_rate >= 95% by check"), [])
    assert (by_check.verdict, by_check.cells, by_check.needed) == (Verdict.UNSCORED, (), None)


def test_needed_of_a_split_is_what_its_open_cells_need(make):
    """Two cells with 49 clean ones lack 10 each."""
    found = judge(SPLIT, many(make, CELLS[2:]) + many(make, CELLS[:2], 49))
    assert (found.verdict, found.needed) == (Verdict.INCONCLUSIVE, 20)


def test_unknown_generations_fill_no_cell(make):
    """A cell of which all generations were our own fault has no data."""
    found = judge(SPLIT, many(make, CELLS[1:]) + many(make, CELLS[:1], errors=UNSEEN))
    assert found.cells[0].verdict is Verdict.UNSCORED


def test_what_was_asked_and_not_seen_is_a_cell_without_data(make):
    """Eighty good ones of one gender and eighty that our key kept us from seeing: the split does not pass."""
    records = [make(model="core")] * 80 + [
        make(model="ultra", errors=(Unauthorized("HTTP 401", status=401),))
    ] * 80
    found = judge(parse("success_rate >= 95% by model"), records)
    assert found.verdict is Verdict.UNSCORED
    assert {cell.cell: cell.verdict for cell in found.cells} == {
        ("core",): Verdict.PASS,
        ("ultra",): Verdict.UNSCORED,
    }


def test_a_failure_that_chance_explains_among_twelve_is_no_finding():
    """A p-value of 4 % fails alone; as the only one of twelve it does not, and the cell stays open."""
    values = [0.0] * 7 + [1.0] * 60
    alone = judge_values(RATE, values)
    assert alone.verdict is Verdict.FAIL and 0.05 / 12 < alone.against <= 0.05
    cells = judge_cells(RATE, [values] + [[1.0] * 70] * 11)
    assert [cell.verdict for cell in cells] == [Verdict.INCONCLUSIVE] + [Verdict.PASS] * 11
    assert cells[0].needed
    assert {cell.verdict for cell in judge_cells(RATE, [values] * 12)} == {Verdict.FAIL}


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(st.sampled_from([1.0, 1.0, 1.0, 0.0]), max_size=40), min_size=1, max_size=12),
    st.booleans(),
)
def test_the_verdicts_of_cells_alone_are_the_same(cells, sequential):
    """`decide_cells` is `judge_cells` without bounds; a cell never fails among others that does not alone."""
    objective = parse("success_rate >= 80%")
    verdicts = decide_cells(objective, cells, sequential=sequential)
    assert verdicts == [cell.verdict for cell in judge_cells(objective, cells, sequential=sequential)]
    alone = [decide(objective, values, sequential=sequential) for values in cells]
    assert all(one in (verdict, Verdict.FAIL) for one, verdict in zip(alone, verdicts, strict=True))


# --- figures of a whole run ---


@pytest.mark.parametrize(
    ("sentence", "lower", "upper", "verdict"),
    [
        ("throughput >= 100/min", 100, 104, Verdict.PASS),
        ("throughput >= 100/min", 99, 104, Verdict.INCONCLUSIVE),
        ("throughput >= 100/min", 90, 99.9, Verdict.FAIL),
        ("throughput >= 100/min", math.nan, math.nan, Verdict.INCONCLUSIVE),
        ("memory.max <= 256MB", 240, 256, Verdict.PASS),
        ("memory.max <= 256MB", 240, 257, Verdict.INCONCLUSIVE),
        ("memory.max <= 256MB", 256.1, 300, Verdict.FAIL),
        ("cpu.mean <= 30%", 0.1, 0.3, Verdict.PASS),
        ("diversity_score >= 50", 62, 62, Verdict.PASS),
    ],
)
def test_a_run_figure_is_judged_by_its_bounds(sentence, lower, upper, verdict):
    """The worse bound must keep the promise for a pass, the better one break it for a fail."""
    objective = parse(sentence)
    figures = {objective.metric: Counted((lower + upper) / 2, lower, upper, 7, "note")}
    found = judge(objective, [], counted=figures)
    assert (found.verdict, found.samples, found.note) == (verdict, 7, "note")


def test_a_run_figure_that_was_not_counted_is_unscored(make):
    """Records do not stand in for it, nor does another figure."""
    objective = parse("throughput >= 100/min")
    assert judge(objective, [make()] * 99).verdict is Verdict.UNSCORED
    assert judge(objective, [], counted={"memory": Counted(1, 1, 1, 1)}).verdict is Verdict.UNSCORED


def test_what_a_run_figure_is_compared_by():
    """`compared` stands in for the bounds, which are shown as they are; a withheld figure can only pass by it."""
    pace = parse("throughput >= 100/min")
    served = Counted(99, 96, 99.9, 200, compared=(100, 100))
    found = judge(pace, [], counted={"throughput": served})
    assert (found.verdict, found.lower, found.upper) == (Verdict.PASS, 96, 99.9)
    late = Counted(99, 96, 99.9, 200, compared=(100, math.inf), withheld=True)
    assert judge(pace, [], counted={"throughput": late}).verdict is Verdict.PASS
    for verdict in (
        Counted(150, 150, 150, 9, "slow sender", withheld=True),
        Counted(1, 1, 1, 9, withheld=True),
        Counted(150, 150, 150, 9, compared=(99, math.inf), withheld=True),
        Counted(1, 1, 1, 9, compared=(1, 2), withheld=True),
    ):
        assert judge(pace, [], counted={"throughput": verdict}).verdict is Verdict.UNSCORED


def test_a_timeout_is_evidence(make):
    """The service did not answer: that counts, unlike what our own side kept from being seen."""
    assert judge(RATE, [make(errors=(AttemptTimeout("no reply"),))] * 2).verdict is Verdict.FAIL
