"""The objectives that a project states: `[objectives]` of facemon.toml, `[tool.facemon.objectives]` of pyproject.toml.

A table of NAME = "sentence", such as `fast-enough = "response_time.p95 <= 3s"`. Whatever is wrong with it is one
ConfigError with file, line and reason: a promise that was not understood must not turn into no promise.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facemon.errors import ConfigError, shorten
from facemon.slo.language import EXAMPLE, parse
from facemon.slo.objectives import Objective, ObjectiveError

_FILES = {"facemon.toml": (), "pyproject.toml": ("tool", "facemon")}  # the former wins in the same folder
_KEYS = ("objectives",)
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


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
    here = folder.resolve()
    for path in _candidates(here):
        shown = os.path.relpath(path, here)
        text = _text(path, shown)
        content = _inner(_toml(text, shown), path.name, shown)
        if content is not None:
            return tuple(_of_file(content, _Place(shown, text.splitlines(), _FILES[path.name])))
    return ()


def stated(sentences: Sequence[str], origin: str) -> tuple[Promise, ...]:
    """Those of a command line or a marker, named by their own words. Raises ConfigError that names the origin."""
    if not isinstance(sentences, list | tuple):
        raise ConfigError(f"{origin}: {shorten(sentences)} is no list of sentences: give [{EXAMPLE!r}]")
    found = [_objective(sentence, origin) for sentence in sentences]
    return tuple(Promise(str(objective), objective, origin) for objective in found)


@dataclass(frozen=True, slots=True)
class _Place:
    """A file, its lines, and the table of ours in it, because tomllib does not say where a key stood."""

    file: str
    lines: list[str]
    table: tuple[str, ...]

    def of(self, key: str, *below: str) -> str:
        """`file:line` of a key in the table, or in the one below it."""
        header = _written(*self.table, *below)
        start = next(
            (n for n, line in enumerate(self.lines) if re.match(rf"\s*\[+\s*{header}\s*\]", line)), 0
        )
        for before in (r"\s*", r"[^#]*[\s{,.]", r"\s*\[.*"):  # on its own line, in an inline table, a header
            wanted = re.compile(rf"{before}{_written(key)}\s*[=.\]]")
            for number, line in enumerate(self.lines[start:], start + 1):
                if wanted.match(line):
                    return f"{self.file}:{number}"
        return self.file


def _written(*keys: str) -> str:
    """A pattern for a dotted key, quoted or not."""
    return r"\s*\.\s*".join(rf"[\"']?{re.escape(key)}[\"']?" for key in keys)


def _candidates(here: Path) -> Iterator[Path]:
    for place in (here, *here.parents):
        # A link to nothing counts: it was meant to say something.
        yield from (place / name for name in _FILES if os.path.lexists(place / name))


def _text(path: Path, shown: str) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{shown} is not UTF-8: byte {error.start + 1} is wrong") from None
    except OSError as error:
        raise ConfigError(f"{shown} cannot be read: {error.strerror}") from None


def _toml(text: str, shown: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # ValueError: also a number of more than 4300 digits
        said = str(error)
        found = _PLACE.search(said)
        line = f":{found[1] or len(text.splitlines())}" if found else ""
        raise ConfigError(f"{shown}{line}: this is no TOML: {_PLACE.sub('', said)}") from None


def _inner(content: Any, name: str, shown: str) -> Mapping[str, Any] | None:
    for key in _FILES[name]:
        if not isinstance(content, Mapping) or key not in content:
            return None
        content = content[key]
    if not isinstance(content, Mapping):
        raise ConfigError(f"{shown}: tool.facemon is {shorten(content)}, and should be a table")
    return content


def _of_file(content: Mapping[str, Any], place: _Place) -> Iterator[Promise]:
    for key in content:
        if key not in _KEYS:
            raise ConfigError(f"{place.of(key)}: there is no key {shorten(key)}{_nearest(key)}")
    table = content.get("objectives", {})
    if not isinstance(table, Mapping):
        raise ConfigError(
            f"{place.of('objectives')}: objectives is {shorten(table)}, and should be a table of NAME = {EXAMPLE!r}"
        )
    for name, sentence in table.items():
        origin = place.of(name, "objectives")
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


def _nearest(key: str) -> str:
    near = difflib.get_close_matches(key, _KEYS, 1)
    return f"; did you mean {near[0]}?" if near else f": there is {', '.join(_KEYS)}"


def _spelt(name: str) -> str:
    words = re.findall(r"[a-z0-9]+", name.lower())
    near = "-".join(words)
    return near if _NAME.fullmatch(near) else "one such as fast-enough, in small letters"
