"""What is promised: by the command line, else the project's file, else the specification; and by single checks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from facemon.errors import ConfigError
from facemon.plugin.options import MARKER_OBJECTIVES, schedule_of
from facemon.promises import Promise, promises, stated
from facemon.slo.metrics import Kind
from facemon.slo.objectives import Objective, default_objectives

if TYPE_CHECKING:
    from facemon.config import Settings
    from facemon.load.schedule import Schedule
    from facemon.plugin.state import SessionState

UNDER_LOAD = ("throughput", "cpu")
"""Figures of a run with `--facemon-rate`, and of no other."""


@dataclass(frozen=True, slots=True)
class Promised:
    """The objectives of a run. by: who stated them, `command line` (option, variable, ini key), `file` or
    `specification`. What the first states is owed whatever runs; the others are, by runs that measure it.
    """

    by: str
    objectives: tuple[Objective, ...]


def promised(state: SessionState, settings: Settings) -> Promised:
    """What this run promises, read once a process.

    Raises pytest.UsageError for what is no objective, and for one that this run could never confirm.
    """
    if state.promised is None:
        state.promised = _read(state.config, settings)
    return state.promised


def _read(config: pytest.Config, settings: Settings) -> Promised:
    try:
        schedule = schedule_of(config)
        found = stated(settings.objective, "the setting objective")
        by = "command line"
        if not found:
            found, by = _of_file(config), "file"
        if not found:
            return Promised("specification", _of_specification(settings, schedule))
        _check_rate(found, schedule, asked=by == "command line")
    except ConfigError as error:
        raise pytest.UsageError(f"facemon: {error}") from None
    return Promised(by, tuple(dict.fromkeys(promise.objective for promise in found)))


def note(item: pytest.Item, state: SessionState) -> None:
    """Keep what the nearest marker of a check promises, and see that the others are sound. Raises pytest.UsageError."""
    found = [
        [str(objective) for objective in _of_marker(item, marker.kwargs[MARKER_OBJECTIVES])]
        for marker in item.iter_markers("facemon")
        if MARKER_OBJECTIVES in marker.kwargs
    ]
    state.marked[name_of(item)] = found[0]


def name_of(item: pytest.Item) -> str:
    """The check without the parameters of its single runs, and without what xdist adds to group them."""
    above = item.parent.nodeid if item.parent else ""
    return f"{above}::{getattr(item, 'originalname', None) or item.name}"


def made_by(name: str, check: str | None) -> bool:
    """Whether a record's check is that check, in whatever run of its parameters."""
    return check is not None and (check == name or check.startswith((f"{name}[", f"{name}@")))


def _of_marker(item: pytest.Item, sentences: object) -> Iterator[Objective]:
    if not isinstance(sentences, list | tuple):
        raise pytest.UsageError(
            f"facemon: {item.nodeid}: marker: objectives {sentences!r} is no list: "
            "give one such as objectives=['response_time.p95 <= 2s']"
        )
    try:
        found = stated(sentences, f"{item.nodeid}: marker")
    except ConfigError as error:
        raise pytest.UsageError(f"facemon: {error}") from None
    for promise in found:
        if promise.objective.measure.kind is Kind.RUN:
            raise pytest.UsageError(
                f"facemon: {item.nodeid}: marker: {promise.objective} is about a figure of the whole run: "
                "state it with --facemon-objective or in facemon.toml"
            )
        yield promise.objective


def _of_file(config: pytest.Config) -> tuple[Promise, ...]:
    """Those of the file nearest to the folder where the run was started, else to its checks."""
    return promises(config.invocation_params.dir) or promises(_folder(config))


def _folder(config: pytest.Config) -> Path:
    # As pytest looks for its own ini file: from what the paths on the command line have in common.
    paths = [config.invocation_params.dir / name.partition("::")[0] for name in config.args]
    common = Path(os.path.commonpath(paths)) if paths else config.rootpath
    return common if common.is_dir() else common.parent


def _of_specification(settings: Settings, schedule: Schedule | None) -> tuple[Objective, ...]:
    usual = default_objectives(settings.response_time_limit)
    if schedule is None:
        return usual
    from facemon.load.figures import load_objectives

    # `mock` paints within the processes that would be weighed: what it weighs is not the monitor's.
    weighed = settings.target != "mock"
    return (*usual, *(each for each in load_objectives(schedule) if weighed or each.metric == "throughput"))


def _check_rate(found: Iterable[Promise], schedule: Schedule | None, *, asked: bool) -> None:
    for promise in found:
        objective = promise.objective
        if schedule is None and asked and objective.metric in UNDER_LOAD:
            raise ConfigError(
                f"{promise.origin}: {objective} takes a run with a rate: give --facemon-rate too"
            )
        if (
            schedule is not None
            and objective.metric == "throughput"
            and schedule.per_minute < objective.limit
        ):
            raise ConfigError(
                f"{promise.origin}: {objective} cannot be shown at {schedule.per_minute:g}/min: give a "
                f"--facemon-rate of {objective.limit:g}/min or more"
            )
