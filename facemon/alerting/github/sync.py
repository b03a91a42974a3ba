"""What each event changes on GitHub. It may come again at any time: everything is looked for before it is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from facemon.alerting.github import body
from facemon.alerting.github.door import Door, Issue
from facemon.alerting.github.markers import (
    event_marker,
    holds,
    incident_marker,
    message_marker,
    tells_of_an_event,
)
from facemon.alerting.github.settings import GithubSettings
from facemon.alerting.github.trouble import Forbidden, Invalid, NotThere
from facemon.incident import CLOSING, EventKind, Incident, Notice
from facemon.model import State

_STATE_LABELS = tuple(f"status:{state}" for state in (State.DOWN, State.DEGRADED, State.UNKNOWN))
_RECEIPT = re.compile(r"(.+)#(\d{1,18})")
_OPENING = (EventKind.REOPENED, EventKind.ESCALATED)  # what opens an issue again that a person had closed
_CLOCKS_DIFFER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Found:
    issue: Issue
    receipt: str


def deliver(door: Door, settings: GithubSettings, notice: Notice) -> str:
    """Bring GitHub to what the notice says; return `owner/name#12`, or nothing where there was nothing to do."""
    if notice.event.kind is EventKind.REPORT:
        return ""  # something to read is no issue
    found = _by_receipt(door, settings, notice) or _by_marker(door, settings, notice)
    if found is None:
        # Nobody was told here, or the issue was deleted: nothing is open that could be closed.
        return "" if notice.event.kind in CLOSING else _open(door, settings, notice)
    if notice.incident is not None:
        _follow(door, settings, notice, notice.incident, found.issue)
    if settings.lock and not found.issue.locked:
        door.lock(found.issue)  # whoever opened it, or its lock for a comment, may have died before
    return found.receipt


def _by_receipt(door: Door, settings: GithubSettings, notice: Notice) -> _Found | None:
    for receipt in reversed(notice.receipts):
        parts = _RECEIPT.fullmatch(receipt)
        if parts and parts[1].lower() == settings.repository.lower():
            issue = door.issue(int(parts[2]))
            return _Found(issue, receipt) if issue else None
    return None


def _by_marker(door: Door, settings: GithubSettings, notice: Notice) -> _Found | None:
    incident = notice.incident
    marker = incident_marker(incident.id) if incident else message_marker(notice.message.id)
    began = min(incident.opened_at, notice.message.created_at) if incident else notice.message.created_at
    for issue in door.issues(since=began - _CLOCKS_DIFFER):
        if holds(issue.body, marker):
            return _Found(issue, _receipt(settings, issue))
    return None


def _receipt(settings: GithubSettings, issue: Issue) -> str:
    return f"{settings.repository}#{issue.number}"


def _open(door: Door, settings: GithubSettings, notice: Notice) -> str:
    labels = _labels(settings, notice.incident, ())
    logins = settings.logins(_names(notice))
    try:
        issue = door.create(body.title(notice), body.body(notice), labels, logins)
    except Invalid as refusal:
        if "assignees" not in refusal.fields:
            raise
        # A login that is not known must not keep an outage from being told.
        issue = door.create(body.title(notice), body.body(notice, unassigned=logins), labels, [])
    if settings.lock:
        door.lock(issue)
    return _receipt(settings, issue)


def _follow(door: Door, settings: GithubSettings, notice: Notice, incident: Incident, issue: Issue) -> None:
    """One comment, and the issue as it should be after it. An event that others have followed already is old news."""
    event, marker = notice.event, event_marker(notice.event.id)
    ours = [text for text in door.comments(issue) if tells_of_an_event(text)]
    opened_by_it = holds(issue.body, marker)
    told = next((number for number, text in enumerate(ours) if holds(text, marker)), None)
    if opened_by_it or (told is not None and told < len(ours) - 1):
        return
    if told is None:
        by_hand = issue.closed and event.kind not in (*CLOSING, *_OPENING)
        door.comment(issue, body.comment(notice, closed_by_hand=by_hand))
    changes = _changes(settings, notice, incident, issue)
    if changes:
        door.edit(issue, changes)
    _assign(door, settings, notice, issue)


def _changes(settings: GithubSettings, notice: Notice, incident: Incident, issue: Issue) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    title, labels = body.retitled(notice, issue.title), _labels(settings, incident, issue.labels)
    if title != issue.title:
        changes["title"] = title
    if set(labels) != set(issue.labels):
        changes["labels"] = labels
    if notice.event.kind in CLOSING and not issue.closed:
        changes |= {"state": "closed", "state_reason": "completed"}
    elif notice.event.kind in _OPENING and issue.closed:
        changes |= {"state": "open", "state_reason": "reopened"}
    return changes


def _labels(settings: GithubSettings, incident: Incident | None, present: tuple[str, ...]) -> list[str]:
    """Ours and those that people added. A closed issue keeps the state that it was last in."""
    wanted = [*present, *settings.labels]
    if incident is not None:
        if incident.state is not State.UP:
            wanted = [label for label in wanted if label not in _STATE_LABELS]
            wanted.append(f"status:{incident.state}")
        wanted.append(_slug(incident.component))
    return list(dict.fromkeys(wanted))


def _slug(component: str) -> str:
    """A component as a label, of at most 50 characters."""
    return re.sub("[^a-z0-9._-]+", "-", component.lower()).strip("-")[:50] or "component"


def _names(notice: Notice) -> list[str]:
    component = notice.incident.component if notice.incident else notice.event.component
    return [component, *notice.event.evidence.checks]


def _assign(door: Door, settings: GithubSettings, notice: Notice, issue: Issue) -> None:
    """Those of checks that no earlier event has named; whom a person took off is not put back."""
    earlier = [name for event in notice.history[:-1] for name in event.evidence.checks]
    asked = settings.logins([notice.event.component, *earlier])
    new = [login for login in settings.logins(_names(notice)) if login not in asked]
    if new and notice.event.kind not in CLOSING:
        try:
            door.assign(issue, new)
        except (Invalid, NotThere, Forbidden):
            # A login that is not known; the comment has been written, and names the check.
            return
