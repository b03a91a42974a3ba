"""A run in Markdown: what is there is shown, what is missing is left out, what is foreign is escaped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from facemon.incident import Incident
from facemon.model import State
from facemon.scheduled.job_summary import escaped, markdown, trouble
from facemon.scheduled.slots import Slot
from facemon.store.runs import Run

START = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)
SUMMARY: dict[str, object] = {
    "exit": 1,
    "state": "down",
    "cause": "3 of 4 generations failed: timeout",
    "objectives": {
        "fast": {
            "verdict": "fail",
            "sentence": "response_time.p95 <= 3s",
            "figure": "p95 4.2 s",
            "interval": "3.9 s to 5 s",
            "samples": 61,
        }
    },
    "checks": {
        "check_a.py::check_a": {"outcome": "failed", "cause": "timeout"},
        "check_a.py::check_b": {"outcome": "passed"},
    },
    "errors": {"timeout": 3},
    "generations": 4,
    "credits": 12.0,
    "unknown": ["no DNS"],
    "slot": Slot("17 * * * *", START - timedelta(minutes=3), 180.0, 2).as_data(),
}
RUN = Run(
    "0199",
    START,
    "live",
    "stability_v2beta",
    "core",
    finished_at=START + timedelta(seconds=31),
    summary=SUMMARY,
)
INCIDENT = Incident("i", "availability", State.DOWN, "timeout", START - timedelta(hours=1), START)


def test_everything_that_the_issue_asks_for_is_there() -> None:
    """Verdict, state, objectives with figure and interval, errors, credits, incidents, lateness, skipped slots."""
    text = markdown(RUN, [INCIDENT], "https://example.com/report/")
    for expected in (
        "## 🛑 facemon: down: 3 of 4 generations failed: timeout",
        "| verdict | fail |",
        "| fail | fast: response\\_time.p95 &lt;= 3s | p95 4.2 s | 3.9 s to 5 s | 61 |",
        "### Checks: 1 of 2 passed",
        "| check\\_a.py::check\\_a | failed | timeout |",
        "| errors | timeout 3 |",
        "| credits | 12 |",
        "| not seen | no DNS |",
        "| slot | 12:17 UTC of `17 * * * *`, at least 3 min late; 2 were skipped before it |",
        "| availability | 🛑 down | timeout | 2026-03-02 11:20 |",
        "| report | https://example.com/report/ |",
    ):
        assert expected in text
    assert "check\\_b" not in text


@pytest.mark.parametrize(
    "summary",
    [{}, {"objectives": None, "checks": [], "errors": 3, "slot": "x", "exit": True, "unknown": "abc"}],
)
def test_a_run_that_kept_little_is_shown_all_the_same(summary: dict[str, object]) -> None:
    """A row of an older version, or of a killed run: no exception, and no verdict that is not there."""
    text = markdown(Run("0199", START, "live", summary=summary))
    assert "❔ facemon: unknown" in text
    assert "| verdict | none: the run did not end |" in text
    assert "None is open." in text


def test_no_run_is_said() -> None:
    """A page without a run does not look like one that is well."""
    assert "there is no run yet" in markdown(None)


def test_foreign_text_is_no_markup() -> None:
    """An error message from outside makes no cell, no tag, no link, no mention and no code of its own."""
    hostile = "a|b\nc `d` <img src=x> @team #3 [x](http://e.example) **b**"
    shown = escaped(hostile).replace("&#8203;", "~")  # a space without width
    assert "\n" not in shown
    for mark in ("|", "`", "@", "#", "[", "*"):
        assert shown.count(mark) == shown.count(f"\\{mark}") > 0
    assert "<" not in shown
    assert "://" not in shown
    table = markdown(
        Run("r", START, "live", summary={"checks": {hostile: {"outcome": "failed", "cause": hostile}}})
    )
    assert "<img" not in table


def test_a_job_without_a_run_of_its_own_is_broken() -> None:
    """An old run, or a killed one, does not cover for a job that saw nothing; a service that fails is no breakage."""
    since = START - timedelta(minutes=1)
    assert trouble(RUN, since) == ""
    assert "no check was run" in trouble(RUN, START + timedelta(seconds=1))
    assert "no check was run" in trouble(None, since)
    assert "did not end" in trouble(Run("0199", START, "live"), since)
    assert trouble(None, None) == ""
