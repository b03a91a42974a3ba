"""The hooks of a run with `--facemon-rate`: who starts when, progress while it runs, the section at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

import pytest

from facemon.load.meeting import Meeting
from facemon.load.plot import lines, progress
from facemon.load.result import LoadResult
from facemon.load.schedule import Schedule
from facemon.plugin.load_phase import meeting_of, send_all, send_share
from facemon.plugin.options import settings_of
from facemon.plugin.sharing import share_simulator
from facemon.plugin.state import SessionState, state_of

NAME = "facemon-load"
_LOOK_EVERY = 0.2  # seconds
_LINGER = 5.0  # seconds for what is under way when the run is interrupted
_DRAW_EVERY = 1.0  # seconds, on a terminal
_SAY_EVERY = 10.0  # seconds, where nobody watches


class Display:
    """One line of progress: redrawn on a terminal, a new one every 10 s elsewhere."""

    def __init__(self, config: pytest.Config) -> None:
        self._reporter: Any = config.pluginmanager.getplugin("terminalreporter")
        self._said = time.monotonic()
        self._every = _DRAW_EVERY if self._reporter is not None and self._reporter.isatty else _SAY_EVERY

    def show(self, result: Callable[[], LoadResult], elapsed: float) -> None:
        """Draw it, if it is time."""
        if self._reporter is None or elapsed < 0 or time.monotonic() - self._said < self._every:
            return
        self._said = time.monotonic()
        line = progress(result(), elapsed)
        if self._reporter.isatty:
            width = self._reporter._tw.fullwidth - 1
            self._reporter.rewrite(line[:width], erase=True)
        else:
            self._reporter.write_line(line)

    def clear(self) -> None:
        """Take it away."""
        if self._reporter is not None and self._reporter.isatty:
            self._reporter.rewrite("", erase=True)


class Loading:
    """A plugin of pytest's, registered in each process of a run with a schedule."""

    def __init__(self, state: SessionState, schedule: Schedule) -> None:
        self.schedule, self._state = schedule, state
        self._workers: set[str] = set()
        self._collected: set[str] = set()
        self._conductor: threading.Thread | None = None
        self._over = threading.Event()

    # --- the controller ---

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Expect a worker."""
        self._workers.add(node.gateway.id)
        if self._conductor is None:
            meeting = meeting_of(
                self._state
            )  # not in the thread: two at once would make two runs of this one
            self._conductor = threading.Thread(target=self._conduct, args=(meeting,), name=NAME, daemon=True)
            self._conductor.start()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any) -> None:
        """A worker knows its checks; it opens what it needs now, and says when it is ready."""
        self._collected.add(node.gateway.id)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Nobody waits for a worker that is gone."""
        name = node.gateway.id
        meeting_of(self._state).lost(name)
        self._workers.discard(name)

    def _conduct(self, meeting: Meeting) -> None:
        """Name the starting instant once every worker is ready, then show how far they are."""
        display, start = Display(self._state.config), None
        while not self._over.wait(_LOOK_EVERY):
            workers = self._workers - meeting.lost_names()
            if start is None:
                ready = self._collected & meeting.ready_names()
                start = meeting.announce(workers) if workers and workers <= ready else None
            else:
                display.show(lambda: meeting.result(self.schedule), time.time() - start.at)
                if meeting.over():
                    break
        display.clear()

    # --- every process ---

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Send before the first check; innermost, so that the run is judged with the result at hand."""
        controls = self._conductor is not None
        if not controls and session.items and not session.testsfailed and not self._state.refused:
            self._send()
        try:
            return (yield)
        except KeyboardInterrupt:
            if self._conductor is not None:
                # xdist leaves its workers where they are: what they still send must be in the verdict.
                meeting_of(self._state).stop(patience=_LINGER)
            raise
        finally:
            self._over.set()
            if self._conductor is not None:
                self._conductor.join()
                result = meeting_of(self._state).result(self.schedule)
                if result.tallies or result.missing:
                    self._keep(result)

    def _send(self) -> None:
        state = self._state
        settings = settings_of(state.config)
        name = getattr(state.config, "workerinput", {}).get("workerid", "")
        try:
            if state.is_worker:
                state.load = send_share(state, settings, self.schedule, name)
                return
            if settings.target == "sim":
                share_simulator(state, settings)
            display = Display(state.config)
            result = send_all(state, settings, self.schedule, display.show)
            display.clear()
            self._keep(result)
        except KeyboardInterrupt:  # what was seen until then is shown
            self._keep(meeting_of(state).result(self.schedule))
            raise
        except pytest.UsageError as error:
            if not state.is_worker:
                raise
            state.refused = str(error)
        except Exception as error:
            state.trouble = f"the load phase broke off: {error}"
        if state.is_worker:
            meeting_of(state).lost(name)

    def _keep(self, result: LoadResult) -> None:
        self._state.load = result
        self._state.used = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """A section of its own, before the verdict."""
        if self._state.load is None or self._state.is_worker:
            return
        terminalreporter.ensure_newline()
        terminalreporter.section("facemon load")
        for text, colour in lines(self._state.load):
            terminalreporter.write_line(text, **({colour: True} if colour else {}))

    def pytest_unconfigure(self) -> None:
        """Leave no files behind."""
        self._over.set()
        if not self._state.is_worker and self._state.context is not None:
            with suppress(OSError):
                meeting_of(self._state).close()


def loading_of(config: pytest.Config) -> Loading | None:
    """The run's load phase, if one was asked for."""
    found: Loading | None = config.pluginmanager.get_plugin(NAME)
    return found


def register(config: pytest.Config, schedule: Schedule) -> None:
    """Ask for a load phase."""
    config.pluginmanager.register(Loading(state_of(config), schedule), NAME)
