"""The service fails, and says so in its documented way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.mischief import RefusalFault
from facemon.simulator.problems import INTERNAL_ERROR, Problem


@dataclass(frozen=True)
class InternalError(RefusalFault):
    """500 internal_error in the API's own JSON."""

    name: ClassVar[str] = "internal_error"
    summary: ClassVar[str] = "500 internal_error in the API's own JSON"
    problem: ClassVar[Problem] = INTERNAL_ERROR
