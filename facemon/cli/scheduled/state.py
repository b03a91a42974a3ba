"""`facemon state fetch` and `facemon state push`: the store, between runs on a branch of the repository."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.console import err
from facemon.cli.options import Store, examples
from facemon.cli.trouble import CommandError, Exit
from facemon.clock import SystemClock
from facemon.errors import InvalidInput

if TYPE_CHECKING:
    from facemon.scheduled.branch import Kept

Branch = Annotated[
    str, typer.Option(metavar="NAME", help="The branch that holds the state and nothing else.")
]
Remote = Annotated[str, typer.Option(metavar="NAME", help="The git remote that has the branch.")]

_FETCH = examples(
    ("facemon state fetch", "what the last scheduled run knew; nothing, where there was none"),
    ("facemon state fetch --force", "also over the store that is here"),
)
_PUSH = examples(
    ("facemon state push", "keep the store for the next run; refused if another pushed"),
    ("facemon state push --branch state-of-staging", "on another branch"),
)
GROUP = examples(
    ("facemon state fetch", "first: what the last scheduled run knew"),
    ("facemon state push", "before anybody is told, and again after it"),
)
_LONGEST = timedelta(days=3650)
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

    Where no branch exists yet, this run is the first. Where FACEMON_STORE is a database's URL nothing is done.
    The checkout, its index and its branches are not touched. GITHUB_TOKEN is used for GitHub alone.
    """
    from facemon.config import surroundings
    from facemon.errors import StoreError
    from facemon.scheduled import branch as room
    from facemon.scheduled.git import GitError

    state = _kept(store, branch, remote)
    try:
        commit = room.fetch(state, SystemClock().now(), surroundings(), force=force)
    except GitError as error:
        raise CommandError(
            str(error), "check the remote, and that GITHUB_TOKEN may read contents", Exit.FAIL
        ) from None
    except StoreError as error:
        raise CommandError(str(error), code=Exit.FAIL) from None
    if state.store is None:
        err().print(_NO_NEED)
    elif commit is None:
        err().print(f"there is no branch {branch} yet: this run is the first, and starts from nothing")
    else:
        err().print(f"fetched {branch} at {commit[:12]} into {state.folder}")
    return Exit.OK


def push(
    keep: Annotated[
        str, typer.Option(metavar="TIME", help="How old a generation may be to go there; at least 30d.")
    ] = "60d",
    branch: Branch = "facemon-state",
    remote: Remote = "origin",
    store: Store = None,
) -> int:
    """Keep the state for the next run: one commit without a parent, which replaces the one before.

    Older generations stay here, so that the branch does not grow for ever; incidents and messages all go there.
    A branch that somebody else pushed since the fetch is not overwritten: exit code 1, and what to do.
    """
    from facemon.config import surroundings
    from facemon.errors import StoreError
    from facemon.scheduled import branch as room
    from facemon.scheduled.git import GitError

    state = _kept(store, branch, remote)
    try:
        commit = room.push(state, SystemClock().now(), surroundings(), _age(keep))
    except room.StateConflict as error:
        todo = (
            "run the monitor again: what is broken is found again. If it comes often, runs overlap (concurrency in the "
            f"workflow); to look at what this one saw, keep {state.store} elsewhere and fetch with --force"
        )
        raise CommandError(str(error), todo, Exit.FAIL) from None
    except GitError as error:
        todo = "check that GITHUB_TOKEN may write contents (permissions in the workflow), and the branch's protection"
        raise CommandError(str(error), todo, Exit.FAIL) from None
    except StoreError as error:
        raise CommandError(str(error), code=Exit.FAIL) from None
    if state.store is None:
        err().print(_NO_NEED)
    elif commit is None:
        err().print(f"there is no store at {state.store}: nothing is pushed")
    else:
        err().print(f"pushed {branch} at {commit[:12]}")
    return Exit.OK


def _age(text: str) -> timedelta:
    from facemon.slo.language import parse_duration
    from facemon.store.incidents import HORIZON

    try:
        found = timedelta(seconds=parse_duration(text))
    except ValueError as error:
        raise InvalidInput("--keep", text, str(error)) from None
    if not HORIZON <= found <= _LONGEST:
        raise InvalidInput("--keep", text, "30d to 3650d: the alerts' rules look back on 30 days")
    return found


def _kept(store: str | None, branch: str, remote: str) -> Kept:
    from facemon.cli.reach import settings_of
    from facemon.scheduled.branch import kept

    return kept(settings_of(store=store).store, branch, remote)
