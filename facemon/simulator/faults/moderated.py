"""Moderation denies the request before anything is drawn. This is not a bad key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.mischief import RefusalFault
from facemon.simulator.problems import MODERATED, Problem


@dataclass(frozen=True)
class Moderated(RefusalFault):
    """403 content_moderation, not charged."""

    name: ClassVar[str] = "moderated"
    summary: ClassVar[str] = "403 content_moderation, not charged"
    problem: ClassVar[Problem] = MODERATED
