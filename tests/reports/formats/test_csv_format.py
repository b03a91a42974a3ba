"""Records as a table."""

import csv
import io

import pytest

from facemon.model import MonitoringData
from facemon.reports.formats.csv_format import COLUMNS, CsvFormat, _cell


def rows(records: list[MonitoringData]) -> list[dict[str, str]]:
    out = io.StringIO(newline="")
    CsvFormat().write(records, out)
    return list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))


def test_row(records: list[MonitoringData]) -> None:
    """One row a record: figures as on the wire, the final error beside them, an empty cell for the unknown."""
    good, bad = rows(records)
    assert list(good) == list(COLUMNS)
    assert (good["state"], good["succeeded"], good["errorType"]) == ("degraded", "true", "")
    assert (good["responseTime"], good["credits"]) == ("600.0", "3.0")
    assert float(good["qualityScore"]) == pytest.approx(12.5)
    assert (good["weakest"], bad["weakest"]) == ("blur", "")
    assert (good["failedEvaluators"], good["unscoredEvaluators"]) == ("blur size", "faces")
    assert (bad["state"], bad["succeeded"], bad["errorType"]) == ("down", "false", "timeout")
    assert (bad["age"], bad["credits"], bad["runId"]) == ("", "", "")


def test_formulas(records: list[MonitoringData]) -> None:
    """Text that a spreadsheet would run is quoted with an apostrophe; a negative number is a number."""
    good, bad = rows(records)
    assert good["prompt"] == '\'=HYPERLINK("http://x"), a "face"\nあ'
    assert (bad["prompt"], bad["errorMessage"]) == ("'@x", "'-no reply")
    assert good["imageSeed"] == "-7"


@pytest.mark.parametrize("start", list("=+-@\t\r\n"))
def test_formula_starts(start: str) -> None:
    """Each sign that can begin a formula is quoted."""
    assert _cell(f"{start}1") == f"'{start}1"


def test_late_error(records: list[MonitoringData]) -> None:
    """A picture that turned out not to decode shows its error type."""
    from dataclasses import replace

    from facemon.model import Quality, Score, ScoreVerdict

    late = Quality((Score("decodes", "1", ScoreVerdict.FAILED, 0.0, error_type="invalid_image"),))
    assert rows([replace(records[0], quality=late)])[0]["errorType"] == "invalid_image"


def test_empty() -> None:
    """No records are a header."""
    out = io.StringIO(newline="")
    assert CsvFormat().write([], out) == 0
    assert out.getvalue() == ",".join(COLUMNS) + "\r\n"
