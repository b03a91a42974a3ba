"""`python -m facemon.simulator --config JSON`: one server, its news as JSON lines on stdout.

`--config -` reads the JSON from the first line of stdin, which keeps the key out of the list of processes. The server
ends on SIGTERM and SIGINT, and when a stdin that is a pipe closes: a killed parent leaves no orphan behind.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import signal
import stat
import sys
import threading

from facemon.simulator.config import SimulatorConfig
from facemon.simulator.server import serve


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop. 0 after a stop, 2 for a bad configuration, 1 when the port cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m facemon.simulator")
    parser.add_argument(
        "--config", default="{}", metavar="JSON", help="settings; - reads them from stdin's first line"
    )
    text = parser.parse_args(arguments).config
    try:
        config = SimulatorConfig.from_json(sys.stdin.readline() if text == "-" else text)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    try:
        asyncio.run(_run(config))
    except OSError as error:
        sys.stderr.write(f"{error.strerror or error}\n")
        return 1
    return 0


async def _run(config: SimulatorConfig) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if _is_pipe(sys.stdin.fileno()):
        threading.Thread(target=_watch_stdin, args=(loop, stop), daemon=True).start()
    ready = asyncio.Event()
    serving = asyncio.create_task(_serve(config, ready, stop))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    # Preparing happens in a thread that cannot be interrupted: if that is where we are, leave without it.
    stopping.cancel()
    if not serving.done() and not ready.is_set():
        _leave()
    await serving


async def _serve(config: SimulatorConfig, ready: asyncio.Event, stop: asyncio.Event) -> None:
    async with serve(
        config, on_progress=lambda done, total: _say(event="preparing", done=done, total=total)
    ) as server:
        ready.set()
        _say(event="ready", url=server.url, control=server.control_url)
        await stop.wait()
        never = server.simulator.plan.never_fired
    _say(event="stopped", never_fired=never)


def _say(**event: object) -> None:
    """One line of news. A parent that is gone does not want it any more."""
    try:
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()
    except (BrokenPipeError, ValueError):
        _leave()


def _is_pipe(descriptor: int) -> bool:
    """Only a pipe (or a socket) has somebody at its other end; a terminal or /dev/null does not end us."""
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while sys.stdin.readline():
        pass
    loop.call_soon_threadsafe(stop.set)


def _leave() -> None:
    """Go at once, and take the processes that draw along."""
    for child in multiprocessing.active_children():
        child.terminate()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
