"""Tells whoever reads this program's own output."""

from __future__ import annotations

import io
import re
import sys
from typing import IO

import rich.console
from rich.text import Text

from facemon.alerting.channels.base import Channel, ChannelConfig
from facemon.alerting.options import Options
from facemon.alerting.story import moment
from facemon.alerting.words import text, title
from facemon.clock import Clock
from facemon.errors import DeliveryFailed
from facemon.incident import Notice
from facemon.model import State

_STYLE = {
    State.DOWN: "bold red",
    State.DEGRADED: "bold yellow",
    State.UNKNOWN: "bold",
    State.UP: "bold green",
}


class Console(Channel):
    """One line for each event, or a block with all that is known of it.

    Options: stream = "stdout" (or "stderr"), form = "block" (or "line").
    """

    def __init__(self, config: ChannelConfig, clock: Clock) -> None:  # noqa: ARG002  it does not ask for the time
        options = Options(config, "form", "stream")
        self.name = config.name
        self._stream = options.choice("stream", ("stdout", "stderr"), "stdout")
        self._form = options.choice("form", ("block", "line"), "block")

    async def send(self, notice: Notice) -> str:
        """Write and flush. Raises DeliveryFailed where nobody reads any more."""
        stream = sys.stdout if self._stream == "stdout" else sys.stderr
        shown = Text(_fit(self._words(notice), stream))
        shown.highlight_regex(r"\A.*", _STYLE[notice.event.after])
        try:
            stream.write(_coloured(shown, stream.isatty()))
            stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise DeliveryFailed(f"{self._stream} cannot be written to: {type(error).__name__}") from None
        return ""

    async def close(self) -> None:
        """Nothing is held."""

    def _words(self, notice: Notice) -> str:
        if self._form == "line":
            return f"{title(notice)} ({moment(notice.event.at)}, message {notice.message.id})"
        first, *others = text(notice).rstrip().splitlines()
        return "\n".join([first, *(f"│ {each}".rstrip() for each in others)])


def _coloured(shown: Text, on_terminal: bool) -> str:
    """As rich would print it; we write it, because rich ends the program where nobody reads any more."""
    out = io.StringIO()
    rich.console.Console(file=out, force_terminal=on_terminal, highlight=False).print(shown, soft_wrap=True)
    return out.getvalue()


def _fit(words: str, stream: IO[str]) -> str:
    """What the stream can show, and what GitHub's runner takes for no command: it obeys `::` at the start of a line of
    output, which only the first one could have, and `##[` anywhere.
    """
    tame = re.sub(r"\A\s*::", ": :", words).replace("##[", "# #[")
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return tame.encode(encoding, "replace").decode(encoding)
