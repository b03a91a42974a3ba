"""`facemon records list`: one generation a line, the newest first."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from facemon.cli.console import err, out
from facemon.cli.options import Store, examples
from facemon.cli.record_view import STATE_COLOURS, seconds
from facemon.cli.records.opening import All, OfAge, OfError, OfGender, OfState, Run, Since, filters, opened
from facemon.cli.trouble import Exit
from facemon.cli.values import whole
from facemon.model import MonitoringData

_EXAMPLES = examples(
    ("facemon records list --run last --limit 50", "what the last run saw"),
    ("facemon records list --state down --since 7d", "every failure of the service in a week"),
    ("facemon records list --age 70 --gender female --all", "one kind of face, drills included"),
)
_MOST = 100_000
_SHORTEST_ID = 13  # characters of an id that tell the millisecond


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="list", epilog=_EXAMPLES)(list_records)


def list_records(
    run: Run = None,
    state: OfState = None,
    error_type: OfError = None,
    age: OfAge = None,
    gender: OfGender = None,
    since: Since = None,
    limit: Annotated[str, typer.Option(metavar="N", help="At most so many, the newest.")] = "20",
    everything: All = False,
    store: Store = None,
) -> int:
    """List generations, the newest first: when, how it ended, who was asked for, how long it took, how many attempts.

    The first column is as much of the id as facemon records show needs.
    """
    most = whole("limit", limit, 1, _MOST)

    async def find() -> tuple[list[MonitoringData], int, str]:
        async with opened(store) as place:
            wanted = await filters(
                place,
                run=run,
                state=state,
                error_type=error_type,
                age=age,
                gender=gender,
                since=since,
                everything=everything,
            )
            found = await place.records(newest_first=True, limit=most, **wanted)
            return found, await place.count(**wanted), place.location

    found, total, location = asyncio.run(find())
    if found:
        out().print(_table(found))
    err().print(f"{len(found)} of {total} records that fit, in {location}", style="dim")
    return Exit.OK


def _table(records: list[MonitoringData]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for name in ("id", "time (UTC)", "state", "face", "model", "took", "tries", "error"):
        right = name in ("took", "tries")
        table.add_column(name, justify="right" if right else "left", no_wrap=True, overflow="ellipsis")
    length = _unique_length([record.id for record in records])
    for record in records:
        state = record.state.value
        table.add_row(
            record.id[:length],
            record.timestamp.strftime("%m-%d %H:%M:%S"),
            Text(state, STATE_COLOURS[state]),
            _face(record),
            record.request_params.model or "–",
            seconds(record.performance.response_time),
            str(len(record.attempts)),
            ", ".join(record.error_types) or ", ".join(score.evaluator for score in record.quality.failed),
        )
    return table


def _face(record: MonitoringData) -> str:
    asked = record.request_params
    who = f"{asked.age} {asked.gender}" if asked.age else "a prompt"
    return who if record.purpose == "measure" else f"{who} ({record.purpose})"


def _unique_length(ids: list[str]) -> int:
    """How many characters tell these apart, at least those of the time."""
    ordered = sorted(ids)
    shared = [_common(one, other) for one, other in pairwise(ordered)]
    return max(_SHORTEST_ID, *(length + 1 for length in shared)) if shared else _SHORTEST_ID


def _common(one: str, other: str) -> int:
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
