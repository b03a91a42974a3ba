"""Where the command line writes: results on stdout, everything said along the way on stderr."""

from __future__ import annotations

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

_WIDTH_OF_A_PIPE = 160  # a table that is read by a program or kept in a file is not cut to 80 columns


def out() -> Console:
    """Results."""
    return _console(stderr=False)


def err() -> Console:
    """Progress, and what is worth knowing on the way."""
    return _console(stderr=True)


def progress(what: str) -> Progress:
    """A bar on stderr; shows nothing where stderr is no terminal."""
    console = err()
    return Progress(
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    return (
        console
        if console.is_terminal
        else Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=_WIDTH_OF_A_PIPE)
    )
