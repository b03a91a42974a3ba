"""Who has taken a message that others have not: those are not told again while it is tried for the others."""

from __future__ import annotations

_MOST = 1000  # messages; the oldest is forgotten first


class Taken:
    """Message id → the addresses that have it, for as long as this process lives.

    A process that dies takes it along: the next one tells everybody once more, at most once each, with the id by which
    a repeat is recognised.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._by_message: dict[str, set[str]] = {}

    def of(self, message_id: str) -> set[str]:
        """To be read, and added to."""
        found = self._by_message.setdefault(message_id, set())
        while len(self._by_message) > self._most:
            del self._by_message[next(iter(self._by_message))]
        return found

    def forget(self, message_id: str) -> None:
        """The message counts as sent."""
        self._by_message.pop(message_id, None)
