"""Records as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from facemon.model import MonitoringData
from facemon.wire import to_json


class JsonLinesFormat:
    """One of the specification's objects a line: can be cut, joined and followed while it grows."""

    name = "jsonl"
    summary = "JSON lines, an object a record"

    def write(self, records: Iterable[MonitoringData], out: TextIO) -> int:
        """Write a line for each record."""
        count = 0
        for count, record in enumerate(records, start=1):  # noqa: B007  the number of the last is their count
            out.write(json.dumps(to_json(record), allow_nan=False) + "\n")
        return count
