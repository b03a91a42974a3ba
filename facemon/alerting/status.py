"""What the rules say of a component: what they hand to those who decide what becomes of its incident."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from facemon.incident import Evidence
from facemon.model import State


@dataclass(frozen=True, slots=True)
class Over:
    """When a failure that nobody had looked at before it ended began and ended."""

    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """state: up where nothing fires · recovered: it has shown that it is well, so that an open incident may close ·
    urgent: somebody should be woken · since: of the first failure · blind: of the monitor, that nothing at all can be
    seen now · over: it broke and recovered since the last look; state, cause and evidence
    are those of that time.
    """

    component: str
    state: State
    cause: str = ""
    urgent: bool = False
    recovered: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    since: datetime | None = None
    blind: bool = False
    over: Over | None = None
