"""What a scheduled run knows, kept on a branch of the repository between runs: a runner's disk vanishes.

The branch has one commit without a parent, replaced at each push, so that the repository does not grow by a
database a run. A push names the commit it was fetched from (`--force-with-lease`): whoever pushed in between is
never overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from facemon.errors import FacemonError, StoreError
from facemon.scheduled.git import GitError, Repository, is_tracked, repository
from facemon.scheduled.packing import packed, unpack
from facemon.store.location import MEMORY, locate

BRANCH = "facemon-state"
_MARK = "facemon-state.json"
_README = (
    "The state of facemon between its runs, replaced by each of them. Made by `facemon state push`; to look at it,\n"
    "`facemon state fetch` in a fresh clone. A run that finds no such branch starts from nothing.\n"
)


class StateConflict(FacemonError):
    """Somebody else pushed the branch since this run fetched it; nothing was overwritten."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where the state is. store: the SQLite file, None where a database keeps it, which needs no branch."""

    store: Path | None
    branch: str = BRANCH
    remote: str = "origin"

    @property
    def folder(self) -> Path:
        """What is kept lies beside the store."""
        return Path(".facemon") if self.store is None else self.store.parent


def kept(store: str, branch: str = BRANCH, remote: str = "origin") -> Kept:
    """The state that belongs to a store. Raises StoreError for one in memory."""
    place = locate(store)
    if place.label == MEMORY:
        raise StoreError(f"the store {MEMORY} is forgotten with its process: there is no state to keep")
    return Kept(place.path, branch, remote)


def fetch(state: Kept, now: datetime, environment: Mapping[str, str], *, force: bool = False) -> str | None:
    """Bring the branch's files to their place; the commit, or None where there is no branch yet (or no need of one).

    force: also over a store that is here. Raises StoreError for that one, GitError.
    """
    if state.store is None:
        _write_mark(state, None, now)
        return None
    if state.store.exists() and not force:
        if is_tracked(state.store):
            raise StoreError(
                f"the store {state.store} is committed to this repository, and would be taken for the last run's "
                f"state: git rm --cached {state.store}, and add its folder to .gitignore"
            )
        raise StoreError(
            f"there is a store at {state.store} already, which the fetched one would replace: move it away, or --force"
        )
    with repository(Path.cwd(), state.remote, environment) as git:
        commit = git.tip(state.branch)
        if commit is not None:
            source = f"+refs/heads/{state.branch}:refs/heads/state"
            git.run("fetch", "--quiet", "--no-tags", "--depth=1", git.url, source)
            commit = git.run("rev-parse", "refs/heads/state")  # the branch may have moved since
            unpack(_content(git, commit), state.store, state.branch)
    _write_mark(state, commit, now)
    return commit


def push(
    state: Kept, now: datetime, environment: Mapping[str, str], keep: timedelta | None = None
) -> str | None:
    """Put the files on the branch; the new commit, None where there is nothing to push. keep: generations that are
    older do not go there, which would grow for ever; incidents do.

    Raises StateConflict where the branch is not as it was fetched, StoreError, GitError.
    """
    if state.store is None or not state.store.exists():
        return None
    mark = read_mark(state)
    expected = str(mark.get("commit") or "")
    with repository(Path.cwd(), state.remote, environment) as git:
        before = now - keep if keep is not None else None
        commit = _commit(git, packed(state.store, before), now)
        lease = f"--force-with-lease=refs/heads/{state.branch}:{expected}"
        ended = git.attempt("push", "--quiet", lease, git.url, f"{commit}:refs/heads/{state.branch}")
        # The connection may have gone after the push was taken: then it is ours.
        if ended.returncode and git.tip(state.branch) != commit:
            _explain(git, state, expected, git.said(ended))
    since = mark.get("fetched_at")
    _write_mark(state, commit, datetime.fromisoformat(since) if isinstance(since, str) else None)
    return commit


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


def _explain(git: Repository, state: Kept, expected: str, complaint: str) -> None:
    if (git.tip(state.branch) or "") != expected:
        raise StateConflict(
            f"the branch {state.branch} was pushed by somebody else since this run fetched it, and is not overwritten: "
            f"what this run saw is in {state.store} only (somebody acknowledged or silenced an incident in the "
            "meantime, or runs overlap)"
        )
    raise GitError(f"the branch {state.branch} cannot be pushed: {complaint}")


def _commit(git: Repository, files: Iterable[tuple[str, bytes]], now: datetime) -> str:
    files = [("README.md", _README.encode()), *files]
    blobs = ((name, git.run("hash-object", "-w", "--stdin", stdin=content)) for name, content in files)
    tree = "".join(f"100644 blob {blob}\t{name}\n" for name, blob in blobs)
    return git.run(
        "commit-tree", git.run("mktree", stdin=tree.encode()), "-m", f"state at {now:%Y-%m-%d %H:%M} UTC"
    )


def _content(git: Repository, commit: str) -> dict[str, bytes]:
    """The regular files at the top, by their names: what else there may be is none of ours."""
    entries = git.output("ls-tree", "-z", commit).decode("utf-8", "replace").split("\0")
    parts = [entry.partition("\t") for entry in entries if entry]
    return {
        name: git.output("cat-file", "blob", about.split()[2])
        for about, _, name in parts
        if about.startswith("100") and name.isascii()
    }


def _write_mark(state: Kept, commit: str | None, now: datetime | None) -> None:
    state.folder.mkdir(parents=True, exist_ok=True)
    content = {"branch": state.branch, "commit": commit, "fetched_at": now and now.isoformat()}
    (state.folder / _MARK).write_text(json.dumps(content) + "\n", "utf-8")
