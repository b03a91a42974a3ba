"""Who is on a picture, as its file name says; what a name does not say for certain is not guessed."""

from __future__ import annotations

import re
from pathlib import Path

OLDEST = 120  # years: what is accepted as a label
# One person each: `women` names a kind of picture, and the number beside it how many they are or which picture it is.
_WORDS = {
    "male": ("m", "male", "man", "boy"),
    "female": ("f", "w", "female", "woman", "girl"),
}
GENDERS = {word: gender for gender, words in _WORDS.items() for word in words}
_SEVERAL = frozenset(("men", "women", "boys", "girls", "males", "females"))
# The names of the data set UTKFace: age_gender_race_moment, where 0 is male and 1 female.
_UTKFACE = re.compile(r"([0-9]{1,3})_([01])_[0-4]_[0-9]{9,}")
# `facemon generate`: the seed behind the gender may have two digits too.
_OURS = re.compile(r"(?:[0-9]+-)?face-([1-9][0-9])-(female|male)-[0-9]+")

Person = tuple[int | None, str | None]


def read_name(name: str) -> Person | str:
    """Age in years, None where the name has no number, and gender; or the reason why the name is not certain.

    The gender is a word, or a single letter (m, f, w) beside a number. The age is a number of two digits beside it,
    if there is no other of two digits: that could be the age as well. Names of UTKFace and of `facemon generate` have
    their own order.
    """
    utkface = _UTKFACE.match(name)
    if utkface:
        return _utkface(int(utkface[1]), ("male", "female")[int(utkface[2])])
    stem = Path(name).stem.lower()
    ours = _OURS.fullmatch(stem)
    if ours:
        return int(ours[1]), ours[2]
    parts = re.findall(r"[a-z]+|[0-9]+", stem)
    places = [place for place in range(len(parts)) if _is_gender(parts, place)]
    gender = _gender(parts, places)
    return gender if gender not in ("male", "female") else _with_age(parts, places, gender)


def _utkface(age: int, gender: str) -> Person | str:
    return (age, gender) if age <= OLDEST else f"its name says an age of {age}: more than {OLDEST}"


def _is_gender(parts: list[str], place: int) -> bool:
    return parts[place] in GENDERS and (
        len(parts[place]) > 1 or any(part.isdecimal() for part in _beside(parts, place))
    )


def _beside(parts: list[str], place: int) -> list[str]:
    return parts[max(0, place - 1) : place] + parts[place + 1 : place + 2]


def _gender(parts: list[str], places: list[int]) -> str:
    """Male or female, or the reason why neither."""
    several = [part for part in parts if part in _SEVERAL]
    if several:
        return f"its name speaks of several people ({several[0]})"
    said = {GENDERS[parts[place]] for place in places}
    if not said:
        return "its name says no gender, such as 34-female.jpg or f_34.png"
    return said.pop() if len(said) == 1 else "its name says both genders"


def _with_age(parts: list[str], places: list[int], gender: str) -> Person | str:
    numbers = [part for part in parts if part.isdecimal()]
    if not numbers:
        return None, gender
    ages = [part for part in numbers if len(part) == 2]
    beside = {part for place in places for part in _beside(parts, place)}
    # Nobody writes an age with a nought before it: that is a day, a month, or the number of a picture.
    if len(ages) == 1 and ages[0] in beside and not ages[0].startswith("0"):
        return int(ages[0]), gender
    return (
        f"its name says no age for certain ({', '.join(numbers)}): give two digits beside the gender and no "
        "other number of two digits, such as 34-female.jpg"
    )
