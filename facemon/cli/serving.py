"""A simulator in the foreground, from its options to what it says at its end."""

from __future__ import annotations

import shlex
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import typer

from facemon.cli.console import err, progress
from facemon.cli.trouble import CommandError, Exit
from facemon.cli.values import number_or_text, real
from facemon.config import KEY_VARIABLE
from facemon.errors import ConfigError, InvalidInput
from facemon.simulator import RateLimit, SimulatorConfig, SimulatorProcess
from facemon.simulator.process import SimulatorError
from facemon.simulator.readings import READINGS

_PULSE = 2.0  # seconds between looking whether the server still lives


def list_readings() -> int:
    """Print every reading: its name, and what it says. Made for people and for `cut -d' ' -f1`."""
    width = max(map(len, READINGS))
    for name, meaning in sorted(READINGS.items()):
        typer.echo(f"{name:<{width}}  {meaning}")
    return Exit.OK


def latency(scale: str | None, realtime: bool) -> float:
    """The factor on waiting times. Raises CommandError or InvalidInput."""
    if realtime and scale is not None:
        raise CommandError(
            f"--latency-scale {scale} and --realtime contradict each other", "give one of them"
        )
    if realtime:
        return 1.0
    return (
        SimulatorConfig.latency_scale
        if scale is None
        else real("latency_scale", scale, "a factor from 0 to 100")
    )


def configured(
    *,
    port: str,
    key: str | None,
    balance: str,
    latency: float,
    faults: list[str] | None,
    readings: list[str] | None,
    rate_limit: bool,
    seed: str,
    pool: str,
    cache: str | None,
    prepare: bool,
) -> SimulatorConfig:
    """The simulator's settings. Raises ConfigError in its own words, or InvalidInput."""
    try:
        return SimulatorConfig(
            port=number_or_text(port),
            key=SimulatorConfig.key if key is None else key,
            balance=real("balance", balance, "a number of credits from 0"),
            latency_scale=latency,
            faults=tuple(faults or ()),
            readings=tuple(readings or ()),
            rate_limit=RateLimit() if rate_limit else None,
            seed=number_or_text(seed),
            pool=number_or_text(pool),
            cache_folder=_folder(cache),
            prepare=prepare,
        )
    except InvalidInput:
        raise
    except ValueError as error:
        raise ConfigError(str(error)) from None


def _folder(cache: str | None) -> str | None:
    if cache is None:
        return None
    folder = Path(cache)
    if not cache or (folder.exists() and not folder.is_dir()) or not folder.absolute().parent.is_dir():
        raise InvalidInput("cache", cache, "a folder that exists, or a new one in a folder that exists")
    return cache


def run(config: SimulatorConfig, *, key_is_ours: bool) -> int:
    """Serve until Ctrl-C or SIGTERM. Raises CommandError when it cannot start or dies."""
    process = start(config)
    try:
        with _listening_for_the_end() as told:
            _welcome(process, config.key if key_is_ours else None)
            while not told.wait(_PULSE):
                process.state()  # raises when the server is gone
            state = process.state()
    except SimulatorError as error:
        raise CommandError(str(error), code=Exit.UNKNOWN) from None
    finally:
        process.stop()
    _farewell(state)
    return Exit.OK


def start(config: SimulatorConfig) -> SimulatorProcess:
    """Start it, with a bar while portraits are drawn. Raises CommandError."""
    try:
        with progress("drawing portraits") as bar:
            task = bar.add_task("portraits", total=None)
            return SimulatorProcess(
                config, lambda done, total: bar.update(task, completed=done, total=total)
            ).start()
    except SimulatorError as error:
        text = str(error)
        if "cannot listen" in text:
            reason = text.rpartition("cannot listen")[2]
            raise CommandError(
                f"cannot listen{reason}", "give another --port, or --port 0 for any free one"
            ) from None
        raise CommandError(text, code=Exit.UNKNOWN) from None


def _welcome(process: SimulatorProcess, key: str | None) -> None:
    shown = "…   (the key you gave)" if key is None else shlex.quote(key)
    typer.echo(f"url      {process.url}")
    typer.echo(f"control  {process.control_url}/state")
    typer.echo(f"\n  export {KEY_VARIABLE}={shown}")
    typer.echo(
        f'  curl -sS -H "authorization: Bearer ${KEY_VARIABLE}" -H "accept: image/*" -F prompt="a 30-year-old woman" '
        f"-o face.png {process.url}/v2beta/stable-image/generate/core"
    )
    typer.echo(f"  facemon check --target {process.url}\n")
    err().print("serving; Ctrl-C ends it", style="dim")


@contextmanager
def _listening_for_the_end() -> Iterator[threading.Event]:
    """Set by SIGINT and SIGTERM, from before the first line is shown: who reads it may already press Ctrl-C."""
    told = threading.Event()

    def tell(_number: int, _frame: FrameType | None) -> None:
        told.set()

    before = {number: signal.signal(number, tell) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _farewell(state: dict[str, Any]) -> None:
    """What was served, what it cost, and what the faults did."""
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(state["statuses"].items()))
    typer.echo(
        f"\nserved   {state['requests']} requests, {state['generations']} generations ({statuses or 'none'})"
    )
    typer.echo(
        f"charged  {state['charged']:g} credits in {state['charge_count']} charges; {state['balance']:g} are left"
    )
    for spec, count in state["fired"].items():
        typer.echo(f"fault    {spec} {f'fired {count} times' if count else 'never fired'}")
