"""The state between runs: consistent, never overwritten unseen, and no trace in anybody's checkout."""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facemon.errors import StoreError
from facemon.scheduled import packing
from facemon.scheduled.branch import Kept, StateConflict, fetch, fetched_at, kept, push
from facemon.scheduled.git import GitError, Repository

NOW = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)
STORE = Kept(Path(".facemon/facemon.db"))

Clone = Callable[[str], Path]
Git = Callable[..., str]


def write(folder: Path, *rows: str) -> None:
    """A database in WAL mode, left open by nobody."""
    path = folder / ".facemon/facemon.db"
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS t (x)")
        connection.executemany("INSERT INTO t VALUES (?)", [(row,) for row in rows])


def read(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / ".facemon/facemon.db")) as connection:
        return [row[0] for row in connection.execute("SELECT x FROM t ORDER BY x")]


def test_what_one_run_pushes_the_next_one_fetches(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Database, error log with its older files, and the reports' history; locks and what else lies there stay out."""
    first, second = clone("first"), clone("second")
    monkeypatch.chdir(first)
    assert fetch(STORE, NOW, {}) is None
    write(first, "one")
    for name in ("facemon.errors.jsonl", "facemon.errors.jsonl.1", "facemon.errors.jsonl.lock", "other.txt"):
        (first / ".facemon" / name).write_text(name)
    (first / ".facemon" / packing.HISTORY).write_text("{}\n")
    pushed = push(STORE, NOW, {})
    assert pushed is not None
    monkeypatch.chdir(second)
    assert fetch(STORE, NOW, {}) == pushed.commit
    assert read(second) == ["one"]
    assert {path.name for path in (second / ".facemon").iterdir()} == {
        "facemon.db", "facemon.errors.jsonl", "facemon.errors.jsonl.1", packing.HISTORY, "facemon-state.json",
    }  # fmt: skip


@pytest.fixture
def pushed(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone in which a first run fetched nothing, wrote `one` and pushed."""
    folder = clone("first")
    monkeypatch.chdir(folder)
    fetch(STORE, NOW, {})
    write(folder, "one")
    push(STORE, NOW, {})
    return folder


def test_the_branch_is_one_commit_and_the_repository_does_not_grow(
    pushed: Path, origin: Path, git: Git
) -> None:
    """Each push replaces the commit: no parent, so that what it replaced can be forgotten; main stays as it was."""
    main = git("rev-parse", "main", cwd=origin)
    for row in ("two", "three"):
        write(pushed, row)
        push(STORE, NOW, {})
    assert git("rev-list", "--count", "facemon-state", cwd=origin) == "1"
    assert git("rev-parse", "main", cwd=origin) == main


def put_on_the_branch(git: Git, origin: Path, content: bytes, mode: str = "100644") -> None:
    """Somebody else's push of a store."""
    (origin / "content").write_bytes(content)
    blob = git("hash-object", "-w", "content", cwd=origin)
    (origin / "tree").write_text(f"{mode} blob {blob}\tfacemon.db.gz\n100644 blob {blob}\tä.txt\n")
    listing = (origin / "tree").read_text()
    tree = subprocess.run(
        ["git", "mktree"], cwd=origin, input=listing, capture_output=True, text=True, check=True
    ).stdout.strip()
    commit = git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit-tree", tree, "-m", "x", cwd=origin)
    git("update-ref", "refs/heads/facemon-state", commit, cwd=origin)


WHOLE = gzip.compress(b"SQLite format 3\0" + b"x" * 5000)


@pytest.mark.parametrize(
    ("content", "mode", "complaint"),
    [
        (WHOLE[:60], "100644", "facemon.db.gz on the branch facemon-state is broken"),
        (WHOLE[:-6] + b"abcdef", "100644", "is broken"),
        (b"no gzip at all", "100644", "is broken"),
        (gzip.compress(b"no database"), "100644", "is no SQLite database"),
        (WHOLE, "100644", "is a damaged database"),
        (b"/etc/passwd", "120000", "holds no facemon.db"),
    ],
    ids=["cut", "checksum", "no gzip", "no database", "damaged", "a link"],
)
def test_a_broken_branch_is_told_and_puts_nothing_in_place(
    clone: Clone,
    origin: Path,
    git: Git,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    mode: str,
    complaint: str,
) -> None:
    """Never a traceback, never taken for an interruption: what is broken, and what to do; files of others are no
    trouble.
    """
    put_on_the_branch(git, origin, content, mode)
    folder = clone("first")
    monkeypatch.chdir(folder)
    with pytest.raises(StoreError, match=complaint):
        fetch(STORE, NOW, {})
    assert not (folder / ".facemon/facemon.db").exists()


def test_a_store_that_was_committed_is_told(pushed: Path, git: Git) -> None:
    """It would be taken for the last run's state by every run: what to do about it is said."""
    git("add", "--force", ".facemon", cwd=pushed)
    with pytest.raises(StoreError, match=r"git rm --cached .*facemon\.db"):
        fetch(STORE, NOW, {})


def test_a_push_whose_answer_was_lost_is_ours(pushed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The branch is at what was pushed: nobody else was there."""
    attempt = Repository.attempt

    def lost(self: Repository, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        ended = attempt(self, *arguments, stdin=stdin)
        return subprocess.CompletedProcess([], 1, b"", b"gone") if arguments[0] == "push" else ended

    write(pushed, "two")
    monkeypatch.setattr(Repository, "attempt", lost)
    assert push(STORE, NOW, {}) is not None


def test_the_checkout_is_not_touched(pushed: Path, git: Git) -> None:
    """No branch, no reference, no object, no staged file: only .facemon is there."""
    assert git("status", "--porcelain", cwd=pushed) == "?? .facemon/"
    assert "facemon-state" not in git("for-each-ref", cwd=pushed)
    assert git("count-objects", cwd=pushed).startswith("3 objects,")  # main's commit, its tree, its README


def test_whoever_pushed_in_between_is_not_overwritten(
    pushed: Path, clone: Clone, origin: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs take up the same state; the second one to push is refused, and the first one's push stays."""
    other = clone("other")
    monkeypatch.chdir(other)
    fetch(STORE, NOW, {})
    monkeypatch.chdir(pushed)
    write(pushed, "mine")
    mine = push(STORE, NOW, {})
    monkeypatch.chdir(other)
    write(other, "theirs")
    with pytest.raises(StateConflict, match="not overwritten"):
        push(STORE, NOW, {})
    assert mine is not None and git("rev-parse", "facemon-state", cwd=origin) == mine.commit
    assert read(other) == ["one", "theirs"]


def test_a_branch_that_was_never_fetched_is_not_overwritten(
    pushed: Path, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store made from nothing does not take the place of one that knows the past."""
    other = clone("other")
    write(other, "new")
    monkeypatch.chdir(other)
    with pytest.raises(StateConflict):
        push(STORE, NOW, {})


def test_a_copy_is_whole_while_somebody_writes(
    pushed: Path, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is committed and still in the write-ahead log is pushed; what is not committed is not."""
    with closing(sqlite3.connect(".facemon/facemon.db", isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("INSERT INTO t VALUES ('two')")
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO t VALUES ('never')")
        push(STORE, NOW, {})
        writer.execute("ROLLBACK")
    other = clone("other")
    monkeypatch.chdir(other)
    fetch(STORE, NOW, {})
    assert read(other) == ["one", "two"]


def test_a_store_that_is_here_is_not_replaced_unasked(pushed: Path) -> None:
    """Somebody's own records are worth more than a mistyped command; --force replaces them."""
    write(pushed, "mine")
    with pytest.raises(StoreError, match="--force"):
        fetch(STORE, NOW, {})
    assert read(pushed) == ["mine", "one"]
    fetch(STORE, NOW, {}, force=True)
    assert read(pushed) == ["one"]


def test_a_log_that_a_killed_process_left_is_not_read_into_the_fetched_store(pushed: Path) -> None:
    """SQLite replays a write-ahead log that lies beside a database, whose-ever it was."""
    log = Path(".facemon/facemon.db-wal")
    with closing(sqlite3.connect(".facemon/facemon.db", isolation_level=None)) as writer:
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("INSERT INTO t VALUES ('mine')")
        left = log.read_bytes()
    log.write_bytes(left)
    assert read(pushed) == ["mine", "one"]
    log.write_bytes(left)
    fetch(STORE, NOW, {}, force=True)
    assert read(pushed) == ["one"]


def test_a_store_of_another_name_is_not_taken_for_nothing(pushed: Path) -> None:
    """To start from nothing because a name was changed would open every incident again."""
    with pytest.raises(StoreError, match=r"holds no other\.db \(but facemon\.db\)"):
        fetch(Kept(Path(".facemon/other.db")), NOW, {})


def test_a_database_needs_no_branch(
    clone: Clone, origin: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a URL no record is fetched or pushed; the job's beginning is noted all the same."""
    monkeypatch.chdir(clone("first"))
    state = kept("postgresql://user:password@host/facemon")
    assert fetch(state, NOW, {}) is None
    assert push(state, NOW, {}) is None
    assert fetched_at(state) == NOW
    assert git("for-each-ref", "--format=%(refname)", cwd=origin) == "refs/heads/main"


def test_a_push_keeps_the_moment_of_the_fetch(pushed: Path) -> None:
    """It tells which runs are of this job."""
    push(STORE, datetime(2026, 3, 2, 13, tzinfo=UTC), {})
    assert fetched_at(STORE) == NOW


def test_nothing_is_pushed_without_a_store(
    clone: Clone, origin: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job whose check never began does not replace what is known by nothing."""
    monkeypatch.chdir(clone("first"))
    fetch(STORE, NOW, {})
    assert push(STORE, NOW, {}) is None
    assert "facemon-state" not in git("for-each-ref", cwd=origin)


def test_a_remote_that_is_away_is_not_an_empty_one(pushed: Path, origin: Path) -> None:
    """A first run and a lost connection look alike only to a careless program."""
    origin.rename(origin.with_name("gone.git"))
    with pytest.raises(GitError, match="ls-remote failed"):
        fetch(STORE, NOW, {}, force=True)
    with pytest.raises(GitError):
        push(STORE, NOW, {})


def test_a_protected_branch_is_no_conflict(pushed: Path, origin: Path) -> None:
    """What the remote's own rules refuse is said in its words."""
    hook = origin / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho protected branch >&2\nexit 1\n")
    hook.chmod(0o755)
    write(pushed, "two")
    with pytest.raises(GitError, match="cannot be pushed"):
        push(STORE, NOW, {})


def test_a_store_too_large_for_github_is_refused_before_it_is_sent(
    pushed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where leaving old generations behind does not help, the way out is named."""
    monkeypatch.setattr(packing, "_LIMIT", 100)
    with pytest.raises(StoreError, match="FACEMON_STORE=postgresql"):
        push(STORE, NOW, {})
