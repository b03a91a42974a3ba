"""An event as the JSON that a webhook posts."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from facemon.alerting.words import sentence, text, title
from facemon.incident import Notice

# A half of a sign that UTF-8 cannot carry, as Python makes it of a file name that is no UTF-8.
_LONE = re.compile("[\ud800-\udfff]")


def encoded(notice: Notice) -> bytes:
    """`payload` as JSON in UTF-8.

    A text shows what UTF-8 cannot carry as Python writes it, such as `\\udce9`. As an escape of JSON it would not do:
    receivers read that differently, and strict ones not at all (RFC 8259, 8.2).
    """
    text_ = json.dumps(payload(notice), ensure_ascii=False, allow_nan=False)
    return _LONE.sub(lambda half: rf"\\u{ord(half[0]):04x}", text_).encode()


def payload(notice: Notice) -> dict[str, Any]:
    """The event, its evidence and the incident as it is after it, in camelCase; moments are ISO 8601 in UTC."""
    event, incident = notice.event, notice.incident
    told = {key: value for key, value in asdict(event).items() if key != "html"}
    data: dict[str, Any] = {
        "messageId": notice.message.id,
        "title": title(notice),
        "sentence": sentence(notice),
    }
    data |= {"text": text(notice), "event": _json(told), "incident": _json(incident and asdict(incident))}
    kind = "incident" if event.incident_id is not None else "facemon"
    return {"type": f"{kind}.{event.kind}", "timestamp": _json(event.at), "data": data}


# Their keys are names of objectives, checks and error types, and stay as they are.
_NAMED = ("objectives", "checks", "error_types")


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {_camel(key): item if key in _NAMED else _json(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)
