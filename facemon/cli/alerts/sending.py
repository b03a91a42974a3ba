"""`facemon alerts send`: the messages that wait, until their receivers have them."""

from __future__ import annotations

import asyncio
import os
import secrets
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.alerts.opening import NO_CHANNEL, incidents, project
from facemon.cli.console import counted, err
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
    ("facemon alerts send --again", "why it was refused is mended, such as a wrong recipient"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(send)


def send(
    wait: Annotated[
        str, typer.Option(metavar="TIME", help="Try again for so long; what is left stays for the next time.")
    ] = "2min",
    again: Annotated[
        bool, typer.Option("--again", help="Also what was refused of incidents that are still open.")
    ] = False,
    store: Store = None,
) -> int:
    """Send the messages that wait to the channels of facemon.toml.

    A message counts as sent when its receiver has acknowledged it. One that
    fails is tried again, now and by later calls, for as long as it takes; one
    that is refused for good is kept: facemon alerts list shows it, and --again
    sends it when the channel is mended.

    Exit codes: 0 everybody was told · 1 somebody who should know of an open incident does not: a message waits or was
    refused, or there is no channel · 4 a badly configured channel
    """
    found, opened = asyncio.run(_send(_seconds(wait), again, store))
    err().print(f"{found.sent} sent, {found.refused} refused, {found.pending} still waiting")
    for message in found.unheard:
        words = f"{message.channel} refused what is to be told of an open incident: {message.last_error}"
        err().print(f"{words}; mend that, then: facemon alerts send --again", style="yellow")
    for name, count in found.elsewhere.items():
        words = f"{counted(count, 'message')} for {name}, which facemon.toml does not name, is not sent"
        err().print(words, style="dim")
    if opened:
        err().print(f"{counted(opened, 'incident')} open, and nobody is told: {NO_CHANNEL}", style="yellow")
    return Exit.FAIL if found.refused or found.pending or found.unheard or opened else Exit.OK


async def _send(wait: float, again: bool, store: str | None) -> tuple[Dispatched, int]:
    """What was sent; and where there is no channel, how many incidents are open."""
    from facemon.alerting.config import opened
    from facemon.alerting.dispatcher import dispatch
    from facemon.alerting.telling import silenced

    clock, known = SystemClock(), project()
    owner = f"{os.getpid()}-{secrets.token_hex(8)}"
    async with opened(known.channels, clock) as channels, incidents(store) as place:
        if again:
            await place.renew(channels, clock.now())
        found = await dispatch(place, channels, clock, owner=owner, wait=wait)
        quiet, now = (*await place.silences(), *known.maintenance), clock.now()
        still = [
            each for each in await place.incidents(open_only=True) if not silenced(each.component, quiet, now)
        ]
        return found, 0 if channels else len(still)


def _seconds(text: str) -> float:
    from facemon.slo.language import parse_duration

    try:
        return parse_duration(text)
    except ValueError as error:
        raise InvalidInput("--wait", text, str(error)) from None
