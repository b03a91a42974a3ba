"""What there is to tell of an event, beneath its title and its first sentence: sections in the order of their use.

Pure, and free of any markup: `words` and `mail_page` turn sections into text, Markdown and HTML, and escape them there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from facemon.incident import CLOSING, Event, EventKind, Notice
from facemon.model import State

_MOST_CODE = 4000  # characters of a request or a response; the record holds all of it
_LINK = re.compile(r"https?://[^\s<>\"'`()\\]+")

# What a person can do, by the first word of the cause. The error types are those of `facemon.errors`.
_ADVICE = {
    "unauthorized": "Check the key in STABILITY_API_KEY: the vendor refuses it.",
    "payment_required": "Buy credits at the vendor: the account is empty.",
    "budget_exceeded": "Raise the credit cap of the scheduled run, or let it ask for less.",
    "rate_limited": "Find out who else uses the key, or let the scheduled run ask less often.",
    "moderated": "Read the answer below: the vendor's moderation refuses the prompt. This is not about the key.",
    "content_filtered": "Look at the prompt: the vendor answers with blurred pictures.",
    "timeout": "Look at the vendor's status page: requests are not answered in time.",
    "server_error": "Look at the vendor's status page: the service answers with errors of its own.",
    "connection": "Look at the vendor's status page: connections are refused or broken off.",
    "not_found": "Find out whether the vendor has retired the model or the address.",
    "invalid_request": "Find out whether the vendor has changed the API: a documented request is refused.",
    "invalid_response": "Find out whether the vendor has changed the API: the answers are not as documented.",
    "invalid_image": "Look at a record below: what comes back is no whole picture.",
}
_OUR_NETWORK = "Look at the network of the machine that runs the monitor: the fault is on our side."
_OTHERWISE = {
    State.UNKNOWN: "Look at the monitor itself: what it needs in order to see the service is missing.",
    State.DEGRADED: "Look at what fails below: the service answers, but not as it was promised.",
    State.DOWN: "Look at a record below, and at the vendor's status page.",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One thing to tell. lines: sentences · rows: name and value · commands: each to be copied as it is · code: shown
    as it is; folded: rather long, and seldom what is looked for first.
    """

    heading: str
    lines: tuple[str, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()
    commands: tuple[str, ...] = ()
    code: str = ""
    folded: bool = False


def sections(notice: Notice) -> tuple[Section, ...]:
    """All that is known, without what is empty."""
    return tuple(
        section
        for section in _all(notice)
        if section.lines or section.rows or section.commands or section.code
    )


def _all(notice: Notice) -> Iterator[Section]:
    event, seen = notice.event, notice.event.evidence
    yield _next(notice)
    yield Section("Promises", rows=tuple(seen.objectives.items()))
    yield Section("Failing checks", rows=tuple(seen.checks.items()))
    counted = sorted(seen.error_types.items(), key=lambda each: -each[1])
    yield Section("Errors", rows=tuple((kind, _times(count)) for kind, count in counted))
    yield Section("Last records", commands=tuple(f"facemon records show {record}" for record in seen.records))
    yield Section("To repeat it on your own machine", commands=(seen.repeat,) if seen.repeat else ())
    yield Section("Request", code=cut(clean(seen.request), _MOST_CODE), folded=True)
    yield Section("Response", code=cut(clean(seen.response), _MOST_CODE), folded=True)
    yield Section("So far", rows=_history(notice), folded=True)
    about = {
        "rule": seen.rule,
        "target": seen.target,
        "run": seen.run_id,
        "incident": event.incident_id or "",
        "message": notice.message.id,
    }
    yield Section("About this message", rows=tuple((name, value) for name, value in about.items() if value))


def _next(notice: Notice) -> Section:
    event = notice.event
    if event.incident_id is None or event.kind in CLOSING:
        return Section("")
    commands = [f"facemon alerts acknowledge {event.incident_id}"]
    if event.kind is EventKind.ACKNOWLEDGED:
        commands = []
    return Section("What to do next", (_advice(event),), commands=tuple(commands))


def _advice(event: Event) -> str:
    if event.cause.startswith("connection:") and event.after is State.UNKNOWN:
        return _OUR_NETWORK
    words = [
        event.cause,
        *sorted(event.evidence.error_types, key=lambda kind: -event.evidence.error_types[kind]),
    ]
    known = [word for text in words for word in re.findall(r"\w+", text)[:1] if word in _ADVICE]
    return _ADVICE[known[0]] if known else _OTHERWISE.get(event.after, _OTHERWISE[State.DOWN])


def _history(notice: Notice) -> tuple[tuple[str, str], ...]:
    if len(notice.history) < 2:
        return ()
    return tuple((moment(event.at), _step(event)) for event in notice.history)


def _step(event: Event) -> str:
    change = f"{event.before} → {event.after}" if event.before is not event.after else f"{event.after}"
    cause = f": {line(event.cause)}" if event.cause and event.kind not in CLOSING else ""
    return f"{event.kind}, {change}{cause}{' (nobody was told)' if event.silent else ''}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def moment(when: datetime) -> str:
    """`2026-01-01 12:00 UTC`."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def clean(text: str) -> str:
    """Without what a terminal, a mail or a browser would obey: control characters, marks that reverse the writing."""
    flat = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    return "".join(
        each for each in flat if each == "\n" or unicodedata.category(each) not in ("Cc", "Cf", "Cs")
    )


def line(text: str, limit: int = 300) -> str:
    """A text of anybody's on one line, cut with a mark."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1].rstrip()}…"


def cut(text: str, limit: int) -> str:
    """At most so many characters; where some are missing, it says so."""
    if len(text) <= limit:
        return text
    word = f"\n… cut here, of {len(text)} characters in all"
    return text[: max(0, limit - len(word))] + word


def link(address: str) -> str:
    """A web address that may be put into a link as it is; empty for anything else."""
    return address if _LINK.fullmatch(address) else ""
