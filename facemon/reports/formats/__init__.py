"""Formats of records: an open set. A new one is a file here, a line in this table, its test, its name in the README."""

from facemon.reports.formats.base import RecordFormat
from facemon.reports.formats.csv_format import CsvFormat
from facemon.reports.formats.json_format import JsonFormat
from facemon.reports.formats.jsonl_format import JsonLinesFormat

RECORD_FORMATS: dict[str, type[RecordFormat]] = {
    "csv": CsvFormat,
    "json": JsonFormat,
    "jsonl": JsonLinesFormat,
}
