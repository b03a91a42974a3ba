"""An event in words: a title, a sentence, and all of it as plain text or Markdown. Pure.

Error texts come from outside. In plain text they lose control characters; in Markdown they can neither become markup
nor call anybody's name nor link to an issue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from facemon.alerting.components import MONITOR
from facemon.alerting.story import Section, clean, line, link, moment, sections
from facemon.incident import CLOSING, EventKind, Notice
from facemon.model import State

SIGN = {State.DOWN: "🛑", State.DEGRADED: "⚠️", State.UNKNOWN: "❔", State.UP: "✅"}
_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
_MOST_TITLE = 120  # characters; a phone shows about 40 of a subject, an issue's title ends at 256
_BREAK = "\u200b"  # a space without width: breaks a mention, a reference or an address, and is not seen
_MARKUP = re.compile(r"([\\`*_\[\]<>|~$&#])")
_AT_START = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+=]))")


def duration(seconds: float) -> str:
    """`2 hours 5 minutes`, `3 days`, `45 seconds`: the two greatest units, rounded down."""
    rest, said = int(max(0.0, seconds)), []
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count:
            said.append(f"{count} {unit}{'' if count == 1 else 's'}")
        elif said:
            said.append("")  # of 3 days and 5 seconds, the seconds are not worth a word
    return " ".join(filter(None, said[:2])) or "less than a second"


def title(notice: Notice) -> str:
    """One line that tells the state: `🛑 availability is down: timeout`. Of an alert or a report, its first line."""
    return line(_title(notice), _MOST_TITLE)


def _title(notice: Notice) -> str:
    event = notice.event
    if event.incident_id is None:
        return next(filter(None, (line(each) for each in event.text.splitlines())), f"facemon: {event.kind}")
    name, sign = line(event.component, 60), SIGN[event.after]
    if event.kind is EventKind.RECOVERED:
        return f"{sign} {_up_again(name)} after {duration(lasted(notice))}"
    if event.kind is EventKind.RESOLVED:
        return f"☑️ {name}: closed by hand after {duration(lasted(notice))}"
    if event.kind is EventKind.ACKNOWLEDGED:
        return f"{sign} {name}: {_who(notice)} has it in hand"
    again = " again" if event.kind is EventKind.REOPENED else ""
    cause = f": {event.cause}" if event.cause else ""
    return f"{sign} {_now(name, event.after)}{again}{cause}"


def sentence(notice: Notice) -> str:
    """What happened and when, on one line; of an alert or a report, the beginning of its text."""
    event, name = notice.event, line(notice.event.component, 60)
    if event.incident_id is None:
        return line(event.text)
    cause = f": {line(event.cause)}" if event.cause else ""
    state, incident = _now(name, event.after), notice.incident
    when, so_far = moment(event.at), duration(lasted(notice))
    began = moment(incident.opened_at) if incident else when
    ended = moment(incident.closed_at) if incident and incident.closed_at else when
    said = {
        EventKind.OPENED: f"Since {began} {state}{cause}.",
        EventKind.REOPENED: f"Since {when} {state} again{cause}. It had been up for {_quiet(notice)}.",
        EventKind.EVIDENCE: f"After {so_far} {state}, and something else is wrong now{cause}.",
        EventKind.RECOVERED: f"Since {ended} {_up_again(name)}. The incident lasted {so_far}.",
        EventKind.RESOLVED: f"At {when} a person closed the incident, {so_far} after it began.",
        EventKind.ACKNOWLEDGED: f"At {when} {_who(notice)} took it in hand. So far {state}{cause}.",
    }
    went = f"{name} went from {event.before} to {event.after}"
    if event.before is event.after:
        went = f"it became urgent that {state}"
    return said.get(event.kind, f"At {when} {went}, {so_far} into the incident{cause}.")


def _now(name: str, state: State) -> str:
    """`availability is down`; of the monitor, what that means."""
    if state is not State.UNKNOWN:
        return f"{name} {_is(name)} {state}"
    return "facemon cannot see the service" if name == MONITOR else f"nobody can tell about {name}"


def _up_again(name: str) -> str:
    return "facemon sees the service again" if name == MONITOR else f"{name} {_is(name)} up again"


def lasted(notice: Notice) -> float:
    """Seconds since it was last up: an incident that was reopened has a shorter one than since its opening."""
    incident = notice.incident
    start, closed = incident.opened_at if incident else notice.event.at, False
    for event in notice.history:
        if event.number >= notice.event.number:
            break
        if event.kind in CLOSING:
            closed = True
        elif closed:
            start, closed = event.at, False
    if notice.event.kind is EventKind.REOPENED and closed:
        start = notice.event.at
    end = incident.closed_at if incident and incident.closed_at else notice.event.at
    return max(0.0, (end - start).total_seconds())


def _quiet(notice: Notice) -> str:
    """How long it was up before it broke again."""
    closed = [event.at for event in notice.history if event.kind in CLOSING]
    return duration((notice.event.at - closed[-1]).total_seconds()) if closed else "a short while"


def text(notice: Notice) -> str:
    """All of it, with its title, for a terminal or the plain part of a mail."""
    return (
        "\n\n".join([title(notice), *_lead(notice), *map(_plain, sections(notice)), *_report(notice)]) + "\n"
    )


def _lead(notice: Notice) -> Iterator[str]:
    yield sentence(notice) if notice.event.incident_id is not None else clean(notice.event.text).strip()


def _report(notice: Notice) -> Iterator[str]:
    if notice.event.evidence.report:
        yield f"Report: {line(notice.event.evidence.report, 2000)}"


def _plain(section: Section) -> str:
    told = [*map(line, section.lines), *(f"{line(name)}: {line(value)}" for name, value in section.rows)]
    told += [*map(clean, section.commands), *section.code.splitlines()]
    return "\n".join([section.heading, *(f"  {each}".rstrip() for each in told)])


def markdown(notice: Notice) -> str:
    """All of it without its title, for an issue or a job summary."""
    lead = [escaped(each) for part in _lead(notice) for each in part.splitlines()]
    report = notice.event.evidence.report
    shown = f"[Report]({report})" if link(report) else f"Report: {escaped(report)}"
    parts = ["  \n".join(lead), *map(_marked, sections(notice)), *([shown] if report else [])]
    return "\n\n".join(parts) + "\n"


def _marked(section: Section) -> str:
    told = [
        *map(escaped, section.lines),
        *(f"- {code(name)}: {escaped(value)}" for name, value in section.rows),
    ]
    blocks = (("\n".join(section.commands), "sh"), (section.code, "text"))
    inner = "\n\n".join(["\n".join(told)] * bool(told) + [fenced(*block) for block in blocks if block[0]])
    if section.folded:
        return f"<details><summary>{section.heading}</summary>\n\n{inner}\n\n</details>"
    return f"**{section.heading}**\n\n{inner}"


def escaped(foreign: str) -> str:
    """A text of anybody's as one line of Markdown that shows it and does nothing else on GitHub."""
    shown = _AT_START.sub(r"\1\\", _MARKUP.sub(r"\\\1", line(foreign, 2000)))
    for mark in ("@", "#", "://", "www", "GH"):
        shown = shown.replace(mark, mark[:1] + _BREAK + mark[1:])
    return shown


def code(foreign: str) -> str:
    """A text of anybody's as a code span (GFM 6.1: a longer run of backticks than any within)."""
    shown = line(foreign, 2000) or "–"  # backticks around nothing are shown as such
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    return f"{ticks} {shown} {ticks}" if "`" in shown else f"{ticks}{shown}{ticks}"


def fenced(foreign: str, language: str = "text") -> str:
    """A text of anybody's as a code block (GFM 4.5: a fence longer than any within)."""
    ticks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", foreign)), default=0))
    return f"{ticks}{language}\n{clean(foreign)}\n{ticks}"


def _is(name: str) -> str:
    """`pictures are`, `availability is`."""
    return "are" if re.search(r"[^aiousy]s$|es$", name) and not name.endswith("ss") else "is"


def _who(notice: Notice) -> str:
    by = notice.incident.acknowledged_by if notice.incident else ""
    return line(by, 40) or "somebody"
