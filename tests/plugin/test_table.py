"""The table of objectives, on judgements made by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from facemon.model import AGES, GENDERS
from facemon.plugin.judged import Judged
from facemon.plugin.table import rows
from facemon.slo.judging import Judgement, Verdict
from facemon.slo.language import parse

RATE = Judgement(parse("success_rate >= 95%"), Verdict.PASS, 1.0, 0.9593, 1.0, 72)
LONG = parse("first_attempt_success_rate >= 99.5% by age, gender over 24h from 2000 samples")


def table(*judgements: Judgement, retried: bool = False, **checks: Any) -> list[str]:
    """The lines of some judgements."""
    named = {name: tuple(items) for name, items in checks.items()}
    return [line for line, _ in rows(Judged(judgements, named), retried=retried)]


def cell(verdict: Verdict, *name: object, **changes: Any) -> Judgement:
    """One cell of a split."""
    return replace(RATE, verdict=verdict, cell=name, **changes)


def split(verdicts: dict[tuple[object, ...], Verdict]) -> Judgement:
    """A split by age and gender whose cells have these verdicts, and pass elsewhere."""
    cells = [cell(verdicts.get(name, Verdict.PASS), *name) for name in product(AGES, GENDERS)]
    return replace(
        RATE,
        objective=parse("success_rate >= 95% by age, gender"),
        verdict=Verdict.FAIL,
        cells=tuple(cells),
    )


def test_columns_stand_below_their_names() -> None:
    """The figures begin where the header says, whatever the widest figure, interval or count is."""
    dear = Judgement(parse("credits.mean <= 50credits"), Verdict.FAIL, 12345.6, 1234.5, 23456.7, 1234567)
    header, *lines = table(RATE, dear)
    for title, found in (("objective", ("success", "credits")), ("observed", ("100.0%", "mean 12346"))):
        assert [line.index(word) for line, word in zip(lines, found, strict=True)] == [
            header.index(title)
        ] * 2
    bounds = [re.search(r"\S+( credits)? to ", line) for line in lines]
    assert [found.start() for found in bounds if found] == [header.index("95% one-sided")] * 2


def test_a_usual_table_is_as_wide_as_ever() -> None:
    """To the letter: what people and their scripts read today."""
    assert table(RATE) == [
        "verdict       objective                             observed        95% one-sided          n",
        "pass          success_rate >= 95%                   100.0%          95.9% to 100.0%       72",
    ]


def test_a_long_sentence_goes_on_below_and_moves_no_column() -> None:
    """Wrapped inside its column, whole, with the figures on the first line."""
    usual = table(RATE)[1]
    header, first, second, third = table(replace(RATE, objective=LONG))
    assert first.index("100.0%") == usual.index("100.0%")
    parts = [first[14:51], second, third]
    assert " ".join(" ".join(parts).split()) == str(LONG)
    assert max(map(len, (second, third))) <= header.index("observed")


def test_a_split_shows_what_is_not_well_and_counts_the_rest() -> None:
    """The overall row, then the cells that do not pass, worst first, then how many do."""
    found = split(
        {(20, "female"): Verdict.INCONCLUSIVE, (70, "male"): Verdict.FAIL, (30, "male"): Verdict.UNSCORED}
    )
    _, overall, *lines = table(found)
    assert overall.startswith("fail          success_rate >= 95% by age, gender")
    shown = [re.match(r"(\w+) +(\d\d \w+) ", line) for line in lines[:-1]]
    assert [each.groups() for each in shown if each] == [
        ("fail", "70 male"),
        ("unscored", "30 male"),
        ("inconclusive", "20 female"),
    ]
    assert lines[-1].strip() == "9 cells pass"


def test_many_open_cells_are_cut_at_twelve() -> None:
    """A split by model and age may have a hundred: twelve are shown, the others counted."""
    cells = [cell(Verdict.INCONCLUSIVE, number) for number in range(15)] + [cell(Verdict.PASS, 15)]
    lines = table(replace(RATE, verdict=Verdict.INCONCLUSIVE, cells=tuple(cells)))
    assert len(lines) == 1 + 1 + 12 + 1
    assert lines[-1].strip() == "3 more that are open, 1 cell passes"


@pytest.mark.parametrize(("retried", "shown"), [(True, True), (False, False)])
def test_the_first_attempts_stand_beside_what_retries_mended(retried: bool, shown: bool) -> None:
    """Their figure in the same line; where nothing was tried again it would only repeat the other one."""
    line = table(replace(RATE, first=0.9166), retried=retried)[1]
    assert ("91.6% at the first attempt" in line) is shown


def test_a_checks_own_objectives_stand_under_its_name() -> None:
    """After those of the run, each check's below its name."""
    slow = replace(RATE, objective=parse("response_time.p95 <= 2s"), value=0.5)
    lines = table(RATE, **{"checks/check_it.py::check_it": [slow]})
    assert lines[2] == "checks/check_it.py::check_it"
    assert "response_time.p95 <= 2s" in lines[3]


def test_each_verdict_has_its_colour() -> None:
    """Green is what passes and nothing else."""
    colours = {}
    for verdict in Verdict:
        found = Judged((replace(RATE, verdict=verdict, objective=LONG),))
        (colours[verdict],) = {
            colour for line, colour in rows(found, retried=False) if not line.startswith("verdict")
        }
    assert colours == {
        Verdict.PASS: "green",
        Verdict.FAIL: "red",
        Verdict.INCONCLUSIVE: "yellow",
        Verdict.UNSCORED: "yellow",
    }


def test_what_else_there_is_to_say_ends_the_line() -> None:
    """The samples that are missing, and a note."""
    line = table(replace(RATE, verdict=Verdict.INCONCLUSIVE, needed=57, note="of the largest process"))[1]
    assert line.endswith("72  57 more samples would decide  of the largest process")
