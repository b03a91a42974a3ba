"""Exact chances against counting every possibility."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

from facemon.planning.exact import Service, alarms, binomial, survival
from facemon.planning.schedule import Schedule
from facemon.planning.watch import Watch, least_misses, watch
from facemon.slo.language import parse


def seen(text: str, samples: int = 4, every: float = 3600) -> Watch:
    found = watch(parse(text), Schedule(every, samples))
    assert isinstance(found, Watch)
    return found


def chance(hits: int, trials: int, share: float) -> float:
    return math.comb(trials, hits) * share**hits * (1 - share) ** (trials - hits)


@pytest.mark.parametrize("share", [0.0, 0.025, 0.5, 1.0])
def test_binomial_chances_are_those_of_the_formula(share: float) -> None:
    """Beyond the trials they are 0."""
    expected = [chance(hits, 9, share) if hits <= 9 else 0 for hits in range(12)]
    np.testing.assert_allclose(binomial(9, share, 12), expected, atol=1e-14)


@pytest.mark.parametrize("hours", [1, 2, 3])
def test_an_alarm_begins_where_the_run_before_was_quiet(hours: int) -> None:
    """Over all counts of hours + 1 runs: the earlier window does not fail, the later one does."""
    item = seen(f"success_rate >= 90% over {hours}h")
    assert item.misses is not None
    expected = 0.0
    for counts in product(range(5), repeat=hours + 1):
        if sum(counts[:-1]) < item.misses <= sum(counts[1:]):
            expected += math.prod(chance(count, 4, item.level) for count in counts)
    assert alarms(item, None, Service(item.level, 0.0)) == pytest.approx(expected, rel=1e-9)


def test_pictures_that_did_not_come_are_not_judged() -> None:
    """Over all counts of failures and faults of a run: of 7 pictures four faults refute, of fewer three do."""
    answers, pictures = seen("success_rate >= 80%", 7), seen("sound_picture_rate >= 85%", 7)
    good = Service(answers.level, pictures.level)

    def fails(failed: int, faulty: int) -> bool:
        limit = least_misses(pictures.objective, 7 - failed)
        return failed >= (answers.misses or 99) or faulty >= (limit or 99)

    failing = sum(
        chance(failed, 7, good.failing) * chance(faulty, 7 - failed, good.faulty)
        for failed in range(8)
        for faulty in range(8 - failed)
        if fails(failed, faulty)
    )
    assert alarms(answers, pictures, good) == pytest.approx(failing * (1 - failing), rel=1e-9)


def test_without_a_window_trouble_is_found_by_independent_runs() -> None:
    """The chance that it is still open falls by the same factor with every run."""
    item = seen("success_rate >= 95%", 12)
    missed = sum(chance(hits, 12, 0.3) for hits in range(item.misses or 0))
    found = survival(item, 0.3, 8)
    assert found is not None
    np.testing.assert_allclose(found, [missed**run for run in range(9)], rtol=1e-9)


def test_a_window_is_followed_run_by_run() -> None:
    """Over all counts of two good runs and three bad ones: open as long as no window of three fails."""
    item = seen("success_rate >= 90% over 3h", 3)
    limit = item.misses
    assert limit is not None
    expected = [1.0, 0.0, 0.0, 0.0]
    for counts in product(range(4), repeat=5):
        weight = math.prod(chance(count, 3, item.level if n < 2 else 0.3) for n, count in enumerate(counts))
        for runs in (1, 2, 3):
            if all(sum(counts[run : run + 3]) < limit for run in range(runs)):
                expected[runs] += weight
    found = survival(item, 0.3, 3)
    assert found is not None
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("hours", [1, 2, 4])
def test_an_outage_has_the_same_chances_by_both_ways(hours: int) -> None:
    """The closed form for all failing is the limit of following the window."""
    item = seen(f"success_rate >= 90% over {hours}h", 2)
    closed, followed = survival(item, 1.0, 6), survival(item, 1 - 1e-12, 6)
    assert closed is not None and followed is not None
    length = min(len(closed), len(followed))
    np.testing.assert_allclose(closed[:length], followed[:length], atol=1e-6)


def test_what_nothing_can_fail_is_never_found() -> None:
    """One sample cannot refute 95 %."""
    found = survival(seen("success_rate >= 95%", 1), 1.0, 5)
    assert found is not None
    assert found.tolist() == [1.0] * 6


@pytest.mark.parametrize(
    "text", ["success_rate >= 95% by age", "response_time.mean <= 3s", "success_rate >= 95% over 7d"]
)
def test_what_has_no_formula_says_so(text: str) -> None:
    """Splits, means, and long windows that fill."""
    assert survival(seen(text, 12), 0.3, 100) is None
