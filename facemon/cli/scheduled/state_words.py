"""What `facemon state` says of a push, and of what failed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from facemon.cli.console import counted, err
from facemon.cli.trouble import CommandError, Exit
from facemon.errors import InvalidInput

if TYPE_CHECKING:
    from facemon.scheduled.branch import Kept
    from facemon.scheduled.packing import Packed

_MOST = timedelta(days=3650)
_DATABASE = "keep the store in a database (FACEMON_STORE=postgresql://…)"


def tell(packed: Packed, asked: timedelta) -> None:
    """What travels, where it is less than all, or nearly too large."""
    from facemon.scheduled.packing import LARGE

    if packed.left_behind:
        err().print(
            f"{counted(packed.left_behind, 'generation')} older than {_days(packed.keep)} stayed behind",
            style="dim",
        )
    if packed.keep < asked:
        err().print(
            f"warning: the store is too large for GitHub: only its last {_days(packed.keep)} are kept instead of "
            f"{_days(asked)}, and rules and objectives that look further back see less: {_DATABASE}",
            style="bold yellow",
        )
    elif packed.size >= LARGE:
        err().print(
            f"warning: the largest file is {packed.size / 1e6:.0f} MB, and GitHub takes no more than 100 MB: shorten "
            f"--keep, or {_DATABASE}",
            style="yellow",
        )
    for name in packed.too_large:
        err().print(f"warning: {name} is too large for GitHub and stays out: move it away", style="yellow")


def failed(state: Kept, error: Exception) -> int:
    """Raises CommandError. Not where a database keeps the records: what failed was about the history of a page only."""
    from facemon.scheduled.branch import StateConflict

    if state.store is None:
        err().print(f"the history of reports is not kept on {state.branch}: {error}", style="yellow")
        return Exit.OK
    todo = getattr(error, "todo", "")
    if isinstance(error, StateConflict):
        todo = (
            "run the monitor again: what is broken is found again. If it comes often, runs overlap (concurrency in the "
            f"workflow); to look at what this one saw, keep {state.store} elsewhere and fetch with --force"
        )
    raise CommandError(str(error), todo, Exit.FAIL) from None


def span_of(text: str) -> timedelta:
    """How far back generations travel. Raises InvalidInput."""
    from facemon.slo.language import parse_duration
    from facemon.store.incidents import HORIZON

    try:
        found = timedelta(seconds=parse_duration(text))
    except ValueError as error:
        raise InvalidInput("--keep", text, str(error)) from None
    if not HORIZON <= found <= _MOST:
        raise InvalidInput("--keep", text, "30d to 3650d: the alerts' rules look back on 30 days")
    return found


def _days(span: timedelta) -> str:
    return f"{span / timedelta(days=1):.3g} days"
