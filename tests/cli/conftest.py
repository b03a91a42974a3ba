"""The command line in this process, in an empty folder and an environment without facemon's variables."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from typer.testing import CliRunner, Result

from facemon.cli.app import app
from facemon.model import (
    Attempt,
    Exchange,
    ImageMetadata,
    MonitoringData,
    Performance,
    Phases,
    Quality,
    RecordedError,
    RequestParams,
    ResourceUse,
    Score,
    ScoreVerdict,
    State,
)
from facemon.store import RecordStore, Run
from facemon.store.identity import IdSource

MOMENT = datetime(2025, 9, 15, 12, tzinfo=UTC)  # ids of that day begin with 0199
RUN = IdSource()(MOMENT - timedelta(minutes=1))


class Invoke(Protocol):
    """`invoke("records", "list")` runs a command and returns what it said and its exit code."""

    def __call__(self, *arguments: str) -> Result: ...


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of facemon's, and nothing in the current folder."""
    for name in [*os.environ]:
        if name.startswith("FACEMON_") or name in ("STABILITY_API_KEY", "PYTEST_ADDOPTS"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def invoke() -> Invoke:
    """Run a command in this process."""

    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return run


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one good record of a run, one failed one, and a drill: made once."""
    folder = tmp_path_factory.mktemp("filled")
    failed = _failed(_record(timedelta(days=40), run_id=None))
    drill = replace(_record(timedelta(days=80), run_id=None), purpose="probe")
    asyncio.run(_fill(folder / "facemon.db", [_record(timedelta()), failed, drill]))
    return folder


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Path:
    """A copy of it in the default place."""
    shutil.copytree(filled, tmp_path / ".facemon")
    return tmp_path / ".facemon" / "facemon.db"


async def _fill(path: Path, records: list[MonitoringData]) -> None:
    async with await RecordStore.open(path) as place:
        await place.start_run(Run(RUN, MOMENT, "sim", "stability_v2beta", "core"))
        for record in records:
            await place.add(record)
        await place.finish_run(
            RUN, MOMENT + timedelta(seconds=9), {"exit": 0, "state": "up", "cause": "1 generations"}
        )


def _record(later: timedelta, run_id: str | None = RUN) -> MonitoringData:
    moment = MOMENT + later
    params = RequestParams(
        30, "female", None, "stability_v2beta", "core", "a woman", "headshot", "1", "1:1", "png"
    )
    image = ImageMetadata(
        "stability_v2beta", "core", "a woman", "blurry", "headshot", "1", 77, "SUCCESS", "f" * 32,
        1536, 1536, "png", "a" * 64, 2_000_000, 3.0, 0.25, Phases(wait=0.2),
    )  # fmt: skip
    attempt = Attempt(1, moment, 0.25, Phases(wait=0.2, download=0.05), "success", status=200)
    return MonitoringData(
        IdSource()(moment),
        moment,
        params,
        Performance(0.25, 0.002),
        Quality((Score("not_blank", "1", ScoreVerdict.PASSED, 100.0),)),
        (),
        (attempt,),
        ResourceUse(0.01, 80 * 2**20, 1000, 2_000_000),
        image,
        run_id,
    )


def _failed(record: MonitoringData) -> MonitoringData:
    exchange = Exchange(
        "POST",
        "http://127.0.0.1:1/v2beta/stable-image/generate/core",
        (("accept", "image/*"), ("authorization", "[redacted]")),
        "the form",
        (("content-type", "application/json"),),
        '{"errors":["sorry"]}',
        (("prompt", "a woman"),),
    )
    attempt = Attempt(
        1, record.timestamp, 0.01, Phases(wait=0.01), "server_error",
        status=500, error="HTTP 500: sorry", exchange=exchange,
    )  # fmt: skip
    error = RecordedError("server_error", "HTTP 500: sorry", State.DOWN, "server_error", 500)
    return replace(record, errors=(error,), attempts=(attempt,), image=None, quality=Quality())


@pytest.fixture
def one_error() -> Callable[[Result], str]:
    """The one `error:` line of a result, and no traceback."""

    def find(result: Result) -> str:
        assert "Traceback" not in result.output
        lines = [line for line in result.stderr.splitlines() if line.startswith("error:")]
        assert len(lines) == 1, result.output
        return lines[0]

    return find
