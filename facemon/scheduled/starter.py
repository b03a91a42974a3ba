"""What `facemon init` writes into somebody's repository, and what is there already.

The workflows of facemon's own repository are made of the same texts; a test holds them together.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path, PurePosixPath

from facemon.scheduled.requirement import Requirement

_TEMPLATES = "facemon.scheduled.templates"
_OURS = ".github/"
_SETUP = ".github/actions/facemon"
ACTION = f"{_SETUP}/action.yml"
_IGNORED = ".gitignore"
# Path in the repository → template.
_FILES = {
    ".github/workflows/facemon-monitor.yml": "monitor.yml",
    ".github/workflows/facemon-gate.yml": "gate.yml",
    ACTION: "action.yml",
    "facemon.toml": "facemon.toml",
    "checks/check_availability.py": "check_availability.py.txt",
    "checks/pytest.ini": "pytest.ini.txt",
    _IGNORED: "gitignore.txt",
}


class Standing(enum.StrEnum):
    """missing: to be written · same: as it would be written · changed: differs · lacks: lines to be added to it."""

    MISSING = "missing"
    SAME = "same"
    CHANGED = "changed"
    LACKS = "lacks"


@dataclass(frozen=True, slots=True)
class Item:
    """A file that `facemon init` writes. path: from the top of the repository, with slashes · content: all of it, with
    what is there where lines are added.
    """

    path: str
    content: str
    standing: Standing

    @property
    def ours(self) -> bool:
        """Whether it stays facemon's after it was written: the rest is the user's from the first moment."""
        return self.path.startswith(_OURS)


def items(folder: Path, install: Requirement) -> Iterator[Item]:
    """Each file, and how it stands in a folder. Raises OSError where one cannot be read."""
    values = {"@SETUP@": _SETUP, "@CHECKS@": "", "@GATE@": "facemon-gate.yml", "@INSTALL@": install.yaml}
    for path, template in _FILES.items():
        content = rendered(template, values)
        if path == _IGNORED:
            yield _with_lines(folder / path, content)
        else:
            yield Item(path, content, _standing(folder / path, content))


def rendered(template: str, values: Mapping[str, str]) -> str:
    """A template with its places filled."""
    text = resources.files(_TEMPLATES).joinpath(template).read_text("utf-8")
    for place, value in values.items():
        text = text.replace(place, value)
    return text


def write(folder: Path, item: Item) -> None:
    """Put a file in its place, with the folders above it. Raises OSError."""
    target = folder / item.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(item.content, "utf-8", "surrogateescape", newline="")


def link_outside(folder: Path, path: str) -> str | None:
    """The link on the way to a file that leads out of the folder; None where there is none."""
    place = top = folder.resolve()
    for part in PurePosixPath(path).parts:
        place = place / part
        if place.is_symlink() and not place.resolve().is_relative_to(top):
            return place.relative_to(top).as_posix()
    return None


def _standing(path: Path, content: str) -> Standing:
    try:
        return Standing.SAME if path.read_text("utf-8") == content else Standing.CHANGED
    except FileNotFoundError:
        return Standing.MISSING
    except (UnicodeDecodeError, IsADirectoryError):
        return Standing.CHANGED


def _with_lines(path: Path, wanted: str) -> Item:
    """Somebody's own file with the lines that it lacks; its bytes and its line ends are kept, whatever they are."""
    try:
        found = path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return Item(path.name, wanted, Standing.MISSING)
    there = {line.rstrip() for line in found.removeprefix("\ufeff").split("\n")}
    lacking = [line for line in wanted.splitlines() if line not in there]
    if not lacking:
        return Item(path.name, found, Standing.SAME)
    end = "\r\n" if "\r\n" in found else "\n"
    unended = end if found.removeprefix("\ufeff") and not found.endswith("\n") else ""
    return Item(path.name, found + unended + end.join([*lacking, ""]), Standing.LACKS)
