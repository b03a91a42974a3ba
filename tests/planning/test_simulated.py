"""Simulation agrees with what is known exactly, and its windows with `judge`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from facemon.planning import exact, simulated
from facemon.planning.delay import computed, observed
from facemon.planning.exact import Service
from facemon.planning.schedule import Schedule
from facemon.planning.watch import Watch, watch
from facemon.planning.windows import window
from facemon.slo.judging import Verdict, judge_cells, judge_values
from facemon.slo.language import parse


def seen(text: str, samples: int = 12) -> Watch:
    found = watch(parse(text), Schedule(3600, samples))
    assert isinstance(found, Watch)
    return found


@pytest.mark.parametrize(
    "text", ["success_rate >= 95%", "success_rate >= 90% over 3h", "sound_picture_rate >= 90%"]
)
def test_false_alarms_agree_with_the_formula(text: str) -> None:
    """The exact chance lies in the 99 % interval (the seed is fixed)."""
    item = seen(text)
    good = Service(item.level, 0) if item.on_answers else Service(0, item.level)
    sure = exact.alarms(*((item, None) if item.on_answers else (None, item)), good)
    figure = simulated.alarms([item], good)
    assert figure.lower <= sure <= figure.upper
    assert figure.upper - figure.lower < sure


@pytest.mark.parametrize("text", ["success_rate >= 95%", "success_rate >= 90% over 3h"])
def test_delays_agree_with_the_formula(text: str) -> None:
    """Median and ninth decile."""
    item = seen(text)
    survival = exact.survival(item, 0.3, 100)
    assert survival is not None
    sure = computed(survival, 3600)
    found = observed(simulated.delays([item], Service(item.level, 0), Service(0.3, 0), 3600, 100))
    for one, other in ((sure.median, found.median), (sure.late, found.late)):
        assert other.lower <= one.value <= other.upper


def test_two_watches_of_the_same_failures_alarm_no_more_than_both() -> None:
    """And no less than the one that alarms more often: the misses are shared."""
    strict, lax = seen("success_rate >= 99% over 4h"), seen("success_rate >= 90%")
    good = Service(strict.level, 0.0)
    both = simulated.alarms([strict, lax], good).value
    single = [simulated.alarms([each], good).value for each in (strict, lax)]
    assert max(single) <= both <= sum(single)


def test_where_none_alarmed_the_interval_is_open_above() -> None:
    """No alarm in a simulation is not no alarm ever."""
    figure = simulated.alarms([seen("success_rate >= 95% over 1d")], Service(0.001, 0), 100_000)
    assert figure.value == figure.lower == 0 < figure.upper


def fails(text: str, runs: Sequence[tuple[np.ndarray, np.ndarray]], samples: int) -> list[bool]:
    """What the window says after its last run."""
    item = window(seen(text, samples), runs[0][0].shape[0])
    return [item.add(missed, came) for missed, came in runs][-1].tolist()


@pytest.mark.parametrize(
    "text",
    [
        "success_rate >= 90% over 3h",
        "success_rate >= 80% by gender over 3h",
        "sound_picture_rate >= 80% by age over 3h from 3 samples",
        "prompt_adherence.mean >= 0.9 over 3h",
        "prompt_adherence.mean >= 0.9 by gender over 3h",
    ],
)
def test_a_window_fails_where_the_judge_fails_its_samples(text: str) -> None:
    """Five runs of seven samples, of which the last three count; some generations failed and brought no picture."""
    objective, rng = parse(text), np.random.default_rng(1)
    runs = [(rng.random((60, 7)) < rng.random((60, 1)) * 0.7, rng.random((60, 7)) < 0.8) for _ in range(5)]
    runs = [(missed & came, came) for missed, came in runs]
    item = seen(text, 7)
    said = fails(text, runs, 7)
    for service in range(60):
        cells: list[list[float]] = [[] for _ in range(item.cells)]
        for number in range(14, 35):
            missed, came = (part[service, number % 7] for part in runs[number // 7])
            if came:
                cells[number % item.cells].append(0.0 if missed else 1.0)
        judged = judge_cells(objective, cells) if item.cells > 1 else [judge_values(objective, cells[0])]
        assert said[service] is any(each.verdict is Verdict.FAIL for each in judged)
    assert 0 < sum(said) < 60
