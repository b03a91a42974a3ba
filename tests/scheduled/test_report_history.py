"""Where a database keeps the records, the branch keeps the history of Allure's reports, and is no trouble to alerts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facemon.scheduled.branch import Kept, StateConflict, fetch, fetched_at, kept, push
from facemon.scheduled.packing import HISTORY

NOW = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)
DATABASE = kept("postgresql://user@host/facemon")
PAGE = Path(".facemon") / HISTORY

Clone = Callable[[str], Path]
Git = Callable[..., str]


@pytest.fixture
def first(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A runner that found no branch, and made a report."""
    folder = clone("first")
    monkeypatch.chdir(folder)
    assert fetch(DATABASE, NOW, {}) is None
    PAGE.write_text('{"run": 1}\n')
    return folder


def test_the_next_run_finds_the_history(first: Path, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trend of the page goes on; no record is on the branch."""
    pushed = push(DATABASE, NOW, {})
    assert pushed is not None and [*pushed.packed.files] == [f"{HISTORY}.gz"]
    monkeypatch.chdir(clone("second"))
    assert fetch(DATABASE, NOW, {}) == pushed.commit
    assert PAGE.read_text() == '{"run": 1}\n'
    assert sorted(path.name for path in PAGE.parent.iterdir()) == [HISTORY, "facemon-state.json"]


def test_what_did_not_change_is_not_pushed(first: Path, origin: Path, git: Git) -> None:
    """A job pushes three times; the history changes with the report only."""
    push(DATABASE, NOW, {})
    commit = git("rev-parse", "facemon-state", cwd=origin)
    assert push(DATABASE, datetime(2026, 3, 2, 13, tzinfo=UTC), {}) is None
    assert git("rev-parse", "facemon-state", cwd=origin) == commit
    PAGE.write_text('{"run": 1}\n{"run": 2}\n')
    assert push(DATABASE, NOW, {}) is not None


def test_a_store_that_was_on_the_branch_before_stays(
    clone: Clone, origin: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody moved to a database: what he had is not thrown away, and not put here either."""
    store = Kept(Path(".facemon/facemon.db"))
    monkeypatch.chdir(clone("first"))
    fetch(store, NOW, {})
    import sqlite3

    sqlite3.connect(".facemon/facemon.db").execute("CREATE TABLE t (x)").connection.close()
    push(store, NOW, {})
    held = git("rev-parse", "facemon-state:facemon.db.gz", cwd=origin)
    monkeypatch.chdir(clone("second"))
    fetch(DATABASE, NOW, {})
    assert not Path(".facemon/facemon.db").exists()
    PAGE.write_text("{}\n")
    assert push(DATABASE, NOW, {}) is not None
    assert git("rev-parse", "facemon-state:facemon.db.gz", cwd=origin) == held


def test_a_machine_that_stays_goes_on_from_its_own_history(first: Path) -> None:
    """What is here is not replaced unasked, and is pushed again."""
    push(DATABASE, NOW, {})
    PAGE.write_text('{"run": 2}\n')
    later = datetime(2026, 3, 3, tzinfo=UTC)
    fetch(DATABASE, later, {})
    assert (PAGE.read_text(), fetched_at(DATABASE)) == ('{"run": 2}\n', later)
    assert push(DATABASE, later, {}) is not None
    PAGE.write_text("mine\n")
    fetch(DATABASE, later, {}, force=True)
    assert PAGE.read_text() == '{"run": 2}\n'


def test_whoever_pushed_in_between_is_not_overwritten(
    first: Path, clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a store."""
    other = clone("other")
    monkeypatch.chdir(other)
    fetch(DATABASE, NOW, {})
    monkeypatch.chdir(first)
    push(DATABASE, NOW, {})
    monkeypatch.chdir(other)
    PAGE.write_text("theirs\n")
    with pytest.raises(StateConflict, match=r"is in \.facemon only"):
        push(DATABASE, NOW, {})
