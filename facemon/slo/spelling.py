"""What somebody may have meant who wrote a word that is none of ours."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# What others call it, where the spelling alone would lead to nothing, or to the wrong name.
OTHER_NAMES = {
    "latency": "response_time",
    "duration": "response_time",
    "availability": "success_rate",
    "uptime": "success_rate",
    "median": "p50",
    "average": "mean",
    "avg": "mean",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a sentence that refuses a word: the nearest known one as a question, else all of them."""
    names, spelt = list(known), word.lower()
    near = [OTHER_NAMES[spelt]] if OTHER_NAMES.get(spelt) in names else []
    near = near or difflib.get_close_matches(spelt[:100], names, 1, 0.5)
    return f"; did you mean {near[0]}?" if near else f": give {', '.join(names)}"
