"""`facemon records runs`: each run with its verdict."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from facemon.cli.console import err, out
from facemon.cli.options import Store, examples
from facemon.cli.record_view import STATE_COLOURS, coloured, columns, seconds, unique_length
from facemon.cli.records.opening import opened
from facemon.cli.trouble import Exit
from facemon.cli.values import whole

if TYPE_CHECKING:
    from facemon.store import Run

_EXAMPLES = examples(
    ("facemon records runs", "the last 20 runs"),
    ("facemon records runs --limit 3", "the last three"),
)
_MOST = 100_000
_WORDS = {0: "pass", 1: "fail", 10: "inconclusive", 11: "unknown"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(runs)


def runs(
    limit: Annotated[str, typer.Option(metavar="N", help="At most so many, the newest.")] = "20",
    store: Store = None,
) -> int:
    """List the runs, the newest first: when, against what, how long, and the verdict."""
    most = whole("limit", limit, 1, _MOST)

    async def find() -> tuple[list[Run], str]:
        async with opened(store) as place:
            return await place.runs(limit=most), place.location

    found, location = asyncio.run(find())
    if found:
        out().print(_table(found))
    err().print(f"{len(found)} runs, in {location}", style="dim")
    return Exit.OK


def _table(found: list[Run]) -> Table:
    names = ("id", "started (UTC)", "target", "model", "took", "verdict", "state")
    table = columns(names, right=("took",), folding=("target", "state"))
    length = unique_length([run.id for run in found])
    for run in found:
        state, cause = str(run.summary.get("state", "–")), str(run.summary.get("cause", ""))
        code = run.summary.get("exit")
        table.add_row(
            run.id[:length],
            run.started_at.strftime("%m-%d %H:%M:%S"),
            run.target,
            run.model or "–",
            seconds((run.finished_at - run.started_at).total_seconds()) if run.finished_at else "–",
            _WORDS.get(code, f"exit {code}") if isinstance(code, int) else "no verdict",
            coloured(state, STATE_COLOURS.get(state, ""), cause),
        )
    return table
