"""Counts the outcomes of a session's tests, as the controller hears of them."""

from __future__ import annotations

from typing import Any

import pytest

from facemon.plugin.outcomes import FAILED, PASSED, SKIPPED, UNKNOWN, said
from facemon.plugin.state import SessionState

OURS = "facemon_item"
UNKNOWN_CAUSE = "facemon_unknown"
_CRASHED = "???"  # what xdist gives as the phase of the test that a dying worker was running

Status = tuple[str, str, tuple[str, dict[str, bool]]]


class Scorekeeper:
    """Registered once a session: `pytest_runtest_logreport` is not told its config."""

    def __init__(self, state: SessionState) -> None:
        self._state = state

    @property
    def used(self) -> bool:
        """Whether any test of the session used facemon, as far as is known: at the end, for all workers."""
        return self._state.used or bool(self._state.dead)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: Any) -> Status | None:
        """`U`: a check that could not see the service."""
        if report.failed and (report.when == _CRASHED or getattr(report, UNKNOWN_CAUSE, None)):
            return "unknown", "U", ("UNKNOWN", {"yellow": True})
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectreport(self, report: Any) -> None:
        """A module that could not be collected holds checks that were never run."""
        if not self._state.is_worker and report.failed:
            self._state.counts.reported += 1
            self._state.counts.others_failed += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Count, in the controller only."""
        if self._state.is_worker:
            return
        counts = self._state.counts
        counts.reported += report.failed and not hasattr(report, "wasxfail")
        if report.when == _CRASHED:
            counts.unknown[report.nodeid] = "the worker that ran it died"
            counts.ended(report.nodeid, UNKNOWN, "the worker that ran it died")
        elif not getattr(report, OURS, False):
            counts.others_failed += report.failed
        elif report.failed:
            cause = getattr(report, UNKNOWN_CAUSE, None)
            if cause:
                counts.unknown[report.nodeid] = cause
                counts.ended(report.nodeid, UNKNOWN, cause)
            else:
                counts.failed.append(report.nodeid)
                counts.ended(report.nodeid, FAILED, said(report))
        elif report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            counts.skipped[reason] = counts.skipped.get(reason, 0) + 1
            counts.ended(report.nodeid, SKIPPED, reason.removeprefix("Skipped: "))
        elif report.when == "call":
            counts.passed += 1
            counts.ended(report.nodeid, PASSED)
