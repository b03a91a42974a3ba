"""Who is on which picture, as its label says: a table beside the pictures, or their names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facemon.errors import InvalidInput

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
OLDEST = 120  # years: what is accepted as a label
_WORDS = {
    "male": ("m", "male", "man", "men", "boy"),
    "female": ("f", "w", "female", "woman", "women", "girl"),
}
_GENDERS = {word: gender for gender, words in _WORDS.items() for word in words}
# The names of the data set UTKFace: age_gender_race_moment, where 0 is male and 1 female.
_UTKFACE = re.compile(r"(\d{1,3})_([01])_[0-4]_\d{9,}")
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
        found = _from_name(path.name) if stated is None else stated.pop(name, "it is not in the table")
        if path.suffix.lower() not in SUFFIXES:
            found = f"it is no picture ({', '.join(SUFFIXES)})"
        if isinstance(found, str):
            skipped.append((name, found))
        else:
            pictures.append(Labelled(path, name, *found))
    skipped += [(name, "it is in the table, not in the folder") for name in stated or ()]
    return Labels(tuple(pictures), tuple(skipped))


Person = tuple[int | None, str | None]


def _files(folder: Path, table: Path | None) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in Path(name).parts)
        if path.is_file() and not hidden and (table is None or path.resolve() != table.resolve()):
            yield path, name


def _from_name(name: str) -> Person | str:
    """A gender as a word and, if there is one, the number before it, else the one after it, as the age.

    A single letter (m, f, w) counts beside a number only. Or the reason why the name says nothing certain.
    """
    utkface = _UTKFACE.match(name)
    if utkface:
        return _person(int(utkface[1]), ("male", "female")[int(utkface[2])])
    parts = re.findall(r"[a-z]+|\d+", Path(name).stem.lower())
    found = [place for place, part in enumerate(parts) if _is_gender(parts, place)]
    if not found:
        return "its name says no gender, such as 34-female.jpg or f_34.png"
    if len({_GENDERS[parts[place]] for place in found}) > 1:
        return "its name says both genders"
    place = found[0]
    numbers = [*parts[:place][::-1], *parts[place + 1 :]]
    ages = [int(part) for part in numbers if part.isdecimal()]
    return _person(ages[0] if ages else None, _GENDERS[parts[place]])


def _is_gender(parts: list[str], place: int) -> bool:
    beside = parts[max(0, place - 1) : place] + parts[place + 1 : place + 2]
    return parts[place] in _GENDERS and (len(parts[place]) > 1 or any(part.isdecimal() for part in beside))


def _person(age: int | None, gender: str) -> Person | str:
    if age is not None and age > OLDEST:
        return f"its name says an age of {age}: more than {OLDEST}"
    return age, gender


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
    if text and text not in _GENDERS:
        raise InvalidInput(f"gender in {line}", text, "male or female, or nothing where it is unknown")
    return _GENDERS[text] if text else None
