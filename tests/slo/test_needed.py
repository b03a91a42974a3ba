"""How many more samples: at that number there is a verdict, if it goes on the same way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.slo.judging import Verdict, judge_values
from facemon.slo.language import parse
from facemon.slo.needed import fewest, more_needed

RATE = parse("success_rate >= 95%")


def more_of_the_same(kept, missed, total):
    """So many values with the same share of misses, rounded."""
    misses = round(missed / (kept + missed) * total)
    return [0.0] * misses + [1.0] * (total - misses)


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize(
    ("kept", "missed"), [(1, 0), (10, 0), (58, 0), (72, 1), (91, 1), (30, 3), (300, 9), (19, 2)]
)
def test_decided_at_that_number_and_not_one_before(kept, missed, sequential):
    """With `needed` more generations, at the same rate of misses, there is a verdict; with one fewer there is none."""
    found = judge_values(RATE, [0.0] * missed + [1.0] * kept, sequential=sequential)
    assert found.verdict is Verdict.INCONCLUSIVE and found.needed

    def verdict_at(total):
        return judge_values(RATE, more_of_the_same(kept, missed, total), sequential=sequential).verdict

    assert verdict_at(kept + missed + found.needed) is not Verdict.INCONCLUSIVE
    assert verdict_at(kept + missed + found.needed - 1) is Verdict.INCONCLUSIVE


def test_a_clean_start_lacks_what_is_missing_to_59():
    """Ten good ones: 49 more; looked at after each, 78 more."""
    assert judge_values(RATE, [1.0] * 10).needed == 49
    assert judge_values(RATE, [1.0] * 10, sequential=True).needed == 78


@pytest.mark.parametrize("sentence", ["prompt_adherence.mean >= 0.9", "response_time.mean <= 20s"])
def test_a_mean_is_decided_at_that_number(sentence):
    """The values seen, repeated as often as `needed` says, decide it."""
    objective = parse(sentence)
    values = [0.97, 0.95, 0.99] if objective.metric == "prompt_adherence" else [1.0, 2.0, 40.0]
    found = judge_values(objective, values)
    assert found.verdict is Verdict.INCONCLUSIVE and found.needed
    total = len(values) + found.needed
    repeated = (values * total)[:total]
    assert judge_values(objective, repeated).verdict is not Verdict.INCONCLUSIVE


def test_a_percentile_counts_those_in_time():
    """One of 20 late: as many more as a rate with one miss in 20 needs."""
    late = judge_values(parse("response_time.p90 <= 3s"), [1.0] * 19 + [4.0])
    rate = judge_values(parse("success_rate >= 90%"), [1.0] * 19 + [0.0])
    assert late.needed == rate.needed is not None


@pytest.mark.parametrize(("kept", "missed"), [(19, 1), (95, 5)])
def test_at_the_limit_itself_no_number_is_named(kept, missed):
    """A rate of exactly 95 % is decided by no number of samples."""
    assert judge_values(RATE, [0.0] * missed + [1.0] * kept).needed is None


@pytest.mark.parametrize("values", [[1.0] * 59, [0.0] * 9])
def test_a_verdict_that_stands_needs_nothing(values):
    """Decided is decided."""
    assert judge_values(RATE, values).needed is None


def test_a_minimum_of_samples_is_waited_for():
    """`from 200 samples`: 190 more after ten, however clear it is."""
    assert judge_values(parse("success_rate >= 95% from 200 samples"), [0.0] * 10).needed == 190


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 200), st.integers(1, 25_000))
def test_the_search_finds_where_it_turns(start, turn):
    """Where everything from one number on decides, and that number is affordable, it is found."""
    assert fewest(lambda count: count >= turn, start) == max(turn, start + 1)


def test_the_search_ends():
    """What nothing decides has no number."""
    assert fewest(lambda count: False, 7) is None
    assert more_needed(RATE, [1.0, 0.0], lambda values: False) is None
