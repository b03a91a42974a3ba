"""What is refused for the meaning of its prompt. The real rules are secret; these few catch the plain cases.

No prompt for a neutral portrait comes near them (STABILITY_API §6: no report of plain adult portraits being refused).
"""

from __future__ import annotations

import re
import unicodedata

from facemon.simulator.problems import INVALID_LANGUAGE, MODERATED, Problem

_FLAGGED = re.compile(r"\b(nude|naked|nsfw|porn\w*|gore|gory)\b", re.IGNORECASE)


def judge_prompt(prompt: str) -> Problem | None:
    """422 for a prompt written mostly in another script than Latin, 403 for a flagged word, else None."""
    letters = [letter for letter in prompt if letter.isalpha()]
    foreign = sum(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if foreign * 2 > len(letters):
        return INVALID_LANGUAGE
    return MODERATED if _FLAGGED.search(prompt) else None
