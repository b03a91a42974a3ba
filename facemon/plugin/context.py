"""What the processes of one run share. Light: a controller of plain tests pays for it too."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from facemon.clock import SystemClock


@dataclass(frozen=True, slots=True)
class RunContext:
    """What the controller tells its workers. The simulator's key opens nothing but that simulator.

    shared: whether the processes share one simulator; otherwise each process that needs one starts its own.
    """

    run_id: str
    ledger_path: str
    simulator_url: str | None = None
    control_url: str | None = None
    simulator_key: str | None = field(default=None, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """As xdist's `workerinput` carries it."""
        return asdict(self)


def new_context() -> RunContext:
    """Names for a run; opens nothing."""
    from facemon.store.identity import new_id

    run_id = new_id(SystemClock().now())
    return RunContext(run_id, str(Path(tempfile.gettempdir()) / f"facemon-{run_id}.ledger"))
