"""The figures of a plan: which are exact, what they count, and the directions in which they move."""

from __future__ import annotations

import math

import pytest

from facemon.planning.plan import PARTLY, Plan, delay, false_alarms, plan, watches_of
from facemon.planning.schedule import Schedule
from facemon.slo.language import parse
from facemon.slo.objectives import default_objectives


def planned(*sentences: str, every: float = 3600, samples: int = 12) -> Plan:
    objectives = [parse(each) for each in sentences] or default_objectives()
    return plan(Schedule(every, samples, 3), objectives)


def test_the_defaults_are_computed_exactly() -> None:
    """The specification's promises need no simulation, whatever window they share."""
    for found in (planned(), planned(*(f"{each} over 4h" for each in default_objectives()))):
        assert found.alarms.exact
        assert found.outage is not None and found.outage.exact
        assert found.partly is not None and found.partly.exact
        assert all(row.alarms is not None and row.alarms.exact for row in found.rows)


def test_the_same_failures_alarm_once() -> None:
    """A failed generation misses its success, its first attempt and its time: no more alarms than of one."""
    one = planned("success_rate >= 95%")
    three = planned("success_rate >= 95%", "first_attempt_success_rate >= 95%", "response_time.p95 <= 3s")
    assert three.alarms == one.alarms == one.rows[0].alarms


def test_faults_of_pictures_alarm_beside_failures() -> None:
    """A little less than both: failed generations bring no picture to judge, and both at once are one alarm."""
    found = planned("success_rate >= 95%", "sound_picture_rate >= 95%")
    alone = [row.alarms.value for row in found.rows if row.alarms]
    assert max(alone) < found.alarms.value < sum(alone)


def test_failures_are_found_by_objectives_about_answers_alone() -> None:
    """A promise about pictures says nothing of an outage; its own row tells of faults."""
    found = planned("sound_picture_rate >= 95%")
    assert found.outage is None and found.partly is None
    assert found.rows[0].outage is not None
    assert found.alarms.value > 0


def test_a_promise_that_30_percent_failing_keeps_finds_no_such_trouble() -> None:
    """It finds an outage."""
    found = planned("success_rate >= 70%")
    assert found.partly is None
    assert found.outage is not None


def test_an_outage_is_found_by_the_next_run() -> None:
    """In the median after half of the pause; in nine of ten cases after nine tenths of it."""
    found = planned(every=900)
    assert found.outage is not None
    assert found.outage.median.value == pytest.approx(450)
    assert found.outage.late.value == pytest.approx(810)


def test_one_sample_a_run_finds_nothing_without_a_window() -> None:
    """No false alarms either."""
    found = planned(samples=1)
    assert found.alarms.value == 0
    assert found.outage is not None and math.isinf(found.outage.late.value)


def test_differing_budgets_are_simulated_between_their_bounds() -> None:
    """At least the alarms of the noisiest, at most those of all; found no later than by the quickest alone."""
    found = planned("success_rate >= 99% over 6h", "response_time.p95 <= 3s", "sound_picture_rate >= 90%")
    alone = [row.alarms.value for row in found.rows if row.alarms]
    assert not found.alarms.exact
    assert max(alone) < found.alarms.upper and found.alarms.lower < sum(alone)
    assert found.partly is not None
    quickest = min(row.partly.late.value for row in found.rows[:2] if row.partly)
    assert found.partly.late.lower <= quickest


def test_what_the_next_run_finds_for_sure_needs_no_simulation() -> None:
    """However the other objectives do: none can be sooner."""
    found = planned("success_rate >= 99% over 1d", "response_time.p95 <= 3s")
    assert found.outage is not None and found.outage.exact
    assert found.partly is not None and not found.partly.exact


def test_a_split_and_a_mean_are_simulated() -> None:
    """With an interval around every figure that no formula gives."""
    for text in ("success_rate >= 95% by gender", "prompt_adherence.mean >= 0.9"):
        row = planned(text).rows[0]
        assert row.alarms is not None and not row.alarms.exact
        assert row.partly is not None and not row.partly.exact


def test_the_same_plan_twice_is_the_same() -> None:
    """Simulation is seeded."""
    sentences = ("success_rate >= 99%", "response_time.p95 <= 3s", "sound_picture_rate >= 95% by gender")
    assert planned(*sentences) == planned(*sentences)


def test_more_runs_cost_more_and_find_sooner() -> None:
    """Twice as often: twice the credits and alarms, half the delay."""
    slow, fast = planned(every=7200), planned(every=3600)
    assert fast.schedule.credits_a_day == 2 * slow.schedule.credits_a_day
    assert fast.alarms.value == pytest.approx(2 * slow.alarms.value)
    assert fast.partly is not None and slow.partly is not None
    assert fast.partly.late.value == pytest.approx(slow.partly.late.value / 2)


def test_what_cannot_be_planned_has_no_figures() -> None:
    """And does not count: with nothing else there is no alarm."""
    found = planned("throughput >= 100/min")
    assert found.rows[0].why
    assert found.alarms.value == 0
    assert found.outage is None


def test_the_parts_agree_with_the_whole() -> None:
    """A search asks for single figures; they are those of the plan."""
    schedule = Schedule(3600, 12, 3)
    watches = watches_of(schedule, default_objectives())
    assert false_alarms(watches, schedule) == planned().alarms
    assert delay(watches, PARTLY, schedule) == planned().partly
