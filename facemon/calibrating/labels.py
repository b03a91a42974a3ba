"""Who is on which picture, as its label says: a table beside the pictures, or their names."""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from facemon.calibrating.folder import walk
from facemon.calibrating.names import GENDERS, OLDEST, Person, read_name
from facemon.calibrating.words import in_words
from facemon.errors import InvalidInput

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_COLUMNS = ("file", "age", "gender")


Line = tuple[int, Person]  # of a table: its number, from 1 on, and what it says


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture and what is said of it; name: its path in the folder · age, in years, or gender may be unknown.

    With neither (a line of a table may leave both empty) it still counts where no label is needed: in how many
    pictures a face was found, and in the spread of the scores.
    """

    path: Path
    name: str
    age: int | None
    gender: str | None


@dataclass(frozen=True, slots=True)
class Labels:
    """pictures: those that can be used, sorted by name · skipped: (name, reason) of every other file, link and folder.

    First stand the lines of the table that name no picture: they are the likeliest to be a mistake.
    """

    pictures: tuple[Labelled, ...]
    skipped: tuple[tuple[str, str], ...]


def read_labels(folder: Path, table: Path | None = None) -> Labels:
    """The labels of a folder's pictures and those of its subfolders: from a table (CSV), else from their names.

    Raises InvalidInput for a folder or a table that cannot be read, and for a wrong line, which it names.
    """
    entries = {name: why for name, why in walk(folder) if not _is_same(folder / name, table)}
    stated = None if table is None else _read_table(table)
    lost = [] if table is None else _lost(stated or {}, entries, table.name)
    pictures, skipped = [], []
    for name, why in entries.items():
        found = why or _who(name, stated, table)
        if isinstance(found, str):
            skipped.append((name, found))
        else:
            pictures.append(Labelled(folder / name, name, *found))
    return Labels(tuple(pictures), (*lost, *skipped))


def _is_same(path: Path, table: Path | None) -> bool:
    return table is not None and path.name == table.name and path.resolve() == table.resolve()


def _who(name: str, stated: dict[str, Line] | None, table: Path | None) -> Person | str:
    """Age and gender of a file that can be opened, or why they are not known."""
    if Path(name).suffix.lower() not in SUFFIXES:
        return f"it is no picture ({', '.join(SUFFIXES)})"
    if stated is None or table is None:
        return read_name(Path(name).name)
    return stated[name][1] if name in stated else f"no line of {table.name} names it"


def _lost(stated: dict[str, Line], entries: Container[str], table: str) -> list[tuple[str, str]]:
    return [
        (name, f"line {line} of {table} names it, but it is not among the files of the folder")
        for name, (line, _) in stated.items()
        if name not in entries
    ]


def _read_table(table: Path) -> dict[str, Line]:
    try:
        return dict(_rows(table.read_text("utf-8-sig"), table.name))
    except InvalidInput:
        raise
    except csv.Error:
        reason = f"a field of it has more than {csv.field_size_limit()} characters"
    except (OSError, ValueError) as error:
        reason = in_words(error)
    raise InvalidInput("labels", str(table), f"a CSV file that can be read ({reason})")


def _rows(text: str, table: str) -> Iterator[tuple[str, Line]]:
    """File name → line and person, line by line."""
    head, *lines = text.splitlines() or [""]
    separator = ";" if ";" in head else ","
    columns = [column.strip().lower() for column in head.split(separator)]
    if not set(_COLUMNS) <= set(columns):
        raise InvalidInput(f"first line of {table}", head, "the columns file,age,gender")
    rows, seen = csv.DictReader(lines, columns, delimiter=separator), set()
    for row in rows:
        number = rows.line_num + 1
        line = f"{table}, line {number}"
        name = Path((row["file"] or "").strip()).as_posix()
        if name == "." or name in seen:
            raise InvalidInput(f"file in {line}", row["file"], "the name of a picture, each one once")
        seen.add(name)
        yield name, (number, (_age(row["age"], line), _gender(row["gender"], line)))


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
