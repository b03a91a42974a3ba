"""`facemon alerts test`: one message through one channel, so that nobody learns in an outage that it does not work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.alerts.opening import project
from facemon.cli.console import err
from facemon.cli.options import examples
from facemon.cli.trouble import CommandError, Exit
from facemon.clock import SystemClock
from facemon.errors import DeliveryError, InvalidInput

if TYPE_CHECKING:
    from facemon.incident import Notice

_EXAMPLES = examples(
    ("facemon alerts test ops-mail", "the channel [alerts.channels.ops-mail] of facemon.toml"),
    ("facemon alerts test console", "how a message looks, on this terminal"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("test", epilog=_EXAMPLES)(test)


def test(channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="As facemon.toml names it.")]) -> int:
    """Send a specimen, and say whether its receiver acknowledged it.

    It says that it is a test. Nothing is kept, and nothing is tried again.

    Exit codes: 0 acknowledged · 1 not delivered · 4 no such channel, or a badly configured one
    """
    receipt = asyncio.run(_send(channel))
    err().print(f"{channel} acknowledged the specimen" + (f": {receipt}" if receipt else ""))
    return Exit.OK


async def _send(name: str) -> str:
    from facemon.alerting.config import opened

    known = project()
    chosen = tuple(config for config in known.channels if config.name == name)
    if not chosen:
        accepted = (
            f"one of {', '.join(known.names)}"
            if known.names
            else "one that [alerts.channels] of facemon.toml names"
        )
        raise InvalidInput("channel", name, accepted)
    clock = SystemClock()
    async with opened(chosen, clock) as channels:
        try:
            return await channels[name].send(_specimen(name))
        except DeliveryError as error:
            raise CommandError(str(error), "mend the channel, then try again", Exit.FAIL) from None


def _specimen(name: str) -> Notice:
    from facemon.alerting.sending import alert
    from facemon.incident import Message, Notice
    from facemon.store.identity import new_id

    now = SystemClock().now()
    event = alert(
        "This is a test of facemon's alerts: nothing is wrong.", (), now, lambda: new_id(now), urgent=False
    )
    return Notice(Message(new_id(now), event.id, name, now), event)
