"""What a scheduled run knows, kept on a branch of the repository between runs: a runner's disk vanishes.

The branch has one commit without a parent, replaced at each push, so that the repository does not grow by a
database a run. A push names the commit it was fetched from (`--force-with-lease`): whoever pushed in between is
never overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from facemon.errors import FacemonError, StoreError
from facemon.scheduled.git import Repository, is_tracked, repository
from facemon.scheduled.packing import HISTORY, KEEP, Packed, history_alone, packed
from facemon.scheduled.tree import committed, content, fetched, same
from facemon.scheduled.unpacking import unpack, unpack_history
from facemon.store.location import MEMORY, locate

BRANCH = "facemon-state"
_MARK = "facemon-state.json"


class StateConflict(FacemonError):
    """Somebody else pushed the branch since this run fetched it; nothing was overwritten."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the state is. store: the SQLite file, None where a database keeps it: then the branch holds the history of
    Allure's reports alone.
    """

    store: Path | None
    branch: str = BRANCH
    remote: str = "origin"

    @property
    def folder(self) -> Path:
        """What is kept lies beside the store."""
        return Path(".facemon") if self.store is None else self.store.parent


@dataclass(frozen=True, slots=True)
class Pushed:
    """commit: of the branch, as it is now · packed: what it holds."""

    commit: str
    packed: Packed


def kept(store: str, branch: str = BRANCH, remote: str = "origin") -> Kept:
    """The state that belongs to a store. Raises StoreError for one in memory."""
    place = locate(store)
    if place.label == MEMORY:
        raise StoreError(f"the store {MEMORY} is forgotten with its process: there is no state to keep")
    return Kept(place.path, branch, remote)


def fetch(state: Kept, now: datetime, environment: Mapping[str, str], *, force: bool = False) -> str | None:
    """Bring the branch's files to their place; the commit, or None where there is no branch yet.

    force: also over a store that is here. Raises StoreError for that one and for a broken branch, GitError.
    """
    if state.store is None:
        # A history that is here goes on from what it was pushed as.
        known = read_mark(state).get("commit")
        _write_mark(state, known, now)
        if (state.folder / HISTORY).exists() and not force:
            return known
    elif state.store.exists() and not force:
        _refuse(state.store)
    with repository(Path.cwd(), state.remote, environment) as git:
        commit = fetched(git, state.branch)
        if commit is not None and state.store is not None:
            unpack(content(git, commit), state.store, state.branch)
        elif commit is not None:
            unpack_history(content(git, commit), state.folder, state.branch)
    _write_mark(state, commit, now)
    return commit


def push(state: Kept, now: datetime, environment: Mapping[str, str], keep: timedelta = KEEP) -> Pushed | None:
    """Put the files on the branch, with the generations of the last `keep`; None where there is nothing to push.

    Where a database keeps the records, what else lies on the branch stays on it: it may be the store of before.
    Raises StateConflict where the branch is not as it was fetched, StoreError, GitError.
    """
    found = _packed(state, now, keep)
    if found is None:
        return None
    mark = read_mark(state)
    expected = str(mark.get("commit") or "")
    with repository(Path.cwd(), state.remote, environment) as git:
        base = fetched(git, state.branch) if state.store is None else None
        commit = committed(git, found.files, now, base)
        if same(git, base, commit):
            return None
        lease = f"--force-with-lease=refs/heads/{state.branch}:{expected}"
        ended = git.attempt("push", "--quiet", lease, git.url, f"{commit}:refs/heads/{state.branch}")
        # The connection may have gone after the push was taken: then it is ours.
        if ended.returncode and git.tip(state.branch) != commit:
            _explain(git, state, expected, ended)
    since = mark.get("fetched_at")
    _write_mark(state, commit, datetime.fromisoformat(since) if isinstance(since, str) else None)
    return Pushed(commit, found)


def _packed(state: Kept, now: datetime, keep: timedelta) -> Packed | None:
    if state.store is None:
        return history_alone(state.folder)
    return packed(state.store, now, keep) if state.store.exists() else None


def _refuse(store: Path) -> None:
    if is_tracked(store):
        raise StoreError(
            f"the store {store} is committed to this repository, and would be taken for the last run's "
            f"state: git rm --cached {store}, and add its folder to .gitignore"
        )
    raise StoreError(
        f"there is a store at {store} already, which the fetched one would replace: move it away, or --force"
    )


def read_mark(state: Kept) -> dict[str, Any]:
    """What is known of the last fetch: `commit`, and `fetched_at` as text; empty where there was none."""
    try:
        found = json.loads((state.folder / _MARK).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def fetched_at(state: Kept) -> datetime | None:
    """When this job took up the state; None where it did not."""
    try:
        return datetime.fromisoformat(str(read_mark(state).get("fetched_at")))
    except ValueError:
        return None


def _explain(git: Repository, state: Kept, expected: str, ended: CompletedProcess[bytes]) -> None:
    if (git.tip(state.branch) or "") != expected:
        raise StateConflict(
            f"the branch {state.branch} was pushed by somebody else since this run fetched it, and is not overwritten: "
            f"what this run saw is in {state.store or state.folder} only (somebody acknowledged or silenced an "
            "incident in the meantime, or runs overlap)"
        )
    raise git.error(f"the branch {state.branch} cannot be pushed", ended, "write")


def _write_mark(state: Kept, commit: str | None, now: datetime | None) -> None:
    state.folder.mkdir(parents=True, exist_ok=True)
    content = {"branch": state.branch, "commit": commit, "fetched_at": now and now.isoformat()}
    (state.folder / _MARK).write_text(json.dumps(content) + "\n", "utf-8")
