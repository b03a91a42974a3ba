"""`facemon evaluators calibrate`: how far the scores can be trusted on pictures like the user's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli import saving
from facemon.cli.console import err, progress
from facemon.cli.options import examples
from facemon.cli.reach import settings_of
from facemon.cli.trouble import CommandError, Exit
from facemon.clock import SystemClock
from facemon.errors import InvalidInput

if TYPE_CHECKING:
    from facemon.calibrating.judging import Judged
    from facemon.calibrating.labels import Labelled
    from facemon.calibrating.study import Study
    from facemon.evaluators.base import Evaluator

_EXAMPLES = examples(
    ("facemon evaluators calibrate faces", "what the scores are worth on 34-female.jpg, f_34_x.png, …"),
    ("facemon evaluators calibrate faces --out calibration.json", "and keep it, for FACEMON_CALIBRATION"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(calibrate)


def calibrate(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Good close portraits, each of one person.")],
    labels: Annotated[
        str | None,
        typer.Option(
            metavar="FILE.csv",
            help="Columns file, age, gender. Without it the names say it: 34-female.jpg, f_34_x.png, UTKFace's.",
        ),
    ] = None,
    to: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="Where to keep it; default: nowhere.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the report to stdout as JSON.")] = False,
) -> int:
    """Measure the errors of the scores on labelled pictures: faces found, age, gender, and each one's good scores.

    Nothing is written without --out. A later run uses the file as FACEMON_CALIBRATION or --facemon-calibration.
    """
    from facemon.cli.evaluators.report import say  # late: it brings numpy

    path = Path(to) if to is not None else None
    if path is not None:
        saving.check_folder(path.parent)
        saving.check_new(path, force=force)
    found = _study(Path(folder), Path(labels) if labels is not None else None)
    say(found.study, found.labels, found.left_out, as_json=as_json)
    if path is None:
        err().print("nothing was written: --out FILE keeps it", style="dim")
        return Exit.OK
    _check(found.study)
    _write(found.study, path)
    return Exit.OK


@dataclass(frozen=True, slots=True)
class _Found:
    study: Study
    labels: tuple[Labelled, ...]
    left_out: list[tuple[str, str]]


def _study(folder: Path, table: Path | None) -> _Found:
    from facemon.calibrating.judging import load_models
    from facemon.calibrating.labels import read_labels
    from facemon.calibrating.study import study
    from facemon.cli.evaluators.report import say_left_out
    from facemon.judges import evaluators_of
    from facemon.vision.trouble import ModelUnavailable

    # By the published figures, whatever calibration is in use: its scores would be measured with its own corrections.
    evaluators = evaluators_of(settings_of().model_copy(update={"calibration": None}))
    labels = read_labels(folder, table)
    try:
        load_models()
    except ModelUnavailable as error:
        raise CommandError(
            str(error), "install facemon again: pip install --force-reinstall facemon"
        ) from None
    judged, unread = _judged(labels.pictures, evaluators)
    left_out = [*labels.skipped, *unread]
    if not judged:
        say_left_out(left_out[1:])
        why = f"; the first of {len(left_out)} left out: {': '.join(left_out[0])}" if left_out else ""
        raise CommandError(
            f"no labelled picture that can be read in {str(folder)!r}{why}",
            "name them like 34-female.jpg or f_34_x.png, or give --labels FILE.csv",
        )
    left_out += [(one.label.name, one.left_out) for one in judged if one.left_out]
    day = SystemClock().now().date()
    return _Found(study(judged, evaluators, folder.resolve().name, day), labels.pictures, left_out)


def _judged(
    pictures: tuple[Labelled, ...], evaluators: tuple[Evaluator, ...]
) -> tuple[list[Judged], list[tuple[str, str]]]:
    """Those that decode, and each other one with the reason."""
    from facemon.calibrating.judging import judge

    judged: list[Judged] = []
    unread: list[tuple[str, str]] = []
    with progress("pictures") as bar:
        task = bar.add_task("", total=len(pictures))
        for picture in pictures:
            found = judge(picture, evaluators)
            if isinstance(found, str):
                unread.append((picture.name, found))
            else:
                judged.append(found)
            bar.advance(task)
    return judged, unread


def _check(study: Study) -> None:
    """Raise CommandError for labels that would spoil the scores, and where nothing could be measured."""
    from facemon.calibrating.worth import refusal, what_to_check

    why = refusal(study)
    if why is not None:
        raise CommandError(f"{why}: nothing was written", what_to_check(study), Exit.UNKNOWN)


def _write(study: Study, path: Path) -> None:
    from facemon.calibrating.file import save
    from facemon.calibrating.words import in_words
    from facemon.calibrating.worth import why_published

    replaced = path.exists()
    try:
        save(path, study.calibration, study.as_json())
    except OSError as error:
        accepted = f"a file that can be written ({in_words(error)})"
        raise InvalidInput("output path", str(path), accepted) from None
    err().print(f"the calibration {'replaced' if replaced else 'is in'} {path}", style="dim")
    for what, trust in (("age", study.trust_age), ("gender", study.trust_gender)):
        if not trust.holds:
            err().print(f"without its own error of {what}: {why_published(what, trust)}", style="yellow")
