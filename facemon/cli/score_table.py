"""The scores of a picture as a person reads them: what failed first, then what could not be judged, then the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from facemon.model import Quality, Score, ScoreVerdict

_COLOURS = {ScoreVerdict.FAILED: "red", ScoreVerdict.UNSCORED: "yellow", ScoreVerdict.PASSED: "green"}
_FULL_MARKS = 99.5  # shown as 100
_BAR = 10  # characters


def score_rows(quality: Quality) -> Iterator[tuple[str, RenderableType]]:
    """The quality in a line, then a table a verdict, named by it: failed, unscored, passed."""
    yield "quality", quality_line(quality)
    width = max(len(score.evaluator) for score in quality.scores)
    for verdict, colour in _COLOURS.items():
        scores = [score for score in quality.scores if score.verdict is verdict]
        if not scores:
            continue
        blind = verdict is ScoreVerdict.UNSCORED
        yield verdict.value, _reasons(scores, colour) if blind else _bars(scores, colour, width)


def quality_line(quality: Quality) -> str:
    """The quality score, what pulled it down most, and the adherence."""
    score, weakest, adherence = quality.quality_score, quality.weakest, quality.prompt_adherence
    if weakest is None:
        parts = ["none: no component of it was judged"]
    elif score is None:
        parts = [f"unknown, {weakest.evaluator} could not be judged"]
    else:
        parts = [f"{score:.0f} of 100"]
        if weakest.score is not None and weakest.score < _FULL_MARKS:
            parts.append(f"pulled down most by {weakest.evaluator} ({weakest.score:.0f})")
    if adherence is not None:
        parts.append(f"adherence {adherence:.2f}")
    return ", ".join(parts)


def _bars(scores: Iterable[Score], colour: str, width: int) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(no_wrap=True, min_width=width)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right", min_width=3)
    table.add_column(overflow="fold")
    for score in scores:
        marks = score.score or 0.0
        table.add_row(score.evaluator, _bar(marks, colour), f"{marks:.0f}", _measure(score))
    return table


def _bar(marks: float, colour: str) -> Text:
    full = round(marks / 100 * _BAR)
    return Text.assemble(("█" * full, colour), ("░" * (_BAR - full), "dim"))


def _measure(score: Score) -> str:
    """What is wrong, in a sentence that has its figure; of a sound picture what was measured."""
    raw = "" if score.raw is None else f"{_number(score.raw)} {score.unit or ''}".rstrip()
    return score.reason or raw


def _number(raw: float) -> str:
    return f"{raw:,.0f}" if abs(raw) >= 1000 else f"{raw:.3g}"


def _reasons(scores: Sequence[Score], colour: str) -> RenderableType:
    """One line a reason: a picture without a face leaves a dozen questions open for the same one."""
    names: dict[str, list[str]] = {}
    for score in scores:
        names.setdefault(score.reason, []).append(score.evaluator)
    lines = [f"{reason}: {', '.join(blind)}" for reason, blind in names.items()]
    return Text("\n".join(lines), colour)
