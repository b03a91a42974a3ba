"""A session with a mail server that ends in time, and delivers nothing after that."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from facemon.clock import Clock
from facemon.secret import Secret

_ANSWER = 20.0  # seconds that the server may take for one answer, up to the mail itself


@dataclass(frozen=True, slots=True)
class MailServer:
    """tls: `starttls`, `tls` or `none` · login: user and password."""

    host: str
    port: int
    tls: str
    login: tuple[Secret, Secret] | None

    @property
    def place(self) -> str:
        """As an error names it."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Try:
    """The time of one try. seconds: all of it · until: the clock's moment of its end · given_up: set by who waited."""

    clock: Clock
    seconds: float
    until: float
    given_up: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def begun(cls, clock: Clock, seconds: float) -> Try:
        """From now on."""
        return cls(clock, seconds, clock.monotonic() + seconds)

    def left(self) -> float:
        """Seconds; nothing, once it is given up."""
        return 0.0 if self.given_up.is_set() else self.until - self.clock.monotonic()


class TooSlow(OSError):
    """The time is over, or too little is left to hand the mail over. Nothing was delivered."""


class _InTime(smtplib.SMTP):
    """smtplib bounds each answer. This bounds all of them together: who is asked for an answer after the dispatcher has
    turned away would take a mail that is then sent again, and again.
    """

    def __init__(self, of: Try, host: str, port: int, **options: Any) -> None:
        self._try, self._handing_over = of, False
        super().__init__(host, port, timeout=self._wait(), **options)

    def send(self, s: Any) -> None:
        """Every command and the mail itself go through here; no more than what is left is waited for the answer."""
        wait = self._wait()
        if self.sock is not None:
            self.sock.settimeout(wait)
        super().send(s)

    def data(self, msg: Any) -> tuple[int, bytes]:
        """The mail itself. From here on the server may deliver it though its answer comes too late, so it is begun only
        where the server has as long for it as all the rest was allowed to take.
        """
        if self._try.left() < self._try.seconds / 2:
            self.close()
            raise TooSlow("too little time was left to hand the mail over")
        self._handing_over = True
        try:
            return super().data(msg)
        finally:
            self._handing_over = False

    def _wait(self) -> float:
        left = self._try.left()
        if left <= 0:
            self.close()
            raise TooSlow("the time of this try is over")
        return left if self._handing_over else min(_ANSWER, left)


class Open(_InTime):
    """Begins in the open."""


class Encrypted(_InTime, smtplib.SMTP_SSL):
    """Begins with TLS."""


@contextlib.contextmanager
def session(server: MailServer, of: Try) -> Iterator[smtplib.SMTP]:
    """One that is safe and logged in. Raises what smtplib raises, and TooSlow."""
    context = ssl.create_default_context()
    if server.tls == "tls":
        smtp: smtplib.SMTP = Encrypted(of, server.host, server.port, context=context)
    else:
        smtp = Open(of, server.host, server.port)
    try:
        if server.tls == "starttls":
            smtp.starttls(context=context)
        if server.login:
            smtp.login(*(secret.reveal() for secret in server.login))
        yield smtp
    finally:
        # A farewell that goes wrong is no failure of a mail that was taken.
        with contextlib.suppress(OSError):
            smtp.quit()
        smtp.close()
