"""Who is asked for: age and gender, read out of a prompt in plain English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

YOUNGEST, OLDEST = 18, 90

_AGE = re.compile(
    r"(?<![\d.])(?P<a>\d{1,3})(?:[\s-]*years?[\s-]*old|[\s-]*years?[\s-]of[\s-]age|[\s-]?y/?o\b)"
    r"|\b(?:aged|age(?:\s+of|:)?)\s*(?P<b>\d{1,3})(?!\d)",
    re.IGNORECASE,
)
_GENDERS = {
    "female": r"wom[ae]n|female|lady|girl|she|her",
    "male": r"m[ae]n|male|gentleman|guy|boy|he|his",
}
_GENDER = re.compile(
    r"\b(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _GENDERS.items()) + r")\b", re.IGNORECASE
)


@dataclass(frozen=True)
class Subject:
    """One person: `age` in years, 18..90, `gender` `male` or `female`."""

    age: int
    gender: str


def read_subject(prompt: str) -> Subject:
    """The first age and the first gender named. What a prompt leaves open follows from its hash, always the same."""
    digest = sha256(prompt.encode()).digest()
    age = _AGE.search(prompt)
    gender = _GENDER.search(prompt)
    years = int(age["a"] or age["b"]) if age else 20 + digest[0] % 51
    named = gender.lastgroup if gender else None
    return Subject(min(max(years, YOUNGEST), OLDEST), named or ("male", "female")[digest[1] % 2])
