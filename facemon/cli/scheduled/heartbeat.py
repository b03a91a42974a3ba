"""`facemon heartbeat`: a sign of life to a service outside, as the last step of a scheduled run."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from facemon.cli.console import err
from facemon.cli.options import examples
from facemon.cli.trouble import CommandError, Exit
from facemon.cli.values import one_of
from facemon.clock import SystemClock

_EXAMPLES = examples(
    ("facemon heartbeat", "ask the address in FACEMON_HEARTBEAT_URL; none is set: nothing to do"),
    ("facemon heartbeat --method POST", "where the receiver wants a POST"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(heartbeat)


def heartbeat(
    method: Annotated[
        str, typer.Option(metavar="GET|POST", help="How the receiver wants to be asked.")
    ] = "GET",
) -> int:
    """Tell somebody outside that facemon watches and tells: a monitor cannot report its own silence.

    The address is a secret and comes from FACEMON_HEARTBEAT_URL (healthchecks, Uptime Kuma, and the like). Four
    tries. Exit code 1 where none is acknowledged: the job is red, and the receiver misses the beat.
    """
    from facemon.config import surroundings
    from facemon.errors import DeliveryError
    from facemon.scheduled.heartbeat import METHODS, VARIABLE, beat

    asked = one_of("method", method.upper(), METHODS)
    url = surroundings().get(VARIABLE, "")
    if not url:
        err().print(
            f"no heartbeat is sent: {VARIABLE} is not set, so nobody outside notices when runs stay away"
        )
        return Exit.OK
    try:
        tries = asyncio.run(beat(url, SystemClock(), method=asked))
    except DeliveryError as error:
        raise CommandError(
            str(error), "look at the receiver: it will tell of the missing beat", Exit.FAIL
        ) from None
    err().print("the heartbeat was acknowledged" + (f" at try {tries}" if tries > 1 else ""))
    return Exit.OK
