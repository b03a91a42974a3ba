"""What became of each check: the worst of its cases, and why."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from facemon.plugin.outcomes import FAILED, PASSED, SKIPPED, UNKNOWN, CheckOutcome, name_of, said
from facemon.plugin.state import Counts


@pytest.mark.parametrize(
    ("nodeid", "name"),
    [
        ("checks/check_it.py::check_a[30-male-1]", "check_it.py::check_a"),
        ("check_it.py::check_a", "check_it.py::check_a"),
        ("a/b/check_it.py::TestIt::test_x[a::b]", "check_it.py::TestIt::test_x"),
    ],
)
def test_a_check_is_named_without_folders_and_parameters(nodeid: str, name: str) -> None:
    """The same check has one name wherever it lies and whatever face it asked for."""
    assert name_of(nodeid) == name


def test_the_worst_case_counts_and_its_first_cause() -> None:
    """Failed outranks unknown, unknown outranks passed, passed outranks skipped."""
    found = CheckOutcome()
    for outcome, cause in (
        (SKIPPED, "not tried"),
        (PASSED, ""),
        (UNKNOWN, "the key"),
        (FAILED, "first"),
        (FAILED, "second"),
        (PASSED, ""),
    ):
        found.add(outcome, cause)
    assert (found.outcome, found.cause) == (FAILED, "first")
    assert found.cases == {SKIPPED: 1, PASSED: 2, UNKNOWN: 1, FAILED: 2}


def test_cases_of_one_check_are_one_outcome() -> None:
    """Parameters are cases of one check; another check is another."""
    counts = Counts()
    counts.ended("c.py::a[1]", PASSED)
    counts.ended("c.py::a[2]", FAILED, "late")
    counts.ended("c.py::b", PASSED)
    assert {name: kept.outcome for name, kept in counts.checks.items()} == {
        "c.py::a": FAILED,
        "c.py::b": PASSED,
    }


def test_a_failure_is_said_in_one_line() -> None:
    """The message of the assertion, its first line, at most 300 characters; without one, what there is."""
    crash = SimpleNamespace(message="\n  AssertionError: p95 4 s\nassert not ...")
    assert said(SimpleNamespace(longrepr=SimpleNamespace(reprcrash=crash))) == "AssertionError: p95 4 s"
    assert said(SimpleNamespace(longrepr="moderated after 1 attempt\nmore")) == "moderated after 1 attempt"
    assert len(said(SimpleNamespace(longrepr="x" * 999))) == 300
    assert said(SimpleNamespace(longrepr=None)) == ""


def test_a_failure_is_said_without_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of one's own may quote what the environment holds, and an issue may be public. It is hidden before the
    text is cut: half of an address is not recognised any more.
    """
    monkeypatch.setenv("FACEMON_SMTP_PASSWORD", "hunter2hunter")
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_16C7e42F292c6912E7710c838347Ae178B4a")
    monkeypatch.setenv("FACEMON_HEARTBEAT_URL", "https://ping.example.com/0193-token-of-length")
    text = "AssertionError: hunter2hunter ghp_16C7e42F292c6912E7710c838347Ae178B4a"
    crash = SimpleNamespace(message=text)
    assert said(SimpleNamespace(longrepr=SimpleNamespace(reprcrash=crash))) == (
        "AssertionError: [redacted] ghp_[redacted]"
    )
    assert "0193" not in said(
        SimpleNamespace(longrepr="x" * 265 + "https://ping.example.com/0193-token-of-length")
    )
