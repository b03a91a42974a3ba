"""An objective as a schedule sees it, and when it fails: as `judge_values` says."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from facemon.errors import ConfigError, ServerError
from facemon.model import MonitoringData
from facemon.planning.schedule import Schedule
from facemon.planning.watch import ANSWERS, PICTURES, Watch, least_misses, mean_against, over, watch
from facemon.slo.judging import Verdict, judge_values
from facemon.slo.language import parse
from facemon.slo.metrics import METRICS, Kind
from facemon.slo.objectives import Objective
from tests.slo.conftest import *  # noqa: F403  the fixture `make`: records in which only one thing matters

SHARES = (
    "success_rate >= 95%",
    "success_rate >= 99.9%",
    "error_rate <= 1%",
    "response_time.p95 <= 3s",
    "response_time.p50 <= 2s",
    "prompt_adherence.p5 >= 0.5",
    "sound_picture_rate >= 80% from 30 samples",
)


def seen(text: str, every: float = 3600, samples: int = 12) -> Watch:
    found = watch(parse(text), Schedule(every, samples))
    assert isinstance(found, Watch)
    return found


def values(objective: Objective, misses: int, samples: int) -> list[float]:
    """The worst values first, then the best."""
    metric = objective.measure
    worst, best = (metric.highest, metric.lowest) if metric.low_is_good else (metric.lowest, metric.highest)
    return [worst] * misses + [best] * (samples - misses)


@pytest.mark.parametrize("text", SHARES)
@pytest.mark.parametrize("samples", [1, 5, 12, 48, 300])
def test_the_fewest_misses_that_fail_are_those_of_the_judge(text: str, samples: int) -> None:
    """With so many misses the verdict is fail, with one less it is not; where none is stated, no number fails."""
    objective = parse(text)
    misses = least_misses(objective, samples)
    if misses is None:
        assert judge_values(objective, values(objective, samples, samples)).verdict is not Verdict.FAIL
        return
    assert judge_values(objective, values(objective, misses, samples)).verdict is Verdict.FAIL
    assert judge_values(objective, values(objective, misses - 1, samples)).verdict is not Verdict.FAIL


@pytest.mark.parametrize(
    "text", ["prompt_adherence.mean >= 0.9", "response_time.mean <= 30s from 10 samples"]
)
@pytest.mark.parametrize("misses", [0, 2, 6])
@pytest.mark.parametrize("samples", [6, 40])
def test_a_mean_fails_where_the_judge_fails_it(text: str, misses: int, samples: int) -> None:
    """Its p-value is at most 5 % exactly where the verdict is fail."""
    objective = parse(text)
    missed = [True] * misses + [False] * (samples - misses)
    verdict = judge_values(objective, values(objective, misses, samples)).verdict
    assert (mean_against(objective, tuple(missed)) <= 0.05) is (verdict is Verdict.FAIL)


@pytest.mark.parametrize(
    ("window", "runs"), [("", 1), (" over 1h", 4), (" over 50min", 4), (" over 61min", 5), (" over 10min", 1)]
)
def test_a_window_holds_the_runs_that_began_within_it(window: str, runs: int) -> None:
    """Every 15 minutes there are four in an hour: the fifth lies an hour back, before the window."""
    assert seen("success_rate >= 95%" + window, every=900).runs == runs


def test_half_of_the_error_budget_is_used() -> None:
    """A share of 99 % leaves a budget of 1 %; a mean of 0.9, one tenth of the samples at 0."""
    assert seen("success_rate >= 99%").level == pytest.approx(0.005)
    assert seen("response_time.p95 <= 3s").level == pytest.approx(0.025)
    assert seen("prompt_adherence.mean >= 0.9").level == pytest.approx(0.05)
    assert seen("response_time.mean <= 9s").level == pytest.approx(0.025)


def test_a_promise_is_broken_by_more_than_its_budget() -> None:
    """30 % failing breaks a p95, and leaves a median as it is."""
    assert seen("response_time.p95 <= 3s").broken_by(0.3)
    assert not seen("response_time.p50 <= 3s").broken_by(0.3)
    assert not seen("success_rate >= 70%").broken_by(0.3)


def test_a_split_has_the_cells_that_are_owed() -> None:
    """Six ages and two genders; a template is taken to be one."""
    assert seen("success_rate >= 95% by age, gender").cells == 12
    assert seen("success_rate >= 95% by template, gender").cells == 2


def test_every_metric_about_failures_and_faults_is_known(make: Callable[..., MonitoringData]) -> None:
    """Of an answer a failed generation misses the promise, of a picture it tells nothing."""
    failed = make(errors=(ServerError("HTTP 500", status=500),))
    for name in ANSWERS:
        value = METRICS[name].read(failed)
        assert value is not None
        worst = METRICS[name].highest if METRICS[name].low_is_good else METRICS[name].lowest
        assert value in (worst, math.inf)
    for name in PICTURES:
        assert METRICS[name].read(failed) is None
    rest = {name for name, metric in METRICS.items() if metric.kind is not Kind.RUN} - ANSWERS - PICTURES
    assert rest == {"retry_count", "credits"}


@pytest.mark.parametrize("text", ["throughput >= 100/min", "memory.max <= 256MB", "retry_count.mean <= 0.1"])
def test_what_cannot_be_planned_says_why(text: str) -> None:
    """One figure of a run, and what failures do not move."""
    assert isinstance(watch(parse(text), Schedule(3600, 12)), str)


def test_a_window_too_full_is_refused() -> None:
    """With the objective and what is accepted."""
    with pytest.raises(ConfigError, match=r"over 366d'.*at most 200000"):
        watch(parse("success_rate >= 95% over 366d"), Schedule(60, 100))


def test_another_window_for_all_but_figures_of_a_run() -> None:
    """A throughput has none."""
    objectives = [parse("success_rate >= 95% over 1h"), parse("throughput >= 100/min")]
    assert [str(each) for each in over(objectives, 7200)] == [
        "success_rate >= 95% over 2h",
        "throughput >= 100/min",
    ]
