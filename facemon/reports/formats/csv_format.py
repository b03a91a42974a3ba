"""Records as a table for spreadsheets: one row a record."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from typing import Any, TextIO

from facemon.model import MonitoringData
from facemon.wire import to_json

# Column → where it stands in a record's JSON. Durations are milliseconds, sizes bytes, money credits.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id",),
    "timestamp": ("timestamp",),
    "runId": ("runId",),
    "purpose": ("purpose",),
    "check": ("check",),
    "state": ("state",),
    "succeeded": ("succeeded",),
    "firstAttemptSucceeded": ("firstAttemptSucceeded",),
    "errorType": ("error", "errorType"),
    "errorMessage": ("error", "message"),
    "errorStatus": ("error", "status"),
    "age": ("requestParams", "age"),
    "gender": ("requestParams", "gender"),
    "seed": ("requestParams", "seed"),
    "provider": ("requestParams", "provider"),
    "model": ("requestParams", "model"),
    "prompt": ("requestParams", "prompt"),
    "templateVersion": ("requestParams", "templateVersion"),
    "aspectRatio": ("requestParams", "aspectRatio"),
    "outputFormat": ("requestParams", "outputFormat"),
    "responseTime": ("performance", "responseTime"),
    "overhead": ("performance", "overhead"),
    "retryCount": ("retryCount",),
    "qualityScore": ("quality", "qualityScore"),
    "weakest": ("quality", "weakest"),
    "promptAdherence": ("quality", "promptAdherence"),
    "diversityScore": ("quality", "diversityScore"),
    "failedEvaluators": ("failedEvaluators",),
    "unscoredEvaluators": ("unscoredEvaluators",),
    "credits": ("image", "credits"),
    "imageSeed": ("image", "seed"),
    "width": ("image", "width"),
    "height": ("image", "height"),
    "format": ("image", "format"),
    "sizeBytes": ("image", "sizeBytes"),
    "sha256": ("image", "sha256"),
    "requestId": ("image", "requestId"),
    "cpuSeconds": ("resources", "cpuSeconds"),
    "memoryBytes": ("resources", "memoryBytes"),
    "bytesSent": ("resources", "bytesSent"),
    "bytesReceived": ("resources", "bytesReceived"),
}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class CsvFormat:
    """A header and one row a record. An empty cell is an unknown value.

    Text that a spreadsheet would run as a formula is quoted with an apostrophe
    (https://owasp.org/www-community/attacks/CSV_Injection). Lines end with CR LF (RFC 4180): open files with
    `newline=""`.
    """

    name = "csv"
    summary = "a table for spreadsheets, a row a record"

    def write(self, records: Iterable[MonitoringData], out: TextIO) -> int:
        """Write the header, then a row for each record."""
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        count = 0
        for count, record in enumerate(records, start=1):  # noqa: B007  the number of the last is their count
            data = _flatter(record)
            writer.writerow([_cell(_at(data, path)) for path in COLUMNS.values()])
        return count


def _flatter(record: MonitoringData) -> dict[str, Any]:
    """A record's JSON, with the error it ended with and its lists in words."""
    data = to_json(record)
    late = record.error_types[-1:]
    return {
        **data,
        "error": data["errors"][-1] if data["errors"] else {"errorType": late[0]} if late else None,
        "failedEvaluators": " ".join(score.evaluator for score in record.quality.failed),
        "unscoredEvaluators": " ".join(score.evaluator for score in record.quality.unscored),
    }


def _at(data: Any, path: tuple[str, ...]) -> object:
    for name in path:
        data = data.get(name) if data is not None else None
    return data


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
