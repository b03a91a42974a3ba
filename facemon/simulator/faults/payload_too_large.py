"""A small request is told that it is too large."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.mischief import RefusalFault
from facemon.simulator.problems import PAYLOAD_TOO_LARGE, Problem


@dataclass(frozen=True)
class PayloadTooLarge(RefusalFault):
    """413 payload_too_large."""

    name: ClassVar[str] = "payload_too_large"
    summary: ClassVar[str] = "413 payload_too_large"
    problem: ClassVar[Problem] = PAYLOAD_TOO_LARGE
