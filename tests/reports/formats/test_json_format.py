"""Records as one JSON list."""

import io
import json

from facemon.model import MonitoringData
from facemon.reports.formats.json_format import JsonFormat
from facemon.wire import to_json


def written(records: list[MonitoringData]) -> str:
    out = io.StringIO()
    JsonFormat().write(records, out)
    return out.getvalue()


def test_list(records: list[MonitoringData]) -> None:
    """The list holds each record as it goes over the wire, in order; it is ASCII."""
    assert json.loads(written(records)) == [json.loads(json.dumps(to_json(record))) for record in records]
    assert written(records).isascii()


def test_empty() -> None:
    """No records are an empty list."""
    assert written([]) == "[]\n"
