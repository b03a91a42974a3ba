"""Hidden lines by which a repeat is recognised, whatever became of the process that wrote the first one."""

from __future__ import annotations

_EVENT = "<!-- facemon:event="


def incident_marker(incident_id: str) -> str:
    """Stands in the body of the issue of an incident."""
    return f"<!-- facemon:incident={incident_id} -->"


def event_marker(event_id: str) -> str:
    """Stands in the body that opened the issue, or in the comment that tells of the event."""
    return f"{_EVENT}{event_id} -->"


def message_marker(message_id: str) -> str:
    """Stands in the body of an issue that is about no incident."""
    return f"<!-- facemon:message={message_id} -->"


def holds(text: str, marker: str) -> bool:
    """Whether a marker has a line of its own: in a quotation, which a person may make, it has not."""
    return any(line.strip() == marker for line in text.splitlines())


def tells_of_an_event(text: str) -> bool:
    """Whether a comment is one of ours."""
    return any(line.startswith(_EVENT) for line in text.splitlines())
