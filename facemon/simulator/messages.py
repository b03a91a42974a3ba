"""What goes in and what comes out: plain data, so that a socket and respx can stand in front of the same core."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_BODY = 10 * 1024 * 1024
"""Largest request in bytes (STABILITY_API §1)."""


@dataclass(frozen=True)
class Request:
    """One HTTP request. `path` comes without its query; headers and body stay out of the repr, they hold a key."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The first value of a header, in any case; None when it is not there."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def api(self) -> str:
        """`v1` or `v2beta`: whose manners an answer has. What belongs to neither is answered like v2beta."""
        return "v1" if self.path.startswith("/v1/") else "v2beta"

    @property
    def key(self) -> str | None:
        """The bearer key, None when the header is missing or is not `Bearer …`."""
        scheme, _, key = (self.header("authorization") or "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" and key.strip() else None


@dataclass(frozen=True)
class Reply:
    """One HTTP reply, and how the transport behaves while it is delivered. Times are seconds, places are bytes.

    The door waits `wait_before_headers`, sends the head with the content-length of the whole body, pauses for `pause`
    after `pause_after` bytes, and closes the connection after `cut_after` bytes. `reset` sends nothing and resets the
    connection; `hang` sends nothing and keeps it; `refused` stands for a connection that nobody accepted.
    """

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = field(default=b"", repr=False)
    wait_before_headers: float = 0.0
    cut_after: int | None = None
    pause_after: int = 0
    pause: float = 0.0
    reset: bool = False
    hang: bool = False
    refused: bool = False

    def header(self, name: str) -> str | None:
        """The first value of a header, in any case; None when it is not there."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def pieces(self) -> Iterable[tuple[bytes, float]]:
        """The body as it is delivered: each piece with the seconds to wait before it. A cut body ends early."""
        body = self.body if self.cut_after is None else self.body[: self.cut_after]
        if self.pause <= 0:
            return [(body, 0.0)]
        return [(body[: self.pause_after], 0.0), (body[self.pause_after :], self.pause)]


def without(headers: tuple[tuple[str, str], ...], name: str) -> tuple[tuple[str, str], ...]:
    """The headers, less every one called `name`."""
    return tuple(pair for pair in headers if pair[0].lower() != name.lower())


def with_header(headers: tuple[tuple[str, str], ...], name: str, value: str) -> tuple[tuple[str, str], ...]:
    """The headers with `name` set to `value`, whatever it was."""
    return (*without(headers, name), (name, value))
