"""The vendor retired what is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.mischief import RefusalFault
from facemon.simulator.problems import NOT_FOUND, Problem


@dataclass(frozen=True)
class NotFound(RefusalFault):
    """404 not_found: the route or the engine was retired."""

    name: ClassVar[str] = "not_found"
    summary: ClassVar[str] = "404 not_found: the route or the engine was retired"
    problem: ClassVar[Problem] = NOT_FOUND
