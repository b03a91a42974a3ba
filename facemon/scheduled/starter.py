"""What `facemon init` writes into somebody's repository, and what is there already.

The workflows of facemon's own repository are made of the same texts; a test holds them together.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

_TEMPLATES = "facemon.scheduled.templates"
_ACTION = ".github/actions/facemon"
# Path in the repository → template.
_FILES = {
    ".github/workflows/facemon-monitor.yml": "monitor.yml",
    ".github/workflows/facemon-gate.yml": "gate.yml",
    f"{_ACTION}/action.yml": "action.yml",
    "facemon.toml": "facemon.toml",
    "checks/check_availability.py": "check_availability.py.txt",
    ".gitignore": "gitignore.txt",
}


class Standing(enum.StrEnum):
    """missing: to be written · same: as it would be written · changed: somebody's own now, left alone."""

    MISSING = "missing"
    SAME = "same"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Item:
    """A file that `facemon init` writes. path: from the top of the repository, with slashes."""

    path: str
    content: str
    standing: Standing


def items(folder: Path, version: str) -> Iterator[Item]:
    """Each file, and how it stands in a folder. Raises OSError where one cannot be read."""
    values = {
        "@SETUP@": _ACTION,
        "@CHECKS@": "",
        "@GATE@": "facemon-gate.yml",
        "@INSTALL@": f'      run: python -m pip install "facemon[github,apprise,postgres]=={version}"',
    }
    for path, template in _FILES.items():
        content = rendered(template, values)
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
    target.write_text(item.content, "utf-8")


def _standing(path: Path, content: str) -> Standing:
    try:
        found = path.read_text("utf-8")
    except FileNotFoundError:
        return Standing.MISSING
    except (UnicodeDecodeError, IsADirectoryError):
        return Standing.CHANGED
    if path.name == ".gitignore":  # somebody's own as a rule: it suffices that it names what we make
        lines = set(found.split())
        return Standing.SAME if lines >= set(content.split()) else Standing.CHANGED
    return Standing.SAME if found == content else Standing.CHANGED
