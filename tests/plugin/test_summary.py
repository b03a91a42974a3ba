"""What a run keeps of itself: its verdict without secrets, and the slot that it came in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from facemon.model import State
from facemon.plugin.outcomes import FAILED, SKIPPED, CheckOutcome
from facemon.plugin.summary import slot_of, summary
from facemon.slo.health import Health
from facemon.store.runs import Run
from tests.plugin.test_bench import run, runs
from tests.plugin.test_section import VERDICT

MOMENT = datetime(2026, 3, 1, 12, 20, tzinfo=UTC)


def test_a_scheduled_run_keeps_its_slot() -> None:
    """17 minutes past the hour was planned: three minutes late; of four hours three were skipped."""
    before = Run(
        "a",
        MOMENT - timedelta(hours=4),
        "live",
        summary={"slot": slot_of("17 * * * *", "a", [Run("a", MOMENT - timedelta(hours=4), "live")])},
    )
    kept = slot_of("17 * * * *", "b", [Run("b", MOMENT, "live"), before])
    assert kept["late"] == 180
    assert kept["skipped"] == 3
    assert kept["planned"] == "2026-03-01T12:17:00+00:00"


def test_a_schedule_that_is_none_loses_no_run() -> None:
    """What the surroundings say wrongly is kept beside the run, in words; a run that never began has no slot."""
    kept = slot_of("every hour", "b", [Run("b", MOMENT, "live")])
    assert "not accepted" in kept["error"]
    assert slot_of("17 * * * *", "c", []) == {}


def test_what_is_kept_in_words_holds_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Causes of failed and of skipped checks, of the state, and what was not seen. Names and outcomes stay as they are,
    even if somebody's password is one of these words: alerts are decided by them.
    """
    monkeypatch.setenv("FACEMON_SMTP_PASSWORD", "failed")
    monkeypatch.setenv("FACEMON_STORE", "postgresql://me:S3cretPassw0rd@db/x")
    said = "S3cretPassw0rd"
    verdict = replace(VERDICT, health=Health(State.DOWN, said), unknown=(f"facemon itself: {said}",))
    checks = {"failed.py::a": CheckOutcome(FAILED, said, {FAILED: 1}), "b.py::b": CheckOutcome(SKIPPED, said)}
    kept = summary(verdict, checks)
    assert kept["checks"] == {
        "failed.py::a": {"outcome": FAILED, "cause": "[redacted]", "cases": {FAILED: 1}},
        "b.py::b": {"outcome": SKIPPED, "cause": "[redacted]", "cases": {}},
    }
    assert (kept["state"], kept["cause"]) == ("down", "[redacted]")
    assert kept["unknown"] == ["facemon itself: [redacted]"]
    assert checks["b.py::b"].cause == said  # what the terminal says is not ours to change


def test_a_check_that_quotes_a_secret(pytester: pytest.Pytester) -> None:
    """Whatever a check of one's own says of a password and a token, the store of the run holds neither."""
    secrets = {"FACEMON_SMTP_PASSWORD": "hunter2hunter", "GITHUB_TOKEN": "ghp_16C7e42F292c6912E7710c838347Ae"}
    source = """
import os, pytest

async def test_quoting(facemon):
    await facemon.generate(age=30, gender="male")
    assert False, os.environ["FACEMON_SMTP_PASSWORD"] + " " + os.environ["GITHUB_TOKEN"]

async def test_skipping(facemon):
    pytest.skip(os.environ["GITHUB_TOKEN"])
"""
    run(pytester, source, env=secrets)
    (kept,) = runs(pytester.path)
    checks = kept.summary["checks"]
    assert isinstance(checks, dict)
    assert "[redacted] ghp_[redacted]" in checks["test_it.py::test_quoting"]["cause"]
    assert checks["test_it.py::test_skipping"]["cause"].endswith("ghp_[redacted]")
    for file in (pytester.path / ".facemon").iterdir():
        assert not any(secret[4:].encode() in file.read_bytes() for secret in secrets.values())
