"""The table of docs/verdicts.md is what `make verdicts` prints, and no row of it is broken that must not be."""

import re
from pathlib import Path

import pytest

from benchmarks.verdicts import HEAD, ROWS, SURE, simulate
from facemon.slo.intervals import rate_bounds

PAGE = (Path(__file__).parent.parent / "docs" / "verdicts.md").read_text("utf-8")
AGAIN = 100


def documented():
    """(kind, service) → (share of wrong verdicts, word)."""
    assert HEAD in PAGE
    lines = PAGE.split(HEAD)[1].strip().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return {(row[0], row[1]): (float(row[4].rstrip("%")) / 100, row[6]) for row in cells}


def test_the_page_has_every_row_and_keeps_every_promise():
    """Each kind of verdict, each service, at least 10,000 runs; only the counter-examples are broken."""
    found = documented()
    assert list(found) == [(row.kind, row.service) for row in ROWS]
    assert {row.kind for row in ROWS} >= {"rate", "percentile", "mean", "sequential", "split", "gate"}
    for row in ROWS:
        assert found[row.kind, row.service][1] == ("BROKEN" if row.counter_example else "ok")
    said = re.search(r"^(\d+) runs a row", PAGE, re.MULTILINE)
    assert said is not None and int(said[1]) >= 10_000


@pytest.mark.slow
def test_a_rerun_agrees_with_the_page():
    """A hundred runs of each row, drawn as the first of the page's: within what so few can say."""
    found = documented()
    for number, (verdicts, runs) in simulate(AGAIN, processes=1).items():
        row = ROWS[number]
        wrong = max(verdicts[error] for error in row.errors)
        lower, upper = rate_bounds(round(wrong), runs, SURE)
        assert lower <= found[row.kind, row.service][0] <= upper + 0.001, row.service
