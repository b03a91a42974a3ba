"""Every fault of the API is noticed, by the right check, as the right state, with the right error type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from detection import MATRIX, Expected, table
from runs import ROOT, Finished, run_checks

from facemon.simulator.faults import FAULTS

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# Most of a run's time is spent waiting for retries and time-outs: more runs than cores keep both busy.
_AT_ONCE = 4


@pytest.fixture(scope="module")
def finished(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Expected], Finished]]:
    """The run of each row that was selected, all of them started at once."""
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = [row for row in MATRIX if any(call and call.params.get("row") is row for call in calls)]
    folder: Path = tmp_path_factory.mktemp("matrix")
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        runs: dict[str, Future[Finished]] = {
            row.fault: pool.submit(
                run_checks,
                folder / row.fault,
                "--facemon-target=sim",
                f"--facemon-fault={row.fault}{row.settings}",
                *row.options,
            )
            for row in wanted
        }
        yield lambda row: runs[row.fault].result()


@pytest.mark.parametrize("row", MATRIX, ids=lambda row: row.fault)
def test_a_fault_is_noticed_for_what_it_is(
    row: Expected, finished: Callable[[Expected], Finished], record_property: Callable[[str, object], None]
) -> None:
    """The run does not exit 0; check, state and error type are those of the table."""
    ended = finished(row)
    state = ended.run.summary.get("state", "") if ended.run else ""
    seen = ",".join(ended.error_types) or "–"
    check = row.check if ended.failing[row.check] else "–"
    record_property("detection", f"{row.fault:<31}{check:<23}{state:<10}{seen:<18}{ended.exit_code}")
    assert ended.exit_code == row.exit_code, ended.output
    assert ended.failing[row.check], ended.output
    assert ended.run is not None
    assert ended.run.summary["state"] == row.state, ended.output
    if row.error_type is None:
        assert not ended.error_types
    else:
        assert set(ended.error_types) == {row.error_type}
    assert f"state     {row.state}" in ended.output
    assert "Traceback (most recent call last)" not in ended.output


def test_every_fault_has_its_row() -> None:
    """A new fault is not complete before the matrix says what it must look like."""
    assert {row.fault for row in MATRIX} == set(FAULTS)


def test_the_documentation_shows_the_matrix() -> None:
    """The table in docs/detection.md is the one that is tested."""
    assert table() in (ROOT / "docs" / "detection.md").read_text("utf-8")
