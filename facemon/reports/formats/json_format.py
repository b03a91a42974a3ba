"""Records as one JSON list."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from facemon.model import MonitoringData
from facemon.wire import to_json


class JsonFormat:
    """A list of the specification's objects, one a line; ASCII, so that it can go into any file."""

    name = "json"
    summary = "one JSON list, an object a record"

    def write(self, records: Iterable[MonitoringData], out: TextIO) -> int:
        """Write a list; `[]` where there are no records."""
        count = 0
        for count, record in enumerate(records, start=1):
            out.write("[\n" if count == 1 else ",\n")
            out.write(json.dumps(to_json(record), allow_nan=False))
        out.write("\n]\n" if count else "[]\n")
        return count
