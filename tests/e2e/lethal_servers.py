"""GitHub and a mail server at whose request the process that sent it is killed, at the very moment it is to be."""

from __future__ import annotations

import asyncio
import ssl
from http.server import BaseHTTPRequestHandler
from typing import Any

from killed_lives import kill
from mail_server import MailServer

from tests.github_server.server import GithubServer


class LethalGithub(GithubServer):
    """The `fatal`-th request of a life is never answered, and its sender killed. done: it is carried out before."""

    def __init__(self, token: str) -> None:
        super().__init__(token)
        self.victim: asyncio.subprocess.Process | None = None
        self.fatal, self.done = 0, False
        self._came = 0

    def begin(self, fatal: int = 0, done: bool = False) -> None:
        """A new life. fatal: 0: none of its requests is."""
        self.fatal, self.done, self._came = fatal, done, 0

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        with self.lock:
            self._came += 1
            fatal = self._came == self.fatal
        if fatal:
            self.trouble(".", 0, done=self.done)  # no answer
        super().serve(handler)
        if fatal:
            assert self.victim is not None
            kill(self.victim)


class LethalMail(MailServer):
    """The `fatal`-th mail of a life is taken, and its sender killed before it hears of that."""

    def __init__(self) -> None:
        super().__init__("none", ssl.create_default_context(), "")
        self.victim: asyncio.subprocess.Process | None = None
        self.fatal, self.url = 0, ""
        self._came = 0

    def begin(self, fatal: int = 0) -> None:
        """A new life. fatal: 0: none of its mails is."""
        self.fatal, self._came = fatal, 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = await super().handle_DATA(server, session, envelope)
        self._came += 1
        if self._came == self.fatal:
            assert self.victim is not None
            kill(self.victim)
        return answer
