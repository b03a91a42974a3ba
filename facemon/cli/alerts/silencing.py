"""`facemon alerts silence`, `acknowledge`, `resolve`: what a person has to say of an incident."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.alerts.opening import incidents, project, say
from facemon.cli.console import err
from facemon.cli.options import Store, examples
from facemon.cli.trouble import CommandError, Exit
from facemon.clock import SystemClock
from facemon.errors import InvalidInput

if TYPE_CHECKING:
    from facemon.alerting.decide import ByHand
    from facemon.store.incidents import Changes, Snapshot

_SILENCE = examples(
    ("facemon alerts silence speed --for 2h --reason 'the vendor knows'", "nobody is told of this component"),
    ("facemon alerts silence '*' --for 30min --maintenance", "of none: planned work"),
)
_ACKNOWLEDGE = examples(
    ("facemon alerts acknowledge 01a204c6", "the incident of this id: somebody has it in hand"),
    ("facemon alerts acknowledge 01a204c6 --by ada", "that somebody is ada"),
)
_RESOLVE = examples(
    ("facemon alerts resolve 01a204c6", "closed by hand, and told"),
    ("facemon alerts resolve 01a204c6 --by ada", "with her name"),
)
_LONGEST = 90 * 86_400.0  # seconds

Name = Annotated[str, typer.Argument(metavar="INCIDENT", help="Its id, or the beginning of it.")]
By = Annotated[str | None, typer.Option(metavar="NAME", help="Who says so; default: this machine's user.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog=_SILENCE)(silence)
    app.command(epilog=_ACKNOWLEDGE)(acknowledge)
    app.command(epilog=_RESOLVE)(resolve)


def silence(
    component: Annotated[str, typer.Argument(metavar="COMPONENT", help="Such as speed, or * for any.")],
    lasting: Annotated[str, typer.Option("--for", metavar="TIME", help="How long, such as 30min, 2h, 7d.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever wonders.")] = "",
    maintenance: Annotated[
        bool, typer.Option("--maintenance", help="Planned work rather than noise.")
    ] = False,
    by: By = None,
    store: Store = None,
) -> int:
    """Tell nobody of a component for a while. What happens is kept; what is still true at the end is told then."""
    from facemon.incident import Silence
    from facemon.slo.language import parse_duration
    from facemon.store.identity import new_id
    from facemon.store.incidents import Changes

    try:
        seconds = parse_duration(lasting)
    except ValueError as error:
        raise InvalidInput("--for", lasting, str(error)) from None
    if not 0 < seconds <= _LONGEST:
        raise InvalidInput("--for", lasting, "up to 90d: a silence has an end")
    now = SystemClock().now()
    made = Silence(
        new_id(now), component, now, now + timedelta(seconds=seconds), reason, by or _user(), maintenance
    )
    _change(store, lambda _: Changes(silences=(made,)))
    err().print(f"{component} is silenced until {made.ends_at:%Y-%m-%d %H:%M} UTC")
    return Exit.OK


def acknowledge(incident: Name, by: By = None, store: Store = None) -> int:
    """Say that somebody has an incident in hand; everybody who was told of it is told that, too."""
    from facemon.alerting.decide import acknowledged

    return _step(incident, store, acknowledged, by or _user())


def resolve(incident: Name, by: By = None, store: Store = None) -> int:
    """Close an incident by hand. If it is still true, what fails from now on opens it again."""
    from facemon.alerting.decide import resolved

    return _step(incident, store, resolved, by or _user())


def _step(name: str, store: str | None, what: ByHand, who: str) -> int:
    from facemon.store.identity import new_id

    known, now = project(), SystemClock().now()

    async def run() -> Changes:
        async with incidents(store) as place:
            found = await place.incident(name)

            def decide(snapshot: Snapshot) -> Changes:
                latest = next((each for each in snapshot.incidents if each.id == found.id), found)
                if latest.closed_at is not None:
                    raise CommandError(
                        f"the incident {found.id} is closed already", "facemon alerts list --all"
                    )
                return what(snapshot, latest, who, now, known.names, lambda: new_id(now))

            return await place.change(decide)

    say(asyncio.run(run()).events)
    return Exit.OK


def _change(store: str | None, decide: Callable[[Snapshot], Changes]) -> None:
    async def run() -> None:
        async with incidents(store) as place:
            await place.change(decide)

    asyncio.run(run())


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
