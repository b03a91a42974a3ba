"""A calibration as a person reads it: each error with its interval, and what follows from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

from facemon.calibrating.fitting import FEWEST_FOR_A_THRESHOLD, mean_interval
from facemon.calibrating.trust import AGREES_WITHIN
from facemon.calibrating.worth import counted, why_published
from facemon.cli.console import err, out
from facemon.cli.record_view import Rows, columns, sheet
from facemon.vision.calibration import UNCALIBRATED

if TYPE_CHECKING:
    from rich.console import Console

    from facemon.calibrating.figures import AgeFigures, ScoreFigures
    from facemon.calibrating.labels import Labelled
    from facemon.calibrating.rate import Rate
    from facemon.calibrating.study import Study
    from facemon.calibrating.trust import Trust

_SAMPLE = 3  # labels that are shown, so that a misread name is seen
_MOST_NAMED = 10  # files that were left out; a program is told all of them


def say(
    study: Study, labels: Sequence[Labelled], left_out: Sequence[tuple[str, str]], *, as_json: bool
) -> None:
    """Print a study, the first labels as they were read, and the files (name, reason) that were left out."""
    sample = labels[:_SAMPLE]
    if as_json:
        content = {
            "source": study.calibration.source,
            "labelled": len(labels),
            "read": [{"file": one.name, "age": one.age, "gender": one.gender} for one in sample],
            **study.as_json(),
            "doubtful": study.doubtful,
            "left_out": [{"file": name, "reason": reason} for name, reason in left_out],
        }
        out().print(json.dumps(content, indent=2, ensure_ascii=False), soft_wrap=True)
        return
    _show(study, labels, out())
    say_left_out(left_out)


def say_left_out(files: Sequence[tuple[str, str]]) -> None:
    """Name the first ten with their reasons on stderr, and say how many more there are."""
    for name, reason in files[:_MOST_NAMED]:
        err().print(f"left out {name}: {reason}", style="yellow")
    if len(files) > _MOST_NAMED:
        err().print(f"and {len(files) - _MOST_NAMED} more: --json names them all", style="yellow")


def _show(study: Study, labels: Sequence[Labelled], console: Console) -> None:
    console.print(sheet(_rows(study, labels)))
    if not study.scores:
        return
    console.print()
    console.print(_table(study.scores))
    faces = study.detected.hits
    if faces < FEWEST_FOR_A_THRESHOLD:
        console.print(
            f"{counted(faces)} with one face: a limit that 95 % of good pictures pass needs "
            f"{FEWEST_FOR_A_THRESHOLD} at 95 % confidence; the thresholds stay as they are"
        )


def _rows(study: Study, labels: Sequence[Labelled]) -> Rows:
    fitted, published, detected = study.calibration, UNCALIBRATED, study.detected
    yield "source", fitted.source
    yield "labels, the first", "\n".join(_label(one) for one in labels[:_SAMPLE])
    yield "pictures", _pictures(study, len(labels))
    yield "one face found in", f"{_rate(detected)} pictures that decode"
    yield "age", "\n".join(_age(study.age))
    spread = f"{fitted.age.spread:.1f} years after the bias, drawn towards {published.age.spread:g}"
    yield from _kept("age", study.trust_age, "age spread", spread, f"{published.age.spread:g} years")
    for gender, rate in study.mistaken.items():
        yield f"{gender}, mistaken", _rate(rate) if rate.trials else "no face with that label"
    share = f"{fitted.gender_error:.1%}, drawn towards the published {published.gender_error:.1%}"
    yield from _kept("gender", study.trust_gender, "gender error", share, f"{published.gender_error:.1%}")


def _pictures(study: Study, labelled: int) -> str:
    detected, ages, genders = study.detected, study.trust_age.agree, study.trust_gender.agree
    return (
        f"{labelled} labelled, {detected.trials} decode, {detected.hits} with exactly one face; "
        f"of these {ages.trials} with a labelled age, {genders.trials} with a labelled gender"
    )


def _kept(what: str, trust: Trust, name: str, fitted: str, published: str) -> Rows:
    """How far the labels agree, and which error follows."""
    within = f" within {AGREES_WITHIN} years" if what == "age" else ""
    if trust.agree.trials:
        yield f"{what} agrees", f"{_rate(trust.agree)}{within}"
    why = why_published(what, trust)
    yield (
        name,
        f"the published {published} stays; {why}" if why else f"{fitted} ({counted(trust.agree.trials)})",
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
    yield f"wrong by {np.mean(absolute):.1f} years on average ({counted(len(absolute))}; {within})"
    for decade, errors in age.by_decade.items():
        yield f"said {decade} to {decade + 9}: {np.mean(errors):+.1f} years ({counted(len(errors))})"


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
