"""The table of objectives in the section: a row each, those of a split's cells below it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facemon.plugin.judged import Judged, cell_name
from facemon.slo.judging import Judgement, Verdict
from facemon.slo.words import figure, first_attempts, interval, needed

Line = tuple[str, str | None]
"""A line and its colour, if any."""

_COLOURS = {
    Verdict.PASS: "green",
    Verdict.FAIL: "red",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.UNSCORED: "yellow",
}
_RANK = (Verdict.FAIL, Verdict.UNSCORED, Verdict.INCONCLUSIVE)
_OBJECTIVE = 37  # characters; a longer sentence goes on below
_MOST_CELLS = 12


@dataclass(frozen=True, slots=True)
class _Row:
    """said: the objective or the cell · judgement: None for a line that only says something."""

    said: str
    judgement: Judgement | None = None


def rows(found: Judged, *, retried: bool) -> Iterator[Line]:
    """Header, the run's objectives, then each check's under its name. Columns are as wide as what stands in them.

    retried: whether the figures of the first attempts have something to say of their own.
    """
    groups = {"": found.run, **found.checks}
    body = {name: [row for item in items for row in _rows(item)] for name, items in groups.items()}
    judgements = [row.judgement for some in body.values() for row in some if row.judgement]
    widths = (
        max([15, *(len(figure(item)) for item in judgements)]),
        max([17, *(len(interval(item)) for item in judgements)]),
    )
    observed, bounds = widths
    yield (
        f"{'verdict':<13} {'objective':<{_OBJECTIVE}} {'observed':<{observed}} {'95% one-sided':<{bounds}} {'n':>6}",
        None,
    )
    for name, some in body.items():
        if name:
            yield name, None
        for row in some:
            yield from _lines(row, widths, retried)


def _rows(item: Judgement) -> Iterator[_Row]:
    yield _Row(item.text, item)
    if not item.cells:
        return
    open_cells = [cell for cell in item.cells if cell.verdict is not Verdict.PASS]
    shown = sorted(open_cells, key=lambda cell: _RANK.index(cell.verdict))[:_MOST_CELLS]
    yield from (_Row(f"  {cell_name(cell)}", cell) for cell in shown)
    yield _Row(f"  {_rest(len(open_cells) - len(shown), len(item.cells) - len(open_cells))}")


def _rest(hidden: int, passed: int) -> str:
    more = f"{hidden} more that are open, " if hidden else ""
    return f"{more}{passed} {'cell passes' if passed == 1 else 'cells pass'}"


def _lines(row: _Row, widths: Sequence[int], retried: bool) -> Iterator[Line]:
    indent = " " * (len(row.said) - len(row.said.lstrip()))
    first, *more = textwrap.wrap(row.said, _OBJECTIVE, subsequent_indent=indent, break_long_words=False)
    item = row.judgement
    if item is None:
        yield f"{'':<13} {first}", None
        return
    observed, bounds = (
        f"{text:<{width}}" for text, width in zip((figure(item), interval(item)), widths, strict=True)
    )
    text = f"{item.verdict:<13} {first:<{_OBJECTIVE}} {observed} {bounds} {item.samples:>6}"
    tail = (first_attempts(item) if retried else "", needed(item), item.note)
    yield "  ".join([text, *filter(None, tail)]), _COLOURS[item.verdict]
    for part in more:
        yield f"{'':<13} {part}", _COLOURS[item.verdict]
