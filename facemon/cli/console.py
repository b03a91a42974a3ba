"""Where the command line writes: results on stdout, everything said along the way on stderr."""

from __future__ import annotations

import re
import sys
from typing import IO, Any, cast

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


def counted(number: int, noun: str) -> str:
    """`1 message`, `2 messages`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if console.is_terminal:
        return console
    file = cast("IO[str]", _Trimmed(sys.stderr if stderr else sys.stdout))
    return Console(file=file, highlight=False, markup=False, emoji=False, width=_WIDTH_OF_A_PIPE)


class _Trimmed:
    """A stream without the spaces with which a table fills its lines."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        self._stream.write(re.sub(r" +(?=\n|$)", "", text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
