"""`facemon state`: what it says, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from facemon.cli.app import app
from facemon.model import MonitoringData, Performance, Quality, RequestParams, ResourceUse
from facemon.scheduled import packing
from facemon.store import RecordStore, new_id

Clone = Callable[[str], Path]


def invoke(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["state", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert "Traceback" not in result.output
    return result


def keep_generation(days: int) -> None:
    """A generation of so many days ago."""

    async def write() -> None:
        moment = datetime.now(UTC) - timedelta(days=days)
        async with await RecordStore.open(".facemon/facemon.db") as store:
            await store.add(
                MonitoringData(
                    *(new_id(moment), moment, RequestParams(), Performance(1.0), Quality(), (), ()),
                    ResourceUse(0.0, 1),
                )
            )

    asyncio.run(write())


@pytest.fixture
def fetched(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runner that took up nothing, and has generations of 1, 40 and 70 days ago."""
    monkeypatch.chdir(clone("first"))
    invoke("fetch")
    for days in (1, 40, 70):
        keep_generation(days)
    return Path.cwd()


def test_what_stays_behind_is_told(fetched: Path) -> None:
    """Sixty days travel unless told otherwise; where all of it does, nothing is said."""
    assert "1 generation older than 60 days stayed behind" in invoke("push").stderr
    assert "2 generations older than 30 days stayed behind" in invoke("push", "--keep", "30d").stderr
    assert "behind" not in invoke("push", "--keep", "2000h").stderr


@pytest.mark.parametrize("span", ["29d", "60", "two months", "-60d", "9999d", "999999999d", ""])
def test_less_than_the_rules_look_back_is_refused(span: str) -> None:
    """And what is no duration."""
    said = invoke("push", f"--keep={span}")
    assert (said.exit_code, "--keep" in said.stderr) == (4, True)


def test_a_store_that_does_not_fit_is_told_loudly(fetched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is pushed all the same: exit code 0, and what to do."""
    (fetched / ".facemon/facemon.errors.jsonl").write_text("{}\n")
    monkeypatch.setattr(
        packing, "_LIMIT", packing.packed(Path(".facemon/facemon.db"), datetime.now(UTC)).size - 1
    )
    said = invoke("push")
    assert said.exit_code == 0
    assert (
        "warning: the store is too large for GitHub: only its last 30 days are kept instead of 60"
        in said.stderr
    )
    assert "FACEMON_STORE=postgresql" in said.stderr


def test_a_store_that_will_not_fit_for_long_is_told(fetched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From where on GitHub itself warns."""
    assert "warning" not in invoke("push").stderr
    monkeypatch.setattr(packing, "LARGE", 10)
    assert "shorten --keep, or keep the store in a database" in invoke("push").stderr


@pytest.mark.parametrize("command", ["fetch", "push"])
def test_beside_a_database_a_lost_history_is_no_red_job(
    alone: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is about a page only: said, and exit code 0."""
    monkeypatch.setenv("FACEMON_STORE", "postgresql://somebody@db.example/facemon")
    (alone / ".facemon").mkdir()
    if command == "push":
        (alone / ".facemon" / packing.HISTORY).write_text("{}\n")
    said = invoke(command)
    assert said.exit_code == 0
    assert "the history of reports is not kept on facemon-state" in said.stderr


def test_where_there_is_no_remote_no_token_is_blamed(alone: Path) -> None:
    """One sentence, which names the way out itself."""
    said = invoke("fetch")
    assert said.exit_code == 1
    assert "no git repository with a remote 'origin'" in said.output
    assert "GITHUB_TOKEN" not in said.output
