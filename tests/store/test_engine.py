"""Several processes, deaths, full disks and strange files."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from facemon.errors import StoreError
from facemon.model import MonitoringData
from facemon.store import RecordNotSaved, RecordStore
from facemon.store.engine import Database
from facemon.store.location import locate

Make = Callable[..., MonitoringData]
Spawn = Callable[..., subprocess.Popen[str]]


def output(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out


def dedented(text: str) -> str:
    return re.sub(r"(?m)^    ", "", text)


async def test_on_disk(sqlite: str) -> None:
    """Write-ahead log, and a commit that waits for the disk."""
    async with await RecordStore.open(sqlite) as store:
        with store._database.writing() as connection:
            pragma = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


async def test_many_processes(location: str, spawn: Spawn, script: str) -> None:
    """Processes that open the same new place at once do not collide, and all their records are kept."""
    work = """
    async def main():
        async with await RecordStore.open(sys.argv[1]) as store:
            await asyncio.gather(*(store.add(record(f"{sys.argv[2]} {n}")) for n in range(25)))
    asyncio.run(main())
    """
    processes = [spawn(script + dedented(work), location, name) for name in "abcd"]
    for process in processes:
        output(process)
    async with await RecordStore.open(location) as store:
        found = [record.request_params.prompt for record in await store.records()]
    assert sorted(str(prompt) for prompt in found) == sorted(
        f"{name} {n}" for name in "abcd" for n in range(25)
    )


async def test_killed_process_loses_nothing_acknowledged(sqlite: str, spawn: Spawn, script: str) -> None:
    """A process killed with SIGKILL while it writes loses no record that `add` had returned."""
    work = """
    async def one(store):
        while True:
            print((await store.add(record("x" * 500, failed=True))).id, flush=True)
    async def main():
        store = await RecordStore.open(sys.argv[1])
        await asyncio.gather(*(one(store) for _ in range(4)))
    asyncio.run(main())
    """
    process = spawn(script + dedented(work), sqlite)
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(60)]
    process.kill()
    # What it had told before its death still stands in the pipe; the last line may be torn.
    told += [line for line in process.communicate()[0].splitlines() if len(line) == 36]
    async with await RecordStore.open(sqlite) as store:
        found = {record.id: record for record in await store.records()}
        assert set(told) <= set(found)
        assert store.error_log is not None
        for name in told:
            entry = store.error_log.find(str(found[name].attempts[0].log_id))
            assert entry is not None
            assert entry["recordId"] == name
    with sqlite3.connect(sqlite) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_disk_full_in_the_middle(sqlite: str, spawn: Spawn, script: str) -> None:
    """On a disk that fills up each record is either saved or handed back, and what was saved can be read."""
    work = """
    import resource
    async def main():
        async with await RecordStore.open(sys.argv[1]) as store:
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
            saved = 0
            try:
                while True:
                    await store.add(record("x" * 5000))
                    saved += 1
            except RecordNotSaved as error:
                print(saved, len(error.unsaved), error)
    asyncio.run(main())
    """
    saved, unsaved, message = output(spawn(script + dedented(work), sqlite)).split(" ", 2)
    assert int(saved) > 10
    assert unsaved == "1"
    assert re.search(r"the disk is full.* is not saved\)", message), message
    async with await RecordStore.open(sqlite) as store:
        assert await store.count() == int(saved)


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Every new SQLite connection may use 60 pages at most."""

    def limit(connection: Any, _: object) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute("PRAGMA max_page_count=60").close()

    event.listen(Engine, "connect", limit)
    yield
    event.remove(Engine, "connect", limit)


@pytest.mark.usefixtures("small_disk")
async def test_disk_full(sqlite: str, make_record: Make) -> None:
    """A record that does not fit fails alone: a smaller one is still taken."""
    async with await RecordStore.open(sqlite) as store:
        large = make_record(check="x" * 400_000)
        with pytest.raises(
            RecordNotSaved, match=r"facemon\.db cannot grow, the disk is full: free some space"
        ) as caught:
            await store.add(large)
        assert caught.value.unsaved == (large,)
        small = await store.add(make_record())
        assert await store.records() == [small]


async def test_garbage(tmp_path: Path) -> None:
    """Bytes that are no database are named as such, and left alone."""
    path = tmp_path / "x.db"
    path.write_bytes(b"not a database " * 500)
    with pytest.raises(StoreError, match=r"x\.db is not a database: name another file") as caught:
        await RecordStore.open(path)
    assert caught.value.__suppress_context__
    assert path.read_bytes() == b"not a database " * 500


async def test_damaged(sqlite: str, make_record: Make) -> None:
    """A damaged file is named as such."""
    async with await RecordStore.open(sqlite) as store:
        for _ in range(50):
            await store.add(make_record())
    with open(sqlite, "r+b") as file:  # noqa: ASYNC230, PTH123
        file.seek(4096)
        file.write(b"\xff" * 100_000)
    with pytest.raises(StoreError, match=r"facemon\.db is damaged: move it away"):
        await RecordStore.open(sqlite)


@pytest.mark.parametrize("what", ["file", "folder"])
async def test_read_only_place(
    tmp_path: Path, spawn: Spawn, script: str, make_record: Make, what: str
) -> None:
    """A file or folder that this user may not write is heard of at the opening; reading it still works."""
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        pytest.skip("root may write everywhere, and there is no setpriv to give that up")
    wrapper = ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()
    folder = tmp_path / "folder"
    async with await RecordStore.open(folder / "x.db") as store:
        await store.add(make_record())
    (folder / "x.db").chmod(0o444)
    folder.chmod(0o555 if what == "folder" else 0o755)
    work = """
    async def main():
        async with await RecordStore.open(sys.argv[1], read_only=True) as store:
            print(await store.count())
        try:
            await RecordStore.open(sys.argv[1])
        except StoreError as error:
            print(error)
    from facemon.errors import StoreError
    asyncio.run(main())
    """
    try:
        lines = output(spawn(script + dedented(work), folder / "x.db", wrapper=wrapper)).splitlines()
    finally:
        folder.chmod(0o755)
    assert lines[0] == "1"
    assert re.search(r"x\.db cannot be (written|opened): ", lines[1]), lines


async def test_read_only_leaves_no_trace(sqlite: str, make_record: Make) -> None:
    """Reading leaves no file behind."""
    async with await RecordStore.open(sqlite, error_log=None) as store:
        await store.add(make_record())
    before = set(os.listdir(Path(sqlite).parent))  # noqa: PTH208
    async with await RecordStore.open(sqlite, read_only=True) as store:
        await store.records()
    assert set(os.listdir(Path(sqlite).parent)) - before <= {"facemon.db-wal", "facemon.db-shm"}  # noqa: PTH208


async def test_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the PostgreSQL driver the message names the extra that brings it."""
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with pytest.raises(StoreError, match=r'pip install "facemon\[postgres\]"'):
        await RecordStore.open("postgresql://h/x")


async def test_nobody_answers() -> None:
    """A server that is not there is named, without the password."""
    with pytest.raises(
        StoreError, match=r"postgresql.*127\.0\.0\.1:9/x cannot be reached: check the host"
    ) as caught:
        await RecordStore.open("postgresql://me:hunter2@127.0.0.1:9/x")
    assert "hunter2" not in str(caught.value)


@pytest.mark.postgres
async def test_server_that_breaks_off(postgres: str, make_record: Make) -> None:
    """A connection that the server ends costs the records of that moment, which are handed back, and no more."""
    async with await RecordStore.open(postgres) as store, await RecordStore.open(postgres) as killer:
        await store.add(make_record())
        with killer._database.writing() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        record = await store.add(make_record())
        assert await store.get(record.id) == record


async def test_memory_has_one_user_at_a_time() -> None:
    """Readers of a database in memory wait for its writer: they share one connection."""
    database = Database(locate(":memory:"))

    def read() -> int:
        with database.reading() as connection:
            return connection.exec_driver_sql("SELECT 1").scalar_one()

    with ThreadPoolExecutor(1) as pool:
        with database.writing():
            answer = pool.submit(read)
            assert wait([answer], timeout=0.05).not_done
        assert answer.result() == 1
    database.close()


def test_switch_to_write_ahead_log_is_tried_again(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite refuses the switch at once while another process is busy: it is tried until it works."""
    monkeypatch.setattr("facemon.store.engine.BUSY_SECONDS", 0.001)
    database = Database(locate(sqlite))
    with database.reading():
        pass
    other = sqlite3.connect(sqlite, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr("facemon.store.engine.BUSY_SECONDS", 30.0)
    monkeypatch.setattr("time.sleep", lambda _: other.execute("ROLLBACK"))
    database.use_write_ahead_log()
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()
    other.close()


@pytest.mark.parametrize("limit", [0, 3])
def test_a_new_store_on_a_full_disk_is_named_and_leaves_nothing(
    tmp_path: Path, spawn: Spawn, script: str, limit: int
) -> None:
    """Whatever step of opening finds no room: a StoreError that names the store, and no empty file is left."""
    work = """
    import resource, signal
    async def main():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]) * 1024,) * 2)
        try:
            await RecordStore.open(sys.argv[1])
        except StoreError as error:
            print(error)
    asyncio.run(main())
    """
    path = tmp_path / "folder" / "new.db"
    path.parent.mkdir()
    said = output(
        spawn(script + "\nfrom facemon.errors import StoreError\n" + dedented(work), str(path), str(limit))
    )
    assert said.startswith(f"the store {path} cannot be written, the disk is full")
    assert list(path.parent.iterdir()) == []


async def test_a_driver_that_is_full_is_translated_at_every_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver's own error, which SQLAlchemy does not see, becomes a StoreError too."""

    def full(_connection: Any) -> bool:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("facemon.write_ahead._switch", full)
    with pytest.raises(StoreError, match=r"new\.db cannot grow, the disk is full"):
        await RecordStore.open(tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()
