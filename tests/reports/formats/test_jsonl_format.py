"""Records as JSON lines."""

import io
import json

from facemon.model import MonitoringData
from facemon.reports.formats.jsonl_format import JsonLinesFormat
from facemon.wire import from_json


def test_lines(records: list[MonitoringData]) -> None:
    """Each line is a whole record."""
    out = io.StringIO()
    JsonLinesFormat().write(records, out)
    lines = out.getvalue().splitlines()
    assert [from_json(json.loads(line)).id for line in lines] == ["id-1", "id-2"]


def test_empty() -> None:
    """No records are no lines."""
    out = io.StringIO()
    assert JsonLinesFormat().write([], out) == 0
    assert out.getvalue() == ""
