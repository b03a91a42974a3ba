"""Counting outcomes: ours apart from others', and what was not seen apart from what failed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from facemon.plugin.outcomes import PASSED
from facemon.plugin.scorekeeper import OURS, UNKNOWN_CAUSE, Scorekeeper
from facemon.plugin.state import Counts, SessionState


def report(outcome: str, when: str = "call", *, ours: bool = True, cause: str | None = None) -> Any:
    """A test report as pytest makes it."""
    marks = {OURS: True} if ours else {}
    if cause:
        marks[UNKNOWN_CAUSE] = cause
    return SimpleNamespace(
        nodeid="test_it.py::test_it",
        when=when,
        longrepr=("test_it.py", 3, "Skipped: not applicable") if outcome == "skipped" else None,
        passed=outcome == "passed",
        failed=outcome == "failed",
        skipped=outcome == "skipped",
        **marks,
    )


def counted(*reports: Any, worker: bool = False) -> Counts:
    """What the keeper counted."""
    config: Any = SimpleNamespace(workerinput={}) if worker else SimpleNamespace()
    state = SessionState(config)
    keeper = Scorekeeper(state)
    for entry in reports:
        keeper.pytest_runtest_logreport(entry)
    return state.counts


def test_a_pass_is_one_pass() -> None:
    """set-up, call and tear-down passed: one check."""
    whole = [report("passed", when) for when in ("setup", "call", "teardown")]
    wanted = Counts(passed=1)
    wanted.ended("test_it.py::test_it", PASSED)
    assert counted(*whole) == wanted


@pytest.mark.parametrize("when", ["setup", "call", "teardown"])
def test_a_failure_counts_in_each_phase(when: str) -> None:
    """A check that fails in its set-up or tear-down failed too."""
    assert counted(report("failed", when)).failed == ["test_it.py::test_it"]


def test_what_was_not_seen_is_no_failure() -> None:
    """A failure that tells nothing of the service is counted as unknown, with its cause."""
    counts = counted(report("failed", cause="unauthorized"))
    assert counts.failed == []
    assert counts.unknown == {"test_it.py::test_it": "unauthorized"}


def test_a_dead_worker_leaves_its_test_unknown() -> None:
    """xdist's report of the test that a dying worker ran: unknown, whether we had marked it or not."""
    counts = counted(report("failed", "???", ours=False))
    assert counts.unknown == {"test_it.py::test_it": "the worker that ran it died"}
    assert counts.others_failed == 0


def test_skips_are_counted_by_reason() -> None:
    """How many for each reason."""
    assert sum(counted(report("skipped"), report("skipped", "setup")).skipped.values()) == 2


def test_others_failures_are_kept_apart() -> None:
    """A test that is not ours: only its failure matters to the exit code, and that it was heard of."""
    assert counted(report("failed", ours=False), report("passed", ours=False)) == Counts(
        others_failed=1, reported=1
    )


def test_every_failure_that_pytest_counts_is_reported() -> None:
    """`reported` is what pytest's own `testsfailed` would be, whatever we make of each: what exceeds it is another
    plugin's doing."""
    heard = counted(
        report("failed"),
        report("failed", "teardown"),
        report("failed", cause="unauthorized"),
        report("failed", "???", ours=False),
        report("failed", ours=False),
        report("passed"),
        report("skipped"),
    )
    assert heard.reported == 5
    expected = report("failed")
    expected.wasxfail = "known"
    assert counted(expected).reported == 0


@pytest.mark.parametrize(("outcome", "failures"), [("failed", 1), ("passed", 0), ("skipped", 0)])
def test_a_module_that_is_not_collected_is_somebody_elses_failure(outcome: str, failures: int) -> None:
    """What could not be collected holds checks that never ran: no pass is read into the rest."""
    config: Any = SimpleNamespace()
    state = SessionState(config)
    Scorekeeper(state).pytest_collectreport(report(outcome, "collect"))
    assert state.counts == Counts(others_failed=failures, reported=failures)


def test_a_worker_counts_no_collection() -> None:
    """Of a module that no worker could collect the controller hears by itself."""
    config: Any = SimpleNamespace(workerinput={})
    state = SessionState(config)
    Scorekeeper(state).pytest_collectreport(report("failed", "collect"))
    assert state.counts == Counts()


def test_a_worker_counts_nothing() -> None:
    """The controller hears every report again: counted in both they would count twice."""
    assert counted(report("failed"), report("passed"), worker=True) == Counts()


def test_the_letter_of_what_was_not_seen() -> None:
    """`U` and UNKNOWN for it and for a dead worker's test; everything else keeps pytest's own letter."""
    config: Any = SimpleNamespace()
    keeper = Scorekeeper(SessionState(config))
    for unseen in (report("failed", cause="unauthorized"), report("failed", "???")):
        assert keeper.pytest_report_teststatus(unseen) == ("unknown", "U", ("UNKNOWN", {"yellow": True}))
    for seen in (report("failed"), report("passed"), report("skipped")):
        assert keeper.pytest_report_teststatus(seen) is None
