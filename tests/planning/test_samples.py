"""Samples for each verdict, held against the judge."""

from __future__ import annotations

import math

import pytest

from facemon.planning.samples import POWER, samples_for
from facemon.slo.judging import Verdict, judge_values
from facemon.slo.language import parse


def verdict(text: str, misses: int, samples: int) -> Verdict:
    return judge_values(parse(text), [0.0] * misses + [1.0] * (samples - misses)).verdict


def power(text: str, wanted: Verdict, samples: int, missing: float) -> float:
    """The chance of a verdict, over every count of misses."""
    return sum(
        math.comb(samples, misses) * missing**misses * (1 - missing) ** (samples - misses)
        for misses in range(samples + 1)
        if verdict(text, misses, samples) is wanted
    )


@pytest.mark.parametrize(("text", "to_pass"), [("success_rate >= 95%", 59), ("success_rate >= 99%", 299)])
def test_so_many_without_a_miss_pass(text: str, to_pass: int) -> None:
    """The known numbers; one less does not."""
    assert samples_for(parse(text), 0.005, 0.3).to_pass == to_pass
    assert verdict(text, 0, to_pass) is Verdict.PASS
    assert verdict(text, 0, to_pass - 1) is Verdict.INCONCLUSIVE


def test_one_failure_refutes_nothing_from_there_on() -> None:
    """And fewer are not judged at all."""
    least = samples_for(parse("success_rate >= 99%"), 0.005, 0.3).to_bear_one
    assert least is not None
    assert verdict("success_rate >= 99%", 1, least) is Verdict.INCONCLUSIVE
    assert verdict("success_rate >= 99%", least - 1, least - 1) is Verdict.INCONCLUSIVE


def test_a_good_service_passes_in_nine_cases_of_ten() -> None:
    """With so many samples, and not with one less."""
    text = "success_rate >= 80%"
    samples = samples_for(parse(text), 0.1, 0.3).to_tell_good
    assert samples is not None
    assert power(text, Verdict.PASS, samples, 0.1) >= POWER > power(text, Verdict.PASS, samples - 1, 0.1)


def test_a_bad_service_fails_in_nine_cases_of_ten() -> None:
    """With so many samples, and with none fewer."""
    text = "success_rate >= 90%"
    samples = samples_for(parse(text), 0.05, 0.3).to_tell_bad
    assert samples is not None
    assert power(text, Verdict.FAIL, samples, 0.3) >= POWER
    assert all(power(text, Verdict.FAIL, fewer, 0.3) < POWER for fewer in range(1, samples))


def test_what_keeps_the_promise_is_never_told_bad() -> None:
    """30 % failing keeps 70 %."""
    assert samples_for(parse("success_rate >= 70%"), 0.15, 0.3).to_tell_bad is None


def test_a_mean_passes_with_so_many_of_the_best() -> None:
    """The rest depends on the order of the samples."""
    found = samples_for(parse("prompt_adherence.mean >= 0.9"), 0.05, 0.3)
    assert found.to_pass is not None
    assert verdict("prompt_adherence.mean >= 0.9", 0, found.to_pass) is Verdict.PASS
    assert verdict("prompt_adherence.mean >= 0.9", 0, found.to_pass - 1) is Verdict.INCONCLUSIVE
    assert (found.to_bear_one, found.to_tell_good, found.to_tell_bad) == (None, None, None)
