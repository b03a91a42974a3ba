"""Alerts and reports that are about no incident: `send_alert`, `send_report_email`, a health check that failed.

They go the way of every message: kept with its event in one transaction, then sent until it is acknowledged.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from facemon.alerting.channels.base import ChannelConfig
from facemon.alerting.config import alert_settings, opened
from facemon.alerting.dispatcher import Dispatched, dispatch
from facemon.alerting.telling import messages_of
from facemon.clock import SystemClock
from facemon.config import Settings, known_secrets, surroundings
from facemon.errors import ConfigError, InvalidInput
from facemon.incident import Event, EventKind, Evidence
from facemon.model import RecordedError, State
from facemon.scheduled.job_summary import markdown
from facemon.secret import redact_all
from facemon.store import RecordStore
from facemon.store.identity import new_id
from facemon.store.incidents import Changes, IncidentStore

_PATIENCE = 30.0  # seconds that a call waits for receivers; what is left is sent by `facemon alerts send`


def alert(
    message: str,
    errors: Iterable[BaseException | RecordedError | str],
    now: datetime,
    make_id: Callable[[], str],
    *,
    urgent: bool = True,
) -> Event:
    """The event of an alert. errors: what happened, each with its own words."""
    errors = tuple(errors)
    if not message.strip():
        raise InvalidInput("message", message, "what is to be told, in a sentence")
    said = [
        f"{type(each).__name__}: {each}" if isinstance(each, BaseException) else _said(each)
        for each in errors
    ]
    kinds: dict[str, int] = {}
    for each in errors:
        kind = getattr(each, "error_type", None)
        if kind:
            kinds[kind] = kinds.get(kind, 0) + 1
    return Event(
        id=make_id(),
        kind=EventKind.ALERT,
        at=now,
        before=State.UNKNOWN,
        after=State.UNKNOWN,
        cause=message.strip(),
        urgent=urgent,
        evidence=Evidence(error_types=kinds),
        text="\n".join([message.strip(), *said]),
    )


def _said(error: RecordedError | str) -> str:
    return error if isinstance(error, str) else f"{error.error_type}: {error.message}"


async def send_alert(
    message: str, errors: Iterable[BaseException | RecordedError | str] = (), *, urgent: bool = True
) -> Dispatched:
    """Tell every channel of facemon.toml; returns what became of all messages that were waiting.

    The alert is kept before anything is sent: what does not arrive within half a minute is sent by
    `facemon alerts send`. errors: exceptions, recorded errors or texts. Raises ConfigError where no channel is set up
    or one cannot work, InvalidInput for an empty message, StoreError where it cannot be kept.
    """
    now = SystemClock().now()
    event = alert(message, errors, now, lambda: new_id(now), urgent=urgent)
    return await _tell(event, lambda _: True)


async def send_report_email(
    report: str | None = None, *, subject: str = "facemon report", html: str = ""
) -> Dispatched:
    """Mail a report through the channels of kind `email`; as `send_alert` otherwise.

    report: plain text; default: the summary of the last run in the store, with the incidents that are open · html: the
    same for a mail program.
    """
    if report is None:
        report = await _last_run(Settings.load().store)
    if not report.strip():
        raise InvalidInput("report", report, "a text")
    now = SystemClock().now()
    state = State.UNKNOWN
    event = Event(new_id(now), EventKind.REPORT, now, state, state, subject, text=report, html=html)
    return await _tell(event, lambda channel: (channel.kind or channel.name) == "email")


async def _last_run(store: str) -> str:
    """What `facemon summary` says of it."""
    async with await RecordStore.open(store) as records, await IncidentStore.open(store) as incidents:
        run = await records.latest_run()
        still_open = await incidents.incidents(open_only=True)
    return markdown(run, still_open, surroundings().get("FACEMON_REPORT_URL", ""))


def channels_set_up() -> bool:
    """Whether the project's file names a channel. Raises ConfigError for a file that is wrong."""
    return bool(alert_settings(Path.cwd(), surroundings()).channels)


async def _tell(event: Event, wanted: Callable[[ChannelConfig], bool]) -> Dispatched:
    settings, general = alert_settings(Path.cwd(), surroundings()), Settings.load()
    chosen = tuple(channel for channel in settings.channels if wanted(channel))
    if not chosen:
        raise ConfigError(
            "there is no channel that could tell it: name one under [alerts.channels] in facemon.toml"
        )
    names: Sequence[str] = [channel.name for channel in chosen]
    clock, event = SystemClock(), _redacted(event)
    async with (
        opened(chosen, clock) as channels,
        await IncidentStore.open(general.store) as store,
    ):
        messages = messages_of(event, names, event.at, lambda: new_id(event.at))
        await store.change(lambda _: Changes(events=(event,), messages=tuple(messages)))
        owner = f"{os.getpid()}-{secrets.token_hex(8)}"
        return await dispatch(store, channels, clock, owner=owner, wait=_PATIENCE)


def _redacted(event: Event) -> Event:
    """Without the secrets that a caller's text or exception may quote."""
    cause, text, html = redact_all((event.cause, event.text, event.html), known_secrets())
    return replace(event, cause=cause, text=text, html=html)
