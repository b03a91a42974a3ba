"""A simulator in a process of its own, started and stopped from ordinary, synchronous code."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

from facemon.simulator.config import SimulatorConfig

_TAIL = 2000  # characters of the child's stderr that an error carries
_PATIENCE = 5.0  # seconds between asking it to stop and killing it


class SimulatorError(RuntimeError):
    """The simulator's process did not start, or is gone."""


class SimulatorProcess:
    """`with SimulatorProcess(config) as simulator:` starts one and waits until it is ready.

    `on_progress(done, total)` hears how many portraits are drawn; `silence` is how many seconds the child may say
    nothing before it is given up. Raises SimulatorError with the end of the child's stderr.
    """

    def __init__(
        self,
        config: SimulatorConfig,
        on_progress: Callable[[int, int], None] | None = None,
        silence: float = 120.0,
    ) -> None:
        self.config = config
        self.url = ""
        self.control_url = ""
        self.never_fired: list[str] = []
        self._on_progress = on_progress
        self._silence = silence
        self._child: subprocess.Popen[str] | None = None
        self._errors: IO[bytes] | None = None
        self._listener: threading.Thread | None = None
        self._news: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def start(self) -> Self:
        """Start it and wait until it is ready."""
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by stop)
        self._child = subprocess.Popen(
            # -P: a file random.py in the caller's folder must not become the child's standard library.
            [sys.executable, "-P", "-m", "facemon.simulator", "--config", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            # A Ctrl-C in the terminal is for the parent, which then stops us in its own time.
            start_new_session=True,
        )
        self._listener = threading.Thread(target=self._listen, args=(self._child,), daemon=True)
        self._listener.start()
        try:
            self._configure(self._child)
            self._await_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def _configure(self, child: subprocess.Popen[str]) -> None:
        assert child.stdin is not None
        try:
            child.stdin.write(self.config.to_json() + "\n")
            child.stdin.flush()
        except BrokenPipeError:
            raise SimulatorError(f"the simulator did not start: {self._tail()}") from None

    def _await_ready(self) -> None:
        while True:
            try:
                event = self._news.get(timeout=self._silence)
            except queue.Empty:
                raise SimulatorError(
                    f"the simulator said nothing for {self._silence:g} s: {self._tail()}"
                ) from None
            if event is None:
                raise SimulatorError(f"the simulator did not start: {self._tail()}")
            if event["event"] == "ready":
                self.url, self.control_url = event["url"], event["control"]
                return
            if event["event"] == "preparing" and self._on_progress is not None:
                self._on_progress(event["done"], event["total"])

    def _listen(self, child: subprocess.Popen[str]) -> None:
        """Read the child's news as long as it lives; the last one is None."""
        assert child.stdout is not None
        for line in child.stdout:
            event = json.loads(line)
            if event["event"] == "stopped":
                self.never_fired = event["never_fired"]
            self._news.put(event)
        self._news.put(None)

    def _tail(self) -> str:
        if self._child is not None:
            try:
                self._child.wait(timeout=1)
            except subprocess.TimeoutExpired:
                return "it still runs, and has written no error"
        assert self._errors is not None
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-_TAIL:].strip() or "it wrote no error"

    def state(self) -> dict[str, Any]:
        """What the control door says; see `Simulator.state`. Raises SimulatorError when nobody answers."""
        # The control door is on the loopback: a proxy from the environment has no part in it.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(f"{self.control_url}/state", timeout=10) as reply:
                state: dict[str, Any] = json.load(reply)
                return state
        except (OSError, ValueError) as error:
            raise SimulatorError(f"the simulator's control door does not answer: {error}") from None

    def stop(self) -> None:
        """End it; asking twice does no harm. Afterwards `never_fired` says which declared faults never struck."""
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        assert child.stdout is not None
        with suppress(BrokenPipeError):
            child.stdin.close()
        try:
            child.wait(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)  # the processes that draw for it are of its group
            child.wait()
        if self._listener is not None:
            self._listener.join(_PATIENCE)  # it reads the last words
        child.stdout.close()
        if self._errors is not None:
            self._errors.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
