"""`facemon records list`: one generation a line, the newest first."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from facemon.cli.console import err, out
from facemon.cli.options import Store, examples
from facemon.cli.record_view import columns, outcome, seconds, unique_length
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
_ROOMY = 100  # columns of a terminal that has room for the model too


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

    The first column is as much of an id as facemon records show needs to find it.
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
    console = out()
    if found:
        console.print(_table(found, console.width))
    err().print(f"{len(found)} of {total} matching records, in {location}", style="dim")
    return Exit.OK


def _table(records: list[MonitoringData], width: int) -> Table:
    names = ["id", "time (UTC)", "outcome", "face", "took", "try", *(["model"] if width >= _ROOMY else [])]
    table = columns(names, right=("took", "try"), folding=("outcome",))
    length = unique_length([record.id for record in records])
    one_day = len({record.timestamp.date() for record in records}) == 1
    for record in records:
        row = (
            record.id[:length],
            record.timestamp.strftime("%H:%M:%S" if one_day else "%m-%d %H:%M:%S"),
            outcome(record),
            _face(record),
            seconds(record.performance.response_time),
            str(len(record.attempts)),
            record.request_params.model or "–",
        )
        table.add_row(*row[: len(names)])
    return table


def _face(record: MonitoringData) -> str:
    asked = record.request_params
    who = f"{asked.age} {asked.gender}" if asked.age else "a prompt"
    return who if record.purpose == "measure" else f"{who} ({record.purpose})"
