"""Who is on which picture, as its label says: a table beside the pictures, or their names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facemon.calibrating.names import GENDERS, OLDEST, Person, read_name
from facemon.errors import InvalidInput

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_COLUMNS = ("file", "age", "gender")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture and what is said of it; name: its path in the folder · age, in years, or gender may be unknown."""

    path: Path
    name: str
    age: int | None
    gender: str | None


@dataclass(frozen=True, slots=True)
class Labels:
    """The pictures that can be used, sorted by name, and each file that cannot, with the reason."""

    pictures: tuple[Labelled, ...]
    skipped: tuple[tuple[str, str], ...]


def read_labels(folder: Path, table: Path | None = None) -> Labels:
    """The labels of a folder's pictures and those of its subfolders: from a table (CSV), else from their names.

    Raises InvalidInput for a folder or a table that cannot be read, and for a wrong line, which it names.
    """
    if not folder.is_dir():
        raise InvalidInput("folder of pictures", str(folder), "a folder that exists")
    stated = None if table is None else _read_table(table)
    pictures, skipped = [], []
    for path, name in _files(folder, table):
        found: Person | str
        found = read_name(path.name) if stated is None else stated.pop(name, "it is not in the table")
        if path.suffix.lower() not in SUFFIXES:
            found = f"it is no picture ({', '.join(SUFFIXES)})"
        if isinstance(found, str):
            skipped.append((name, found))
        else:
            pictures.append(Labelled(path, name, *found))
    skipped += [(name, "it is in the table, not in the folder") for name in stated or ()]
    return Labels(tuple(pictures), tuple(skipped))


def _files(folder: Path, table: Path | None) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in Path(name).parts)
        if path.is_file() and not hidden and (table is None or path.resolve() != table.resolve()):
            yield path, name


def _read_table(table: Path) -> dict[str, Person]:
    try:
        return dict(_rows(table.read_text("utf-8-sig"), table.name))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidInput("labels", str(table), f"a CSV file that can be read ({reason})") from None


def _rows(text: str, table: str) -> Iterator[tuple[str, Person]]:
    """File name → person, line by line."""
    head, *lines = text.splitlines() or [""]
    separator = ";" if ";" in head else ","
    columns = [column.strip().lower() for column in head.split(separator)]
    if not set(_COLUMNS) <= set(columns):
        raise InvalidInput(f"first line of {table}", head, "the columns file,age,gender")
    rows, seen = csv.DictReader(lines, columns, delimiter=separator), set()
    for row in rows:
        line = f"{table}, line {rows.line_num + 1}"
        name = Path((row["file"] or "").strip()).as_posix()
        if name == "." or name in seen:
            raise InvalidInput(f"file in {line}", row["file"], "the name of a picture, each one once")
        seen.add(name)
        yield name, (_age(row["age"], line), _gender(row["gender"], line))


def _age(text: str | None, line: str) -> int | None:
    text = (text or "").strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{1,3}(\.\d+)?", text, re.ASCII) or float(text) > OLDEST:
        raise InvalidInput(
            f"age in {line}", text, f"years from 0 to {OLDEST}, or nothing where it is unknown"
        )
    return round(float(text))


def _gender(text: str | None, line: str) -> str | None:
    text = (text or "").strip().lower()
    if text and text not in GENDERS:
        raise InvalidInput(f"gender in {line}", text, "male or female, or nothing where it is unknown")
    return GENDERS[text] if text else None
