"""A key that cannot be printed by accident, and texts cleared of it.

`Secret` does not hold its text: it holds two byte strings whose XOR is the text, so that no `repr`, traceback with
local variables, debugger or pickle of any object that reaches it shows the key. `redact` takes out of a text every
piece of a key that is long enough to be one: APIs echo keys in part.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

SHORTEST_FRAGMENT = 6  # characters; our promise is that no fragment of 8 is ever shown
MASK = "[redacted]"


class Secret:
    """A text that shows itself only through `reveal()`. Equal and hashable by identity."""

    __slots__ = ("_masked", "_pad")

    def __init__(self, text: str) -> None:
        plain = text.encode()
        self._pad = os.urandom(len(plain))
        self._masked = bytes(a ^ b for a, b in zip(plain, self._pad, strict=True))

    def reveal(self) -> str:
        """The text. Call it at the last moment, in an expression, never into a variable that outlives it."""
        return bytes(a ^ b for a, b in zip(self._masked, self._pad, strict=True)).decode()

    def __repr__(self) -> str:
        return "Secret('**********')"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._masked)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled: hand it on through the environment")


def redact(text: str, secrets: Iterable[Secret | None]) -> str:
    """The text with every fragment of 6 or more characters of each secret replaced by `[redacted]`."""
    for secret in secrets:
        if secret:
            text = _without(text, secret.reveal())
    return text


def _without(text: str, key: str) -> str:
    size = min(SHORTEST_FRAGMENT, len(key))
    windows = {key[i : i + size] for i in range(len(key) - size + 1)}
    found = [window for window in windows if window in text]
    if not found:
        return text
    hidden = bytearray(len(text))
    for window in found:
        # A lookahead finds overlapping hits too, which a plain search would step over.
        for hit in re.finditer(f"(?={re.escape(window)})", text):
            hidden[hit.start() : hit.start() + size] = b"\x01" * size
    pieces, at = [], 0
    for run in re.finditer(rb"\x01+", hidden):
        pieces += [text[at : run.start()], MASK]
        at = run.end()
    return "".join([*pieces, text[at:]])
