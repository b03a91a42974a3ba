"""What became of each check of a run, for whoever reads the run afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PASSED, SKIPPED, UNKNOWN, FAILED = "passed", "skipped", "unknown", "failed"
_LONGEST = 300
_WORST_LAST = (SKIPPED, PASSED, UNKNOWN, FAILED)


@dataclass
class CheckOutcome:
    """outcome: the worst of its cases · cases: how many of them ended how · cause: of the first of the worst."""

    outcome: str = SKIPPED
    cause: str = ""
    cases: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: str, cause: str = "") -> None:
        """Take one case in."""
        first = not self.cases
        self.cases[outcome] = self.cases.get(outcome, 0) + 1
        if first or _WORST_LAST.index(outcome) > _WORST_LAST.index(self.outcome):
            self.outcome, self.cause = outcome, cause


def name_of(nodeid: str) -> str:
    """`check_availability.py::check_a_face_is_painted`: without folders and without parameters."""
    path, _, inner = nodeid.partition("::")
    return f"{path.rpartition('/')[2]}::{inner.partition('[')[0]}"


def said(report: Any) -> str:
    """Why a check failed, in its own words, in one line; as the terminal's summary has it, but without our secrets."""
    from facemon.config import known_secrets  # heavy: a session without facemon loads none of this
    from facemon.secret import redact

    crash = getattr(report.longrepr, "reprcrash", None)
    text = str(getattr(crash, "message", None) or report.longrepr or "")
    text = redact(text, known_secrets())  # before it is cut: half of an address is not recognised
    return next((line.strip() for line in text.splitlines() if line.strip()), "")[:_LONGEST]
