"""The schema: made once, brought forward with its rows, and never guessed at."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from facemon.errors import StoreError
from facemon.model import MonitoringData
from facemon.store import RecordStore, migrate
from facemon.store.engine import Database
from facemon.store.incident_rows import incident_after
from facemon.store.incidents import IncidentStore
from facemon.store.location import locate
from facemon.store.schema import HEAD, metadata

NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "facemon_9999", "{head}"

def upgrade():
    op.add_column("records", sa.Column("mood", sa.Text, server_default="calm"))
    {more}
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Turns this facemon into a later one, whose schema has one more column."""

    def install(more: str = "pass") -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "9999_mood.py").write_text(NEXT.format(head=HEAD, more=more))
        monkeypatch.setattr(migrate, "MIGRATIONS", folder)
        monkeypatch.setattr(migrate, "HEAD", "facemon_9999")

    return install


def test_models_and_migrations_agree(location: str) -> None:
    """A migrated database is what `schema.py` says: alembic finds nothing to change."""
    database = Database(locate(location))
    migrate.ensure_schema(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_head() -> None:
    """`schema.HEAD` is the last migration, every name is ours, and the names sort as their order."""
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert revisions[0] == HEAD
    assert revisions == sorted(revisions, reverse=True)
    assert all(name.startswith("facemon_") for name in revisions)


async def test_upgrade_keeps_rows(
    location: str, make_record: Callable[..., MonitoringData], next_version: Callable[[], None]
) -> None:
    """An older database is brought forward when it is opened, and its records are still there."""
    async with await RecordStore.open(location) as store:
        record = await store.add(make_record(failed=True))
    next_version()
    async with await RecordStore.open(location) as store:
        assert await store.get(record.id) == record
    database = Database(locate(location))
    with database.reading() as connection:
        assert connection.execute(text("SELECT mood FROM records")).scalar() == "calm"
    database.close()


async def test_first_revision_is_still_read(location: str) -> None:
    """A database as the very first version left it, filled by hand, opens as today's."""
    database = Database(locate(location))
    with database.writing() as connection:
        migrate.upgrade(connection, "facemon_0001")
        connection.execute(
            text(
                "INSERT INTO records (id, timestamp, purpose, state, response_time, retry_count, pending, "
                "cpu_seconds, memory_bytes, bytes_sent, bytes_received, prompt) VALUES "
                "('old', '2026-03-01 12:00:00.000000', 'measure', 'up', 1.5, 0, false, 0.1, 1, 2, 3, 'a face')"
            )
        )
    database.close()
    async with await RecordStore.open(location) as store:
        old = await store.get("old")
    assert (old.request_params.prompt, old.performance.response_time) == ("a face", 1.5)


async def test_an_incident_of_before_targets_is_kept(location: str) -> None:
    """It stays open and belongs to whichever target is looked at; what its events kept of it is read without one."""
    database = Database(locate(location))
    with database.writing() as connection:
        migrate.upgrade(connection, "facemon_0003")
        connection.execute(
            text(
                "INSERT INTO incidents (id, component, state, cause, opened_at, changed_at, reopened, events, urgent, "
                "acknowledged_by) VALUES ('old', 'speed', 'degraded', 'slow', '2026-03-01 12:00:00.000000', "
                "'2026-03-01 12:00:00.000000', 0, 1, false, '')"
            )
        )
    database.close()
    kept = {
        "id": "old",
        "component": "speed",
        "state": "degraded",
        "cause": "slow",
        "announced": None,
        "closed_at": None,
    }
    kept |= {"reopened": 0, "events": 1, "urgent": False, "acknowledged_at": None, "acknowledged_by": ""}
    times = {"opened_at": "2026-03-01T12:00:00+00:00", "changed_at": "2026-03-01T12:00:00+00:00"}
    async with await IncidentStore.open(location) as store:
        (old,) = await store.incidents(open_only=True)
    assert (old.component, old.target) == ("speed", "")
    assert incident_after({"incident": {**kept, **times}}) == old


async def test_newer_is_refused(
    location: str, next_version: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a newer facemon wrote is left alone, with one sentence that says what to do."""
    next_version()
    await (await RecordStore.open(location)).close()
    monkeypatch.undo()
    with pytest.raises(
        StoreError, match=r"newer facemon \(schema facemon_9999, this one knows .*\): upgrade facemon"
    ):
        await RecordStore.open(location)


async def test_older_read_only(sqlite: str, next_version: Callable[[], None]) -> None:
    """An older database that may not be changed says how to bring it forward."""
    await (await RecordStore.open(sqlite)).close()
    next_version()
    with pytest.raises(StoreError, match=r"is of an older facemon .*: open it once for writing"):
        await RecordStore.open(sqlite, read_only=True)


async def test_killed_migration_leaves_nothing(location: str, next_version: Callable[[str], None]) -> None:
    """A migration that breaks off half-way leaves the old schema whole."""
    await (await RecordStore.open(location)).close()
    next_version("raise SystemExit")
    with pytest.raises(SystemExit):
        await RecordStore.open(location)
    database = Database(locate(location))
    with database.reading() as connection:
        assert "mood" not in {column["name"] for column in inspect(connection).get_columns("records")}
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
    database.close()


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE songs (title TEXT)"],
        ["CREATE TABLE songs (title TEXT)", "CREATE TABLE alembic_version (version_num TEXT)"],
        ["CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('b41f3e')"],
    ],
)
async def test_another_application(location: str, statements: list[str]) -> None:
    """A database of another application is refused and not touched, whether or not it uses alembic."""
    database = Database(locate(location))
    with database.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))
        before = inspect(connection).get_table_names()
    with pytest.raises(StoreError, match=r"another application.*: name another"):
        await RecordStore.open(location)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == before
    database.close()


async def test_foreign_file_is_not_even_switched(tmp_path: Path) -> None:
    """Not a byte of another application's file changes, not even its journal mode."""
    path = tmp_path / "songs.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError):
        await RecordStore.open(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["songs.db"]  # noqa: PTH208  no blocking Path in an async test


async def test_empty_read_only(tmp_path: Path) -> None:
    """An empty file opened for reading is told apart from a damaged one."""
    (tmp_path / "x.db").touch()
    with pytest.raises(StoreError, match="is empty: run the checks first"):
        await RecordStore.open(tmp_path / "x.db", read_only=True)


def test_alembic_stays_out(sqlite: str) -> None:
    """A database of this version is opened without importing alembic; a new one is not."""
    script = (
        "import asyncio, sys; from facemon.store import RecordStore\n"
        "asyncio.run(asyncio.wait_for(RecordStore.open(sys.argv[1]), 30))\n"
        "print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", script, sqlite]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(2)]
    assert [run.stdout.strip() for run in runs] == ["True", "False"]


def test_room_is_light() -> None:
    """Importing the room, or a name's maker, brings no SQLAlchemy."""
    script = "import sys, facemon.store as s; s.new_id; s.Run; s.ErrorLog; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
