"""A calibration as a person reads it: each error with its interval, and what follows from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

from facemon.calibrating.fitting import FEWEST_FOR_A_THRESHOLD, mean_interval
from facemon.cli.console import err, out
from facemon.cli.record_view import Rows, columns, sheet
from facemon.vision.calibration import UNCALIBRATED

if TYPE_CHECKING:
    from rich.console import Console

    from facemon.calibrating.labels import Labelled
    from facemon.calibrating.study import AgeFigures, Rate, ScoreFigures, Study

_SAMPLE = 3  # labels that are shown, so that a misread name is seen


def say(
    study: Study, labels: Sequence[Labelled], skipped: Sequence[tuple[str, str]], *, as_json: bool
) -> None:
    """Print a study, the first labels as they were read, and each file (name, reason) that was left out of it."""
    sample = labels[:_SAMPLE]
    if as_json:
        left = [{"file": name, "reason": reason} for name, reason in skipped]
        read = [{"file": one.name, "age": one.age, "gender": one.gender} for one in sample]
        content = {"source": study.calibration.source, "read": read, **study.as_json(), "skipped": left}
        out().print(json.dumps(content, indent=2, ensure_ascii=False), soft_wrap=True)
        return
    _show(study, sample, out())
    for name, reason in skipped:
        err().print(f"skipped {name}: {reason}", style="yellow")


def _show(study: Study, sample: Sequence[Labelled], console: Console) -> None:
    console.print(sheet(_rows(study, sample)))
    if not study.scores:
        return
    console.print()
    console.print(_table(study.scores))
    faces = study.detected.hits
    if faces < FEWEST_FOR_A_THRESHOLD:
        console.print(
            f"{faces} pictures with one face: a limit that 95 % of good pictures pass needs "
            f"{FEWEST_FOR_A_THRESHOLD} at 95 % confidence; the thresholds stay as they are"
        )


def _rows(study: Study, sample: Sequence[Labelled]) -> Rows:
    yield "source", study.calibration.source
    yield "labels, the first", "\n".join(_label(one) for one in sample)
    yield "one face found in", _rate(study.detected)
    yield "age", "\n".join(_age(study.age))
    fitted, published = study.calibration, UNCALIBRATED
    yield (
        "age spread",
        f"{fitted.age.spread:.1f} years after the bias, drawn towards {published.age.spread:g}",
    )
    for gender, rate in study.mistaken.items():
        yield f"{gender}, mistaken", _rate(rate) if rate.trials else "no face with that label"
    yield (
        "gender error",
        f"{fitted.gender_error:.1%}, drawn towards the published {published.gender_error:.1%}",
    )


def _label(one: Labelled) -> str:
    age = "age unknown" if one.age is None else f"{one.age} years"
    return f"{one.name}: {age}, {one.gender or 'gender unknown'}"


def _age(age: AgeFigures) -> Iterator[str]:
    if not age.errors:
        yield "no face with a labelled age"
        return
    absolute = np.abs(age.errors).tolist()
    interval = mean_interval(absolute)
    within = f"95 %: {interval[0]:.1f} to {interval[1]:.1f}" if interval else "too few for an interval"
    yield f"wrong by {np.mean(absolute):.1f} years on average ({len(absolute)} faces; {within})"
    for decade, errors in age.by_decade.items():
        yield f"said {decade} to {decade + 9}: {np.mean(errors):+.1f} years ({len(errors)} faces)"


def _rate(rate: Rate) -> str:
    low, high = rate.bounds
    return f"{rate.hits} of {rate.trials} (95 %: {low:.1%} to {high:.1%})"


def _table(scores: dict[str, ScoreFigures]) -> Table:
    numbers = ("lowest", "1st %", "median", "fails below", "proposed")
    table = columns(("evaluator", *numbers, "failed"), right=numbers, folding=("failed",))
    for name, figures in scores.items():
        known = figures.as_json()
        limits = (known["threshold"], known["proposed"])
        table.add_row(
            name,
            *(f"{known[part]:.0f}" for part in ("lowest", "percentile_1", "median")),
            *("–" if limit is None else f"{limit:.3g}" for limit in limits),
            _rate(figures.failed),
        )
    return table
