"""The table of docs/alerts.md is what `python -m benchmarks.alerts` prints, and every bound in it is kept."""

import math
import re
from pathlib import Path

import pytest

from benchmarks.alerts import (
    HEAD,
    MEAN_HEAD,
    MEAN_ROWS,
    ROWS,
    Found,
    Row,
    line,
    mean_line,
    page_bounds,
    said,
    simulate,
)
from facemon.slo.intervals import percentile_bounds

PAGE = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8")
MONTHS, SERVICES = 40, 800
SURE = 0.9999  # for each of some fifty figures


def documented(head):
    """The cells of each row."""
    assert head in PAGE
    lines = PAGE.split(head)[1].strip().split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def number(cell):
    """The first number of a cell."""
    return math.inf if cell.startswith("over") else float(cell.split()[0].rstrip(","))


def test_the_page_has_every_row_and_keeps_every_bound():
    """2, 6 and 12 probes an hour, 95, 99 and 99.9 %; at most 0.1 false pages, outages and 30 % found in time."""
    rows = documented(HEAD)
    assert {(row.pace, row.share) for row in ROWS} == {
        (p, s) for p in (2, 6, 12) for s in (0.95, 0.99, 0.999)
    }
    assert [row[:2] for row in rows] == [[f"{row.pace}", f"{row.share * 100:g} %"] for row in ROWS]
    for row, cells in zip(ROWS, rows, strict=True):
        assert number(cells[2]) <= number(cells[3]) <= 0.1
        assert int(cells[5].split(", ")[1]) <= row.outage == (5 if row.share == 0.95 else 3)
        assert number(cells[6]) <= number(cells[7])
        assert cells[10] == "ok"
    assert [number(cells[7]) for row, cells in zip(ROWS, rows, strict=True) if row.within] == [130, 90]
    assert [row[8] for row in documented(MEAN_HEAD)] == ["ok"] * len(MEAN_ROWS)
    said_months = re.search(r"^(\d+) months and (\d+) failing services a row", PAGE, re.MULTILINE)
    assert said_months is not None and int(said_months[1]) >= 1000 and int(said_months[2]) >= 1000


@pytest.mark.parametrize(
    ("found", "word"),
    [
        (Found(100, 0, outage=[3], failing=[9], single={"a": [9]}), "ok"),
        (Found(100, 8, outage=[3], failing=[9], single={"a": [9]}), "open"),
        (Found(100, 30, outage=[3], failing=[9], single={"a": [9]}), "BROKEN"),
        (Found(100, 0, outage=[3, 4], failing=[9], single={"a": [9]}), "BROKEN"),
        (Found(100, 0, outage=[3], failing=[10], single={"a": [9], "b": [12]}), "BROKEN"),
    ],
)
def test_a_row_that_breaks_a_bound_is_marked(found, word):
    """Too many false pages, an outage found late, 30 % found later than by a single rule; too few months are open."""
    found.slight = [1.0]
    assert line(Row(2, 0.99), found)[1] == word


def test_false_pages_of_a_mean_are_marked_too():
    """A row about a mean has the same bound."""
    assert said(Found(100, 30), True) == "BROKEN"
    assert mean_line(MEAN_ROWS[0], Found(100, 0, failing=[1.0]))[1] == "ok"


@pytest.mark.parametrize(
    ("count", "lower", "upper"), [(0, 0, 4.6052), (1, 0.01005, 6.6384), (10, 4.1302, 20.1447)]
)
def test_the_bounds_of_a_count_are_those_of_the_tables(count, lower, upper):
    """Garwood's limits at 99 % on each side, as tables of the Poisson distribution print them."""
    assert page_bounds(count, 1) == pytest.approx((lower, upper), abs=1e-3)


@pytest.mark.slow
def test_a_rerun_agrees_with_the_page():
    """Fewer months and services: each figure of the page lies within what so few can say."""
    found = simulate(MONTHS, SERVICES, processes=1)
    for row, each, cells in zip(ROWS, found, documented(HEAD), strict=False):
        for count, cell in ((each.false, cells[2]), (each.whole, cells[4])):
            lower, upper = page_bounds(count, MONTHS, SURE)
            assert lower <= number(cell) + 0.0005 and number(cell) - 0.0005 <= upper, (row, cell)
        for probes, cell, scale in (
            (each.failing, cells[6], 60 / row.pace),
            (each.single[each.best[0]], cells[8], 60 / row.pace),
            (each.slight, cells[9], 1 / row.pace),
        ):
            lower, upper = percentile_bounds(sorted(probes), 0.5, SURE)
            assert lower * scale - 1 <= number(cell) <= upper * scale + 1, (row, cell)
        assert max(each.outage) == int(cells[5].split(", ")[1])
        assert said(each, max(each.outage) <= row.outage) != "BROKEN"
    for mean_row, each, cells in zip(MEAN_ROWS, found[len(ROWS) :], documented(MEAN_HEAD), strict=True):
        lower, upper = page_bounds(each.false, each.months, SURE)
        assert lower <= number(cells[3]) <= upper, mean_row
        lower, upper = percentile_bounds(sorted(each.failing), 0.5, SURE)
        assert lower * 5 - 1 <= number(cells[7]) <= upper * 5 + 1, mean_row
