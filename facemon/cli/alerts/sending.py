"""`facemon alerts send`: the messages that wait, until their receivers have them."""

from __future__ import annotations

import asyncio
import os
import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.alerts.opening import incidents, project
from facemon.cli.console import err
from facemon.cli.options import Store, examples
from facemon.cli.trouble import Exit
from facemon.clock import SystemClock
from facemon.errors import InvalidInput

if TYPE_CHECKING:
    from facemon.alerting.dispatcher import Dispatched

_EXAMPLES = examples(
    (
        "facemon alerts send",
        "what waits now, each message tried until it is acknowledged or 2 minutes are over",
    ),
    ("facemon alerts send --wait 10min", "be patient with a receiver that is down"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(send)


def send(
    wait: Annotated[
        str, typer.Option(metavar="TIME", help="Try again for so long; what is left stays for the next time.")
    ] = "2min",
    store: Store = None,
) -> int:
    """Send the messages that wait to the channels of facemon.toml.

    A message counts as sent when its receiver has acknowledged it. One that
    fails is tried again, now and by later calls, for as long as it takes; one
    that is refused for good is kept: facemon alerts list shows it.

    Exit codes: 0 nothing waits · 1 something still waits, or was refused · 4 a badly configured channel
    """
    found = asyncio.run(_send(_seconds(wait), store))
    err().print(f"{found.sent} sent, {found.refused} refused, {found.pending} still waiting")
    return Exit.FAIL if found.refused or found.pending else Exit.OK


async def _send(wait: float, store: str | None) -> Dispatched:
    from facemon.alerting.config import opened
    from facemon.alerting.dispatcher import dispatch

    clock, known = SystemClock(), project()
    owner = f"{os.getpid()}-{secrets.token_hex(8)}"
    async with opened(known.channels, clock) as channels, incidents(store) as place:
        return await dispatch(place, channels, clock, owner=owner, wait=wait)


def _seconds(text: str) -> float:
    from facemon.slo.language import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise InvalidInput("--wait", text, str(error)) from None
