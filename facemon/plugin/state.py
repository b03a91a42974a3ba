"""What the plugin remembers of a session, under one stash key."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from facemon.plugin.outcomes import CheckOutcome, name_of

if TYPE_CHECKING:
    from facemon.load.result import LoadResult
    from facemon.plugin.context import RunContext
    from facemon.plugin.enough import Enough
    from facemon.plugin.promised import Promised
    from facemon.plugin.verdict import RunVerdict

WORKER_INPUT = "facemon_context"
WORKER_OUTPUT = "facemon_report"
_TOLD = ("used", "samples", "refused", "trouble", "simulator", "diversity", "marked")


@dataclass
class Counts:
    """Outcomes of the checks that use facemon, and failures of the tests that do not."""

    passed: int = 0
    failed: list[str] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    checks: dict[str, CheckOutcome] = field(default_factory=dict)
    others_failed: int = 0
    reported: int = 0  # failures of which the scorekeeper heard, of whatever kind

    @property
    def gave_up(self) -> bool:
        """Whether checks were not tried, because too much had failed before."""
        return any("not tried: " in reason for reason in self.skipped)

    def ended(self, nodeid: str, outcome: str, cause: str = "") -> None:
        """Keep what became of one case of a check."""
        self.checks.setdefault(name_of(nodeid), CheckOutcome()).add(outcome, cause)


@dataclass
class SessionState:
    """used: some test takes a fixture of ours · samples: some test measures the sample · dead: workers that died ·
    promised: the run's objectives, once they were read · marked: those of selected checks, in words, by the check's
    name · diversity: score and number of portraits of each set that was compared · enough: in a sequential run, what
    knows when no more samples are needed.
    """

    config: pytest.Config
    used: bool = False
    samples: bool = False
    counts: Counts = field(default_factory=Counts)
    dead: list[str] = field(default_factory=list)
    simulator: list[dict[str, Any]] = field(default_factory=list)
    stop: Callable[[], dict[str, Any]] | None = None
    verdict: RunVerdict | None = None
    trouble: str | None = None
    refused: str | None = None
    load: LoadResult | None = None
    promised: Promised | None = None
    marked: dict[str, list[str]] = field(default_factory=dict)
    diversity: list[tuple[float, int]] = field(default_factory=list)
    enough: Enough | None = None
    interrupted: bool = False
    section: tuple[tuple[str, str | None], ...] = ()
    _context: RunContext | None = None

    @property
    def is_worker(self) -> bool:
        """Whether this process is one of xdist's workers."""
        return hasattr(self.config, "workerinput")

    def refuse(self, message: str) -> NoReturn:
        """Stop for a usage error. A worker cannot end the run: it tells the controller at its end."""
        if self.is_worker:
            self.refused = message
            pytest.skip(message)
        pytest.exit(f"ERROR: {message}", returncode=pytest.ExitCode.USAGE_ERROR)

    def shared_context(self) -> RunContext:
        """The run's context: the controller's, or a new one in a run without workers."""
        if self._context is None:
            from facemon.plugin.context import RunContext, new_context

            given = getattr(self.config, "workerinput", {}).get(WORKER_INPUT)
            self._context = RunContext(**json.loads(given)) if given else new_context()
        return self._context

    def set_context(self, context: RunContext) -> None:
        """Make this the run's context."""
        self._context = context

    @property
    def context(self) -> RunContext | None:
        """The context, if anything asked for one."""
        return self._context

    def remember(self, simulator: dict[str, Any]) -> None:
        """Keep what a simulator counted before it goes."""
        if simulator:
            self.simulator.append(simulator)

    def report(self) -> str:
        """What a worker tells the controller at its end, as JSON."""
        return json.dumps({name: getattr(self, name) for name in _TOLD})

    def hear(self, report: str) -> None:
        """Take in what a worker tells."""
        told = json.loads(report)
        self.used = self.used or told["used"]
        self.samples = self.samples or told["samples"]
        self.refused = self.refused or told["refused"]
        self.trouble = self.trouble or told["trouble"]
        self.simulator += told["simulator"]
        self.diversity += map(tuple, told["diversity"])
        self.marked |= told["marked"]

    def progress(self, done: int, total: int) -> None:
        """Show how far the simulator's portraits are; says nothing in a worker or without a terminal reporter."""
        reporter = self.config.pluginmanager.getplugin("terminalreporter")
        if reporter is None or self.is_worker or not total:
            return
        if reporter.isatty:
            reporter.rewrite(f"facemon: drawing portraits for the simulator {done}/{total}", erase=True)
            if done == total:
                reporter.rewrite("", erase=True)
        elif done == total:
            reporter.write_line(f"facemon: {total} portraits drawn for the simulator (kept for the next run)")


KEY = pytest.StashKey[SessionState]()


def state_of(config: pytest.Config) -> SessionState:
    """The session's state."""
    if KEY not in config.stash:
        config.stash[KEY] = SessionState(config)
    return config.stash[KEY]
