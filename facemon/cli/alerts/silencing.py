"""`facemon alerts silence`, `acknowledge`, `resolve`: what a person has to say of an incident."""

from __future__ import annotations

import asyncio
import getpass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.alerts import silences
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
    ("facemon alerts silence speed --end", "somebody is told of it again, from now on"),
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
    lasting: Annotated[
        str | None, typer.Option("--for", metavar="TIME", help="How long, such as 30min, 2h, 7d.")
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="End the silences of COMPONENT, as written.")] = False,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why, for whoever wonders.")] = "",
    maintenance: Annotated[
        bool, typer.Option("--maintenance", help="Planned work rather than noise.")
    ] = False,
    by: By = None,
    store: Store = None,
) -> int:
    """Tell nobody of a component for a while. What happens is kept; what is still true at the end is told then.

    The end comes by itself, or at once with --end.
    """
    if not component.strip():
        raise InvalidInput("COMPONENT", component, "a component such as speed, or * for any")
    if (lasting is not None or reason or maintenance) if end else lasting is None:
        raise CommandError(
            "give --for TIME to begin a silence, or --end alone to end one", "facemon alerts list shows them"
        )
    asyncio.run(
        _begin(component, _duration(lasting), (reason, by or _user(), maintenance), store)
        if lasting is not None
        else _end(component, store)
    )
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


async def _begin(component: str, lasting: timedelta, about: tuple[str, str, bool], store: str | None) -> None:
    from facemon.incident import Silence
    from facemon.store.identity import new_id
    from facemon.store.incidents import Changes

    now = SystemClock().now()
    made = Silence(new_id(now), component, now, now + lasting, *about)
    async with incidents(store) as place:
        await place.change(lambda _: Changes(silences=(made,)))
        doubt = await silences.doubt(component, place, store)
    err().print(f"{component} is silenced until {silences.moment(made.ends_at)}", soft_wrap=True)
    if doubt:
        err().print(doubt, style="yellow", soft_wrap=True)


async def _end(component: str, store: str | None) -> None:
    windows = project().maintenance
    async with incidents(store) as place:
        for line in await silences.end(component, place, windows):
            err().print(line, soft_wrap=True)


def _duration(lasting: str) -> timedelta:
    from facemon.slo.language import parse_duration

    try:
        seconds = parse_duration(lasting)
    except ValueError as error:
        raise InvalidInput("--for", lasting, str(error)) from None
    if not 0 < seconds <= _LONGEST:
        raise InvalidInput("--for", lasting, "up to 90d: a silence has an end")
    return timedelta(seconds=seconds)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
