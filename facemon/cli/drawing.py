"""`facemon simulate --prepare-only`: the portraits drawn now, so that nobody waits for them later."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import typer

from facemon.cli.console import progress
from facemon.cli.trouble import CommandError, Exit
from facemon.simulator import SimulatorConfig, working_set

_SIZES = ("core", "ultra")  # the models of sd3 and v1 paint at ultra's size
_FORMATS = ("png", "jpeg", "webp")


def run(config: SimulatorConfig, *, only: bool, all_models: bool) -> int:
    """Draw what is missing, and say how much that was. Raises CommandError."""
    if not only:
        raise CommandError(
            "--all-models belongs to --prepare-only", "facemon simulate --prepare-only --all-models"
        )
    sizes, formats = (_SIZES, _FORMATS) if all_models else (("core",), ("png",))
    keys = [key for model in sizes for kind in formats for key in working_set(config, model, kind)]

    with progress("drawing portraits") as bar:
        task = bar.add_task("portraits", total=None)

        def draw() -> int:
            # Late: it brings numpy along.
            from facemon.simulator.studio import open_cache

            return open_cache(config.cache_folder).prepare(
                keys, progress=lambda done, total: bar.update(task, completed=done, total=total)
            )

        drawn = _out_of_reach(draw)
    typer.echo(f"{drawn} portraits drawn, {len(keys) - drawn} were there already")
    return Exit.OK


def _out_of_reach(work: Callable[[], int]) -> int:
    """Do it in a thread that Ctrl-C does not reach, nor the processes it starts, which would each complain about it.

    A Ctrl-C here ends them all at once; what is drawn so far is kept.
    """
    with ThreadPoolExecutor(1, initializer=_turn_deaf) as pool:
        doing = pool.submit(work)
        try:
            return doing.result()
        except KeyboardInterrupt:
            for child in multiprocessing.active_children():
                child.terminate()
            typer.echo("error: interrupted; what is drawn so far is kept", err=True)
            os._exit(Exit.INTERRUPTED)


def _turn_deaf() -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
