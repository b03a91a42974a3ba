"""`facemon state fetch` and `facemon state push`: the store, between runs on a branch of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.console import err
from facemon.cli.options import Store, examples
from facemon.cli.scheduled.state_words import failed, span_of, tell
from facemon.cli.trouble import Exit
from facemon.clock import SystemClock

if TYPE_CHECKING:
    from facemon.scheduled.branch import Kept

Branch = Annotated[
    str, typer.Option(metavar="NAME", help="The branch that holds the state and nothing else.")
]
Remote = Annotated[str, typer.Option(metavar="NAME", help="The git remote that has the branch.")]
Keep = Annotated[
    str,
    typer.Option(
        metavar="DURATION",
        help="How far back generations travel: 30d or more, and no less than the longest window of an objective.",
    ),
]

_FETCH = examples(
    ("facemon state fetch", "what the last scheduled run knew; nothing, where there was none"),
    ("facemon state fetch --force", "also over the store that is here"),
)
_PUSH = examples(
    ("facemon state push", "keep the store for the next run; refused if another pushed"),
    ("facemon state push --keep 180d --branch state-of-staging", "half a year of it, on another branch"),
)
GROUP = examples(
    ("facemon state fetch", "first: what the last scheduled run knew"),
    ("facemon state push", "before anybody is told, and again after it"),
)
_NO_NEED = "the store is a database that outlives this machine: there is no state to keep on a branch"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog=_FETCH)(fetch)
    app.command(epilog=_PUSH)(push)


def fetch(
    force: Annotated[bool, typer.Option("--force", help="Replace the store that is here.")] = False,
    branch: Branch = "facemon-state",
    remote: Remote = "origin",
    store: Store = None,
) -> int:
    """Bring the state of the last scheduled run here: records, incidents, messages, the history of reports.

    Where no branch exists yet, this run is the first. Where FACEMON_STORE is a database's URL only the history of
    reports is brought, if it can be. The checkout, its index and its branches are not touched. GITHUB_TOKEN is used
    for GitHub alone.
    """
    from facemon.config import surroundings
    from facemon.errors import StoreError
    from facemon.scheduled import branch as room
    from facemon.scheduled.git import GitError

    state = _kept(store, branch, remote)
    if state.store is None:
        err().print(_NO_NEED)
    try:
        commit = room.fetch(state, SystemClock().now(), surroundings(), force=force)
    except (GitError, StoreError) as error:
        return failed(state, error)
    if commit is not None:
        err().print(f"fetched {branch} at {commit[:12]} into {state.folder}")
    elif state.store is not None:
        err().print(f"there is no branch {branch} yet: this run is the first, and starts from nothing")
    return Exit.OK


def push(
    keep: Keep = "60d", branch: Branch = "facemon-state", remote: Remote = "origin", store: Store = None
) -> int:
    """Keep the state for the next run: one commit without a parent, which replaces the one before.

    Generations older than --keep stay behind, in the store that is here; incidents, messages and silences all travel.
    A store too large for GitHub travels with less. A branch that somebody else pushed since the fetch is not
    overwritten: exit code 1, and what to do. Where FACEMON_STORE is a database's URL only the history of reports is
    kept, if it can be.
    """
    from facemon.config import surroundings
    from facemon.errors import StoreError
    from facemon.scheduled import branch as room
    from facemon.scheduled.git import GitError

    asked, state = span_of(keep), _kept(store, branch, remote)
    if state.store is None:
        err().print(_NO_NEED)
    try:
        pushed = room.push(state, SystemClock().now(), surroundings(), asked)
    except (GitError, StoreError, room.StateConflict) as error:
        return failed(state, error)
    if pushed is not None:
        tell(pushed.packed, asked)
        err().print(f"pushed {branch} at {pushed.commit[:12]}")
    elif state.store is not None:
        err().print(f"there is no store at {state.store}: nothing is pushed")
    return Exit.OK


def _kept(store: str | None, branch: str, remote: str) -> Kept:
    from facemon.cli.reach import settings_of
    from facemon.scheduled.branch import kept

    return kept(settings_of(store=store).store, branch, remote)
