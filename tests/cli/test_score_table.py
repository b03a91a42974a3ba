"""The scores of a picture as the terminal shows them."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from facemon.cli.record_view import sheet
from facemon.cli.score_table import quality_line, score_rows
from facemon.model import Quality, Score, ScoreVerdict

SHARP = Score("sharpness", "1", ScoreVerdict.PASSED, 100.0, 13.93, "cycles", weight=0.5)
LIGHT = Score("exposure", "1", ScoreVerdict.FAILED, 25.0, 0.9, "of white", "burnt to white", weight=0.5)
SIZE = Score("size", "1", ScoreVerdict.PASSED, 100.0, 2_359_296.0, "pixels")
BLIND = [
    Score(name, "1", ScoreVerdict.UNSCORED, reason="no face was found", weight=0.1)
    for name in ("pose", "framing")
]


def shown(*scores: Score, width: int = 100) -> list[str]:
    """The lines of the table."""
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False)
    console.print(sheet(score_rows(Quality(scores))))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_what_failed_comes_first() -> None:
    """The quality, then what failed, then what could not be judged, then the rest, whatever their order was."""
    names = [line.split()[0] for line in shown(SHARP, *BLIND, LIGHT) if not line.startswith(" ")]
    assert names == ["quality", "failed", "unscored", "passed"]


def test_a_score_is_a_bar_its_figure_and_its_measure() -> None:
    """Ten places of a bar, 0 to 100, the measure in its unit; where it failed the reason, which has its figure."""
    _, failed, first, second = shown(LIGHT, SHARP, SIZE)
    assert failed.split(maxsplit=4) == [
        "failed",
        "exposure",
        "██░░░░░░░░",
        "25",
        "burnt to white",
    ]
    assert first.split(maxsplit=4) == ["passed", "sharpness", "██████████", "100", "13.9 cycles"]
    assert second.split(maxsplit=3) == ["size", "██████████", "100", "2,359,296 pixels"]


def test_the_bars_of_all_verdicts_stand_in_one_column() -> None:
    """The tables of failed and passed scores are as wide as their longest name."""
    lines = shown(LIGHT, replace(SHARP, evaluator="a_much_longer_name"))[1:]
    assert len({min(line.index(mark) for mark in "█░" if mark in line) for line in lines}) == 1


def test_questions_open_for_one_reason_are_one_line() -> None:
    """A picture without a face leaves a dozen questions open: the reason once, then their names."""
    (line,) = [line for line in shown(*BLIND, SHARP) if line.startswith("unscored")]
    assert line.split(maxsplit=1)[1] == "no face was found: pose, framing"


def test_eighty_columns_are_enough() -> None:
    """A long measure goes on in its own column, and no line is cut or wrapped into another."""
    long = replace(LIGHT, reason="78 % of the face is burnt to white, and its other side is black")
    lines = shown(long, SHARP, width=80)
    assert max(map(len, lines)) <= 80
    start = lines[1].index("78 %")
    assert all(line[:start].isspace() for line in lines[2:-1])
    assert " ".join(line[start:] for line in lines[1:-1]) == long.reason


def test_the_quality_names_what_took_most_from_it() -> None:
    """The weakest component by its weight, unless all have full marks; then there is nothing to name."""
    assert quality_line(Quality((SHARP, LIGHT))) == "50 of 100, pulled down most by exposure (25)"
    assert quality_line(Quality((SHARP,))) == "100 of 100"


def test_a_quality_that_is_not_known_says_why() -> None:
    """What could not be judged, or that no component was asked at all; the adherence is told all the same."""
    person = Score("prompt_adherence", "1", ScoreVerdict.PASSED, 81.0, 0.8123, "probability")
    said = quality_line(Quality((SHARP, BLIND[0], person)))
    assert said == "unknown, pose could not be judged, adherence 0.81"
    assert quality_line(Quality((SIZE,))) == "none: no component of it was judged"
