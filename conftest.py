"""For the tests of facemon itself. No fixtures here: each room's tests bring their own."""

from typing import Any

import hypothesis
import pytest

pytest_plugins = ("pytester",)

# A busy machine is no fault: no test asserts an absolute time, which hypothesis' deadline of 200 ms would.
hypothesis.settings.register_profile("facemon", deadline=None)
hypothesis.settings.load_profile("facemon")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The long versions of suites that are bounded by default."""
    parser.addoption("--long", action="store_true", help="whole suites where a bounded one runs by default")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print the detection matrix as it was observed, when its tests ran."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, ())]
    rows = sorted(
        value
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "detection"
    )
    if rows:
        terminalreporter.section("detection matrix, as observed")
        terminalreporter.write_line(f"{'fault':<31}{'check':<23}{'state':<10}{'error type':<18}exit code")
        for row in rows:
            terminalreporter.write_line(row)
