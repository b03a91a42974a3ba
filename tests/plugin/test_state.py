"""What a session remembers, and how it shows its progress."""

from __future__ import annotations

import json
from typing import Any

import pytest

from facemon.plugin.run import RunContext
from facemon.plugin.state import KEY, WORKER_INPUT, SessionState, state_of


class Terminal:
    """A terminal reporter that remembers."""

    def __init__(self, isatty: bool) -> None:
        self.isatty = isatty
        self.lines: list[str] = []
        self.rewritten: list[str] = []

    def write_line(self, text: str) -> None:
        """A line that stays."""
        self.lines.append(text)

    def rewrite(self, text: str, **_: Any) -> None:
        """A line in place of the last."""
        self.rewritten.append(text)


class Config:
    """As much of pytest's config as the state asks for."""

    def __init__(self, terminal: Terminal | None = None, **workerinput: str) -> None:
        self.stash = pytest.Stash()
        self.pluginmanager = self
        self._terminal = terminal
        if workerinput:
            self.workerinput = workerinput

    def getplugin(self, name: str) -> Terminal | None:
        """The terminal reporter."""
        return self._terminal if name == "terminalreporter" else None


def state(terminal: Terminal | None = None, **workerinput: str) -> SessionState:
    """A session's state."""
    config: Any = Config(terminal, **workerinput)
    return state_of(config)


def test_a_session_has_one_state_under_one_key() -> None:
    """Asking twice gives the same; it stands under our own stash key and nowhere else on the config."""
    config: Any = Config()
    before = set(vars(config))
    assert state_of(config) is state_of(config)
    assert config.stash[KEY] is state_of(config)
    assert set(vars(config)) == before


def test_a_worker_takes_the_controllers_context() -> None:
    """What the controller sent is what the worker uses: one run id, one ledger, one simulator."""
    sent = RunContext("run", "/tmp/x.ledger", "http://127.0.0.1:1", "http://127.0.0.1:2", "sk-key")
    worker = state(**{WORKER_INPUT: json.dumps(sent.to_dict())})
    assert worker.is_worker
    assert worker.context is None
    assert worker.shared_context() == sent


def test_a_run_without_workers_makes_its_context_once() -> None:
    """A run has one id, however often it is asked."""
    alone = state()
    assert not alone.is_worker
    assert alone.shared_context() is alone.shared_context()


def test_progress_on_a_terminal_is_one_line_that_goes() -> None:
    """It is rewritten in place, with both numbers, and wiped at the end."""
    terminal = Terminal(isatty=True)
    showing = state(terminal)
    showing.progress(1, 3)
    showing.progress(3, 3)
    assert "1/3" in terminal.rewritten[0]
    assert terminal.rewritten[-1] == ""
    assert terminal.lines == []


def test_progress_in_a_log_is_one_line() -> None:
    """Without a terminal: nothing but what was done."""
    terminal = Terminal(isatty=False)
    showing = state(terminal)
    for done in (1, 2, 3):
        showing.progress(done, 3)
    assert len(terminal.lines) == 1
    assert "3 portraits" in terminal.lines[0]


def test_no_portraits_drawn_is_not_worth_a_line() -> None:
    """A warm simulator drew nothing: a log need not hear of it."""
    terminal = Terminal(isatty=False)
    state(terminal).progress(0, 0)
    assert terminal.lines == []


def test_a_worker_and_a_run_without_a_terminal_show_nothing() -> None:
    """No reporter, no progress, and no error."""
    terminal = Terminal(isatty=False)
    state(terminal, **{WORKER_INPUT: "{}"}).progress(1, 1)
    state(None).progress(1, 1)
    assert terminal.lines == []


def test_only_what_a_simulator_said_is_remembered() -> None:
    """A server that is not ours says nothing, and nothing is kept of it."""
    asked = state()
    asked.remember({})
    asked.remember({"charged": 3.0})
    assert asked.simulator == [{"charged": 3.0}]


def test_the_controller_hears_what_a_worker_knows() -> None:
    """Its checks' objectives, the sets it compared, what its simulator counted; what one saw, all saw."""
    worker, controller = state(**{WORKER_INPUT: "{}"}), state()
    worker.used = worker.samples = True
    worker.marked = {"check_it.py::check_it": ["success_rate >= 95%"]}
    worker.diversity, worker.simulator = [(99.5, 8)], [{"charged": 3.0}]
    controller.hear(worker.report())
    controller.hear(state(**{WORKER_INPUT: "{}"}).report())
    assert (controller.used, controller.samples, controller.trouble) == (True, True, None)
    assert controller.marked == worker.marked
    assert (controller.diversity, controller.simulator) == ([(99.5, 8)], [{"charged": 3.0}])


def test_the_first_refusal_and_the_first_trouble_are_kept() -> None:
    """Workers say the same thing each: it is said once."""
    controller = state()
    for name in ("first", "second"):
        worker = state(**{WORKER_INPUT: "{}"})
        worker.refused = worker.trouble = name
        controller.hear(worker.report())
    assert (controller.refused, controller.trouble) == ("first", "first")
