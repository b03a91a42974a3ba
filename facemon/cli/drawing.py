"""`facemon simulate --prepare-only`: the portraits drawn now, so that nobody waits for them later."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import typer
from rich.progress import Progress

from facemon.cli.console import progress
from facemon.cli.trouble import CommandError, Exit
from facemon.simulator import SimulatorConfig, working_set

_SIZES = ("core", "ultra")  # the models of sd3 and v1 paint at ultra's size
_FORMATS = ("png", "jpeg", "webp")


class _Interrupted(Exception):
    """Ends the drawing from within, where it says how far it is."""


def run(config: SimulatorConfig, *, only: bool, all_models: bool) -> int:
    """Draw what is missing, and say how much that was. Raises CommandError."""
    if not only:
        raise CommandError(
            "--all-models belongs to --prepare-only", "facemon simulate --prepare-only --all-models"
        )
    with progress("drawing portraits") as bar:
        drawn, total = _drawn(config, all_models, bar)
    typer.echo(f"{drawn} portraits drawn, {total - drawn} were there already")
    return Exit.OK


def _drawn(config: SimulatorConfig, all_models: bool, bar: Progress) -> tuple[int, int]:
    """How many were drawn, and how many there are.

    They are drawn in a thread that Ctrl-C does not reach, nor the processes it starts: each would complain about it.
    """
    from facemon.simulator.studio import open_cache

    sizes, formats = (_SIZES, _FORMATS) if all_models else (("core",), ("png",))
    keys = [key for model in sizes for kind in formats for key in working_set(config, model, kind)]
    task = bar.add_task("portraits", total=None)
    stop = threading.Event()

    def tell(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)
        if stop.is_set():
            raise _Interrupted

    with ThreadPoolExecutor(1, initializer=_turn_deaf) as pool:
        drawing = pool.submit(lambda: open_cache(config.cache_folder).prepare(keys, progress=tell))
        try:
            return drawing.result(), len(keys)
        except KeyboardInterrupt:
            stop.set()
            raise CommandError("interrupted; what is drawn so far is kept", code=Exit.INTERRUPTED) from None


def _turn_deaf() -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
