"""The project's own file: the nearest `facemon.toml`, or `pyproject.toml` with a table `[tool.facemon]`.

Whatever is wrong with it is one ConfigError with file, line and reason: what was not understood must not turn into
nothing.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from facemon.errors import ConfigError, shorten

_FILES = {"facemon.toml": (), "pyproject.toml": ("tool", "facemon")}  # the former wins in the same folder
KEYS = ("alerts", "objectives")
_END = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """content: facemon's own table · shown: its path as an error names it."""

    content: Mapping[str, Any]
    shown: str
    lines: tuple[str, ...]
    table: tuple[str, ...]

    def of(self, key: str, *below: str, number: int = 0) -> str:
        """`file:line` of a key in the table, or in the one below it, because tomllib does not say where one stood.

        number: of several tables with this header, from 0.
        """
        header = re.compile(rf"\s*\[+\s*{_written(*self.table, *below)}\s*\]")
        starts = (n for n, line in enumerate(self.lines) if header.match(line))
        start = next(islice(starts, number, None), 0)
        for before in (r"\s*", r"[^#]*[\s{,.]", r"\s*\[.*"):  # on its own line, in an inline table, a header
            wanted = re.compile(rf"{before}{_written(key)}\s*[=.\]]")
            for number, line in enumerate(self.lines[start:], start + 1):
                if wanted.match(line):
                    return f"{self.shown}:{number}"
        return self.shown


def project_file(folder: Path) -> ProjectFile | None:
    """The nearest from `folder` upwards that speaks of facemon; None where there is none.

    A pyproject.toml without a table `[tool.facemon]` does not speak of it. Raises ConfigError, also for a key that
    there is not.
    """
    here = folder.resolve()
    for path in _candidates(here):
        shown = os.path.relpath(path, here)
        text = _text(path, shown)
        content = _inner(_toml(text, shown), path.name, shown)
        if content is not None:
            found = ProjectFile(content, shown, tuple(text.splitlines()), _FILES[path.name])
            for key in content:
                if key not in KEYS:
                    raise ConfigError(f"{found.of(key)}: there is no key {shorten(key)}{nearest(key, KEYS)}")
            return found
    return None


def nearest(key: str, keys: Iterable[str]) -> str:
    """What may have been meant, as the end of a sentence."""
    known = tuple(keys)
    near = difflib.get_close_matches(key, known, 1)
    return f"; did you mean {near[0]}?" if near else f": there is {', '.join(known)}"


def _written(*keys: str) -> str:
    """A pattern for a dotted key, quoted or not."""
    return r"\s*\.\s*".join(rf"[\"']?{re.escape(key)}[\"']?" for key in keys)


def _candidates(here: Path) -> Iterator[Path]:
    for place in (here, *here.parents):
        # A link to nothing counts: it was meant to say something.
        yield from (place / name for name in _FILES if os.path.lexists(place / name))


def _text(path: Path, shown: str) -> str:
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ConfigError(f"{shown} is no file: a device or a pipe states nothing")
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
        found = _END.search(said)
        line = f":{found[1] or len(text.splitlines())}" if found else ""
        raise ConfigError(f"{shown}{line}: this is no TOML: {_END.sub('', said)}") from None


def _inner(content: Any, name: str, shown: str) -> Mapping[str, Any] | None:
    for key in _FILES[name]:
        if not isinstance(content, Mapping) or key not in content:
            return None
        content = content[key]
    if not isinstance(content, Mapping):
        raise ConfigError(f"{shown}: tool.facemon is {shorten(content)}, and should be a table")
    return content
