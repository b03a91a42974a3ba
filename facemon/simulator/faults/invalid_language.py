"""An English prompt is taken for another language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.mischief import RefusalFault
from facemon.simulator.problems import INVALID_LANGUAGE, Problem


@dataclass(frozen=True)
class InvalidLanguage(RefusalFault):
    """422 invalid_language."""

    name: ClassVar[str] = "invalid_language"
    summary: ClassVar[str] = "422 invalid_language"
    problem: ClassVar[Problem] = INVALID_LANGUAGE
