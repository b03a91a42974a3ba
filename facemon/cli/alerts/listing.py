"""`facemon alerts list`: incidents, and what did not reach its receiver."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.alerts.opening import incidents, project
from facemon.cli.alerts.silences import line, soon
from facemon.cli.console import counted, err, out
from facemon.cli.options import Store, examples
from facemon.cli.record_view import STATE_COLOURS, coloured, columns, unique_length
from facemon.cli.trouble import Exit
from facemon.clock import SystemClock

if TYPE_CHECKING:
    from facemon.incident import Incident, Message, Silence

_EXAMPLES = examples(
    ("facemon alerts list", "what is open, what waits, what was refused"),
    ("facemon alerts list --all", "closed incidents and delivered messages too"),
)
_MOST = 1000


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("list", epilog=_EXAMPLES)(show)


def show(
    everything: Annotated[
        bool, typer.Option("--all", help="Also closed incidents and sent messages.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")] = False,
    store: Store = None,
) -> int:
    """List the open incidents, the silences, and the messages that wait or were refused.

    Maintenance windows of the project's file are shown where they are in force or begin within a day.
    """
    now = SystemClock().now()
    windows = soon(project().maintenance, now)
    found, messages, silences = asyncio.run(_find(store, everything))
    if as_json:
        plain = {
            "incidents": [asdict(each) for each in found],
            "messages": [asdict(each) for each in messages],
            "silences": [asdict(each) for each in silences],
            "maintenance_windows": [asdict(each) for each in windows],
        }
        typer.echo(json.dumps(plain, indent=2, default=str))
        return Exit.OK
    _print_incidents(found)
    _print_messages(messages)
    for silence in (*(each for each in silences if everything or each.ends_at > now), *windows):
        out().print(line(silence), soft_wrap=True)
    still = sum(incident.closed_at is None for incident in found)
    err().print(f"{counted(still, 'open incident')}, {counted(len(messages), 'message')} shown", style="dim")
    return Exit.OK


async def _find(store: str | None, everything: bool) -> tuple[list[Incident], list[Message], list[Silence]]:
    from facemon.incident import Delivery

    async with incidents(store) as place:
        found = await place.incidents(open_only=not everything, limit=_MOST)
        messages = [
            message
            for message in await place.messages()
            if everything or message.delivery is not Delivery.SENT
        ]
        return found, messages[-_MOST:], await place.silences()


def _print_incidents(found: list[Incident]) -> None:
    if not found:
        return
    names = ["incident", "state", "component", "cause", "since (UTC)", "until", "by"]
    several = len({incident.target for incident in found}) > 1
    table = columns((*names, "target") if several else names, folding=("cause",))
    length = unique_length([incident.id for incident in found])
    for incident in found:
        until = f"{incident.closed_at:%Y-%m-%d %H:%M}" if incident.closed_at else "open"
        table.add_row(
            incident.id[:length],
            coloured(incident.state, STATE_COLOURS[incident.state]),
            incident.component,
            incident.cause,
            f"{incident.opened_at:%Y-%m-%d %H:%M}",
            until,
            incident.acknowledged_by,
            *([incident.target] if several else []),
        )
    out().print(table)


def _print_messages(messages: list[Message]) -> None:
    if not messages:
        return
    names = ("message", "channel", "delivery", "tries", "made (UTC)", "what happened")
    table = columns(names, right=("tries",), folding=("what happened",))
    length = unique_length([message.id for message in messages])
    for message in messages:
        late = (message.sent_at - message.created_at).total_seconds() if message.sent_at else None
        happened = f"acknowledged after {late:.0f} s" if late is not None else message.last_error
        table.add_row(
            message.id[:length],
            message.channel,
            str(message.delivery),
            str(message.attempts),
            f"{message.created_at:%Y-%m-%d %H:%M}",
            happened,
        )
    out().print(table)
