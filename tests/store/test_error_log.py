"""The error log: whole exchanges, found again, from any number of processes."""

import json
import os
import stat
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facemon.model import Attempt, Exchange, Phases
from facemon.store import ErrorLog

EXCHANGE = Exchange("POST", "https://x/y", (("accept", "image/*"),), "sent", (("server", "s"),), "received")
ATTEMPT = Attempt(
    2,
    datetime(2026, 3, 1, 12, tzinfo=UTC),
    1.5,
    Phases(),
    "server_error",
    status=503,
    error="no service",
    traceback="Traceback …",
    exchange=EXCHANGE,
)


def test_entry(tmp_path: Path) -> None:
    """An entry holds the whole request, the whole response and the traceback, and says whose they are."""
    log = ErrorLog(tmp_path / "errors.jsonl")
    log_id = log.write("record-1", "run-1", ATTEMPT)
    assert log_id is not None
    assert log.find(log_id) == {
        "id": log_id,
        "timestamp": "2026-03-01T12:00:01.500000+00:00",
        "recordId": "record-1",
        "runId": "run-1",
        "attempt": 2,
        "errorType": "server_error",
        "message": "no service",
        "request": {
            "method": "POST",
            "url": "https://x/y",
            "headers": [["accept", "image/*"]],
            "body": "sent",
        },
        "response": {"status": 503, "headers": [["server", "s"]], "body": "received"},
        "traceback": "Traceback …",
    }


@pytest.mark.parametrize(
    ("attempt", "request_is_there"),
    [(replace(ATTEMPT, status=None), True), (replace(ATTEMPT, status=None, exchange=None), False)],
)
def test_nothing_came_back(tmp_path: Path, attempt: Attempt, request_is_there: bool) -> None:
    """Where no reply came there is no response; where nothing was sent there is no request either."""
    log = ErrorLog(tmp_path / "errors.jsonl")
    entry = log.find(str(log.write("r", None, attempt)))
    assert entry is not None
    assert (entry["request"] is not None, entry["response"]) == (request_is_there, None)


def test_nothing_is_opened_before_the_first(tmp_path: Path) -> None:
    """A log that is not used leaves no file; looking into it finds nothing."""
    assert ErrorLog(tmp_path / "errors.jsonl").find("x") is None
    assert not list(tmp_path.iterdir())


def test_private(tmp_path: Path) -> None:
    """Only the owner may read what was sent and received."""
    log = ErrorLog(tmp_path / "errors.jsonl")
    log.write("r", None, ATTEMPT)
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600


def test_rotation(tmp_path: Path) -> None:
    """No file grows beyond its size, so many old files are kept, and what they hold is found."""
    log = ErrorLog(tmp_path / "errors.jsonl", max_bytes=2000, backups=2)
    names = [str(log.write("r", None, ATTEMPT)) for _ in range(20)]
    files = sorted(file.name for file in tmp_path.iterdir())
    assert files == ["errors.jsonl", "errors.jsonl.1", "errors.jsonl.2", "errors.jsonl.lock"]
    assert all(file.stat().st_size <= 2000 for file in tmp_path.iterdir())
    found = [name for name in names if log.find(name)]
    assert found == names[-len(found) :]
    assert len(found) > 8


def test_no_backups(tmp_path: Path) -> None:
    """Without backups the file starts anew."""
    log = ErrorLog(tmp_path / "errors.jsonl", max_bytes=1000, backups=0)
    last = [log.write("r", None, ATTEMPT) for _ in range(10)][-1]
    assert log.find(str(last))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["errors.jsonl", "errors.jsonl.lock"]


def test_entry_larger_than_a_file(tmp_path: Path) -> None:
    """An entry is kept whole, however large."""
    log = ErrorLog(tmp_path / "errors.jsonl", max_bytes=100)
    large = replace(ATTEMPT, exchange=replace(EXCHANGE, response_body="x" * 100_000))
    entry = log.find(str(log.write("r", None, large)))
    assert entry is not None
    assert len(entry["response"]["body"]) == 100_000


def test_torn_line(tmp_path: Path) -> None:
    """A torn line, of a disk that was full, hides nothing but itself."""
    log = ErrorLog(tmp_path / "errors.jsonl")
    first = str(log.write("r", None, ATTEMPT))
    with log.path.open("a") as file:
        file.write(f'{{"id":"{first}","torn":\nnull\n')
    second = str(log.write("r", None, ATTEMPT))
    assert log.find(first)
    assert log.find(second)
    assert log.find("torn") is None


def test_full_disk_ends_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When only a part of a line could be written, the next entry starts on a line of its own."""

    log, write = ErrorLog(tmp_path / "errors.jsonl"), os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:20]))
    with pytest.warns(RuntimeWarning, match=r"only 20 of \d+ bytes"):
        assert log.write("r", None, ATTEMPT) is None
    monkeypatch.undo()
    assert log.find(str(log.write("r", None, ATTEMPT)))


def test_stuck_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A holder that hangs cannot keep an entry from being written: only rotation needs the lock."""
    monkeypatch.setattr("facemon.store.locking._wait", lambda *_: False)
    log = ErrorLog(tmp_path / "errors.jsonl", max_bytes=10)
    names = [str(log.write("r", None, ATTEMPT)) for _ in range(3)]
    assert all(log.find(name) for name in names)
    assert not (tmp_path / "errors.jsonl.1").exists()


def test_many_processes(tmp_path: Path, spawn: Callable[..., subprocess.Popen[str]]) -> None:
    """Processes that write and rotate at once lose no line and tear none."""
    script = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from facemon.model import *
    from facemon.store import ErrorLog
    log = ErrorLog(Path(sys.argv[1]), max_bytes=20_000, backups=400)
    for n in range(150):
        exchange = Exchange("GET", "u", (), "x" * (37 * n % 3000))
        print(log.write(f"{sys.argv[2]} {n}", None,
                        Attempt(1, datetime.now(UTC), 0.0, Phases(), "timeout", exchange=exchange)))
    """
    path = tmp_path / "errors.jsonl"
    processes = [spawn(script, path, name) for name in "abcd"]
    told = [name for process in processes for name in process.communicate(timeout=60)[0].split()]
    lines = [line for file in tmp_path.glob("errors.jsonl*") for line in file.read_text().splitlines()]
    assert len(told) == 600
    assert sorted(json.loads(line)["id"] for line in lines) == sorted(told)
    assert len(list(tmp_path.glob("errors.jsonl.*"))) > 20
    assert all(file.stat().st_size <= 20_000 for file in tmp_path.glob("errors.jsonl*"))
