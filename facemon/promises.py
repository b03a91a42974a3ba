"""The objectives that a project states: `[objectives]` of facemon.toml, `[tool.facemon.objectives]` of pyproject.toml.

A table of NAME = "sentence", such as `fast-enough = "response_time.p95 <= 3s"`. Whatever is wrong with it is one
ConfigError with file, line and reason: a promise that was not understood must not turn into no promise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from facemon.errors import ConfigError, shorten
from facemon.project import ProjectFile, project_file
from facemon.slo.language import EXAMPLE, parse
from facemon.slo.objectives import Objective, ObjectiveError

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Promise:
    """An objective with the name that its project gave it, and where it stands: `facemon.toml:12`."""

    name: str
    objective: Objective
    origin: str


def promises(folder: Path) -> tuple[Promise, ...]:
    """Those of the nearest file from `folder` upwards that speaks of facemon; empty where it states none.

    A pyproject.toml without a table `[tool.facemon]` does not speak of it. Raises ConfigError.
    """
    file = project_file(folder)
    return () if file is None else tuple(_of_file(file))


def stated(sentences: Sequence[str], origin: str) -> tuple[Promise, ...]:
    """Those of a command line or a marker, named by their own words. Raises ConfigError that names the origin."""
    if not isinstance(sentences, list | tuple):
        raise ConfigError(f"{origin}: {shorten(sentences)} is no list of sentences: give [{EXAMPLE!r}]")
    found = [_objective(sentence, origin) for sentence in sentences]
    return tuple(Promise(str(objective), objective, origin) for objective in found)


def _of_file(file: ProjectFile) -> Iterator[Promise]:
    table = file.content.get("objectives", {})
    if not isinstance(table, Mapping):
        raise ConfigError(
            f"{file.of('objectives')}: objectives is {shorten(table)}, and should be a table of NAME = {EXAMPLE!r}"
        )
    for name, sentence in table.items():
        origin = file.of(name, "objectives")
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{origin}: {shorten(name)} is no name of an objective: give {_spelt(name)}")
        yield Promise(name, _objective(sentence, f"{origin}: {name}"), origin)


def _objective(sentence: object, origin: str) -> Objective:
    if not isinstance(sentence, str):
        raise ConfigError(f"{origin}: {shorten(sentence)} is no sentence: write it as {EXAMPLE!r}")
    try:
        return parse(sentence)
    except ObjectiveError as error:
        raise ConfigError(f"{origin}: {error}") from None


def _spelt(name: str) -> str:
    words = re.findall(r"[a-z0-9]+", name.lower())
    near = "-".join(words)
    return near if _NAME.fullmatch(near) else "one such as fast-enough, in small letters"
