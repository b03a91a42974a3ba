"""The words of an issue: its title, its body, and a comment for each event after the first.

What is said comes from `facemon.alerting.words`; here it gets its markers and is made to fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from facemon.alerting import words
from facemon.alerting.github.markers import event_marker, incident_marker, message_marker
from facemon.incident import CLOSING, Evidence, Notice

LIMIT = 65_536
"""Characters of a body or a comment that GitHub takes."""
# Entries of a list and characters of a text that are left, tried in turn until the whole fits.
_LEFT = ((100, 4000), (20, 600), (5, 300))
_SIGN = re.compile("^(?:" + "|".join((*words.SIGN.values(), "☑️")) + ")")
# A title is no Markdown, yet it is shown among Markdown, and quoted in it.
_PING = re.compile(r"(@|#(?=\d)|[Gg][Hh]-(?=\d)|:(?=//)|www(?=\.))")
_BREAK = "\u200b"
_CLOSED_BY_HAND = (
    "This issue was closed by hand, while the incident is still open. It stays closed unless it gets worse; "
    "`facemon alerts resolve {}` closes the incident too."
)


def title(notice: Notice) -> str:
    """The state in one line, which calls nobody's name."""
    return _PING.sub(rf"\1{_BREAK}", words.title(notice))


def retitled(notice: Notice, current: str) -> str:
    """The title that an issue should have now. One that a person has written keeps its words: only a sign of ours at
    its start is put right.
    """
    wanted = title(notice)
    if current in (title(earlier) for earlier in _earlier(notice)):
        return wanted
    sign = _SIGN.match(wanted)
    return _SIGN.sub(sign[0], current) if sign else current


def _earlier(notice: Notice) -> Iterator[Notice]:
    """The notices of all events so far, as they were then."""
    assert notice.incident is not None
    for event in notice.history:
        closed = event.at if event.kind in CLOSING else None
        yield replace(notice, event=event, incident=replace(notice.incident, closed_at=closed))


def body(notice: Notice, unassigned: Sequence[str] = ()) -> str:
    """Of the issue. unassigned: whom GitHub did not let us assign."""
    incident = notice.incident
    marker = incident_marker(incident.id) if incident else message_marker(notice.message.id)
    after = []
    if unassigned:
        names = ", ".join(map(words.code, unassigned))
        after = [f"This repository does not know all of these, so nobody is assigned: {names}."]
    return _fitted(notice, [], after, (marker, event_marker(notice.event.id)))


def comment(notice: Notice, closed_by_hand: bool = False) -> str:
    """Of one event. closed_by_hand: a person closed the issue, and the incident goes on."""
    assert notice.incident is not None
    after = [_CLOSED_BY_HAND.format(notice.incident.id)] if closed_by_hand else []
    return _fitted(
        notice, [f"**{words.escaped(words.title(notice))}**"], after, (event_marker(notice.event.id),)
    )


def _fitted(notice: Notice, before: Sequence[str], after: Sequence[str], markers: Iterable[str]) -> str:
    """The whole, with as much of the evidence as GitHub takes."""
    ends = "\n".join(markers)

    def whole(shown: Notice) -> str:
        # A text from outside must not bring a marker along, not even within a code block.
        told = "\n\n".join([*before, words.markdown(shown).strip(), *after])
        return f"{told.replace('<!--', '<! --')}\n\n{ends}"

    tries = (whole(_trimmed(notice, items, length)) for items, length in _LEFT)
    return next((text for text in tries if len(text) <= LIMIT), whole(_trimmed(notice, *_LEFT[-1])))


def _trimmed(notice: Notice, items: int, length: int) -> Notice:
    event = notice.event
    seen = event.evidence
    evidence = Evidence(
        rule=_cut(seen.rule, length),
        objectives=_fewer(seen.objectives, items, length),
        checks=_fewer(seen.checks, items, length),
        error_types=dict(sorted(seen.error_types.items(), key=lambda each: -each[1])[:items]),
        records=seen.records[:items],
        request=_cut(seen.request, length),
        response=_cut(seen.response, length),
        repeat=_cut(seen.repeat, length),
        report=seen.report if len(seen.report) <= 1000 else "",
        run_id=_cut(seen.run_id, 100),
        target=_cut(seen.target, length),
    )
    shown = replace(event, evidence=evidence, text=_cut(event.text, length), cause=_cut(event.cause, length))
    history = tuple(replace(each, cause=_cut(each.cause, 100)) for each in notice.history[-items:])
    return replace(notice, event=shown, history=history)


def _fewer(lines: Mapping[str, str], items: int, length: int) -> dict[str, str]:
    kept = {_cut(name, length): _cut(said, length) for name, said in list(lines.items())[:items]}
    missing = len(lines) - items
    return kept | ({"cut": f"{missing:,} more of them, which do not fit here"} if missing > 0 else {})


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return f"{text[:length].rstrip()} … cut here: {len(text) - length:,} more characters do not fit"
