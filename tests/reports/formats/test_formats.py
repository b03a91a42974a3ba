"""The contract that each format of records keeps."""

import io
from collections.abc import Iterator

import pytest

from facemon.model import MonitoringData
from facemon.reports.formats import RECORD_FORMATS


@pytest.mark.parametrize("name", RECORD_FORMATS)
def test_table(name: str) -> None:
    """A format is listed under its own name and says in one line what it is."""
    format_ = RECORD_FORMATS[name]()
    assert format_.name == name
    assert format_.summary
    assert "\n" not in format_.summary


@pytest.mark.parametrize("name", RECORD_FORMATS)
def test_streams(name: str, records: list[MonitoringData]) -> None:
    """Records are written as they come, and counted."""
    out = io.StringIO()

    def source() -> Iterator[MonitoringData]:
        yield records[0]
        assert "id-1" in out.getvalue()
        yield records[1]

    assert RECORD_FORMATS[name]().write(source(), out) == 2
    assert out.getvalue().index("id-1") < out.getvalue().index("id-2")
    assert out.getvalue().endswith("\n")


@pytest.mark.parametrize("name", RECORD_FORMATS)
def test_exchanges_stay_in(name: str, records: list[MonitoringData]) -> None:
    """Tracebacks and exchanges do not leave with an export."""
    out = io.StringIO()
    RECORD_FORMATS[name]().write(records, out)
    assert "Traceback" not in out.getvalue()
