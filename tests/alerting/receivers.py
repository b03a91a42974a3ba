"""Stand-ins of what channels talk to, for the tests of their contract: no socket is opened."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import re
import smtplib
import sys
import types
from typing import Any, ClassVar

import httpx
import respx

from facemon.alerting import mail_session
from facemon.alerting.mail_session import Try

CANARY = "Zq7Xw2Vr9Tk4Mn8Bp3Hd6Jf1"
KEY = "whsec_" + base64.b64encode(CANARY.encode()).decode()
UUID = re.compile(r"0199c0de-2222-7000-8000-[0-9a-f]{12}")


class OnTerminal:
    """The console."""

    kind = "console"
    options: ClassVar[dict[str, Any]] = {}
    environment: ClassVar[dict[str, str]] = {}

    def __init__(self, monkeypatch: Any) -> None:
        self.patch, self.ids = monkeypatch, []

    def collect(self, out: str) -> list[str]:
        return UUID.findall(out)

    def break_down(self) -> None:
        class Broken:
            encoding = "utf-8"

            def write(self, text: str) -> int:
                raise BrokenPipeError

            def isatty(self) -> bool:
                return False

            def flush(self) -> None:
                raise BrokenPipeError

        self.patch.setattr(sys, "stdout", Broken())


class ByMail:
    """A mail server: what smtplib would tell of it. mails, recipients: of each mail · refused: address → what is
    answered, for as long as it stands there · error: instead of taking a mail.
    """

    kind = "email"
    options: ClassVar[dict[str, Any]] = {
        "to": ["ada@example.com", "bob@example.com"],
        "from": "me@example.com",
        "server": "smtp.example.com",
    }
    environment: ClassVar[dict[str, str]] = {"FACEMON_SMTP_USER": "me", "FACEMON_SMTP_PASSWORD": CANARY}

    def __init__(self, monkeypatch: Any) -> None:
        self.mails: list[Any] = []
        self.recipients: list[list[str]] = []
        self.error: Exception | None = None
        self.refused: dict[str, tuple[int, bytes]] = {}
        self.calls: list[tuple[Any, ...]] = []
        server = self

        class SMTP:
            def __init__(self, of: Try, host: str, port: int, **options: Any) -> None:
                server.calls.append(("connect", host, port, "context" in options))

            def quit(self) -> None:
                pass

            def close(self) -> None:
                pass

            def starttls(self, *, context: Any) -> None:
                server.calls.append(("starttls", context.check_hostname))

            def login(self, user: str, password: str) -> None:
                server.calls.append(("login", user, password))
                if isinstance(server.error, smtplib.SMTPAuthenticationError):
                    raise server.error

            def send_message(self, mail: Any, to_addrs: list[str]) -> dict[str, tuple[int, bytes]]:
                if server.error:
                    raise server.error
                refused = {each: server.refused[each] for each in to_addrs if each in server.refused}
                if len(refused) == len(to_addrs):
                    raise smtplib.SMTPRecipientsRefused(refused)
                server.mails.append(email.message_from_bytes(mail.as_bytes(), policy=email.policy.default))
                server.recipients.append([each for each in to_addrs if each not in refused])
                return refused

        monkeypatch.setattr(mail_session, "Open", SMTP)
        monkeypatch.setattr(mail_session, "Encrypted", SMTP)

    def collect(self, out: str) -> list[str]:
        return [UUID.search(mail["Message-ID"])[0] for mail in self.mails]

    def break_down(self) -> None:
        self.error = ConnectionRefusedError(111, f"no server for {CANARY}")


class ByWebhook:
    """An address that takes JSON."""

    kind = "webhook"
    options: ClassVar[dict[str, Any]] = {"url": "https://example.com/facemon"}
    environment: ClassVar[dict[str, str]] = {"FACEMON_WEBHOOK_SECRET": KEY}

    def __init__(self, monkeypatch: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: httpx.Response | Exception = httpx.Response(202)
        self.router = respx.MockRouter(assert_all_called=False)
        self.router.route().mock(side_effect=self._take)
        self.router.start()

    def _take(self, request: httpx.Request) -> httpx.Response:
        if isinstance(self.answer, Exception):
            raise self.answer
        self.requests.append(request)
        return self.answer

    def collect(self, out: str) -> list[str]:
        assert all(
            json.loads(each.content)["data"]["messageId"] == each.headers["webhook-id"]
            for each in self.requests
        )
        return [each.headers["webhook-id"] for each in self.requests]

    def break_down(self) -> None:
        self.answer = httpx.ConnectError(f"no route for {CANARY}")


class ByApprise:
    """The package `apprise`, as far as the channel uses it."""

    kind = "apprise"
    options: ClassVar[dict[str, Any]] = {}
    environment: ClassVar[dict[str, str]] = {
        "FACEMON_APPRISE_URLS": f"slack://{CANARY}/one\n mailto://me:{CANARY}@example.com"
    }

    def __init__(self, monkeypatch: Any) -> None:
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.broken: set[str] = set()
        library: Any = types.ModuleType("apprise")
        server = self

        class Apprise:
            def __init__(self, asset: Any) -> None:
                self.asset, self.address = asset, ""

            def add(self, address: str) -> bool:
                self.address = address
                return "://" in address

            async def async_notify(self, **told: Any) -> bool:
                if any(address in self.address for address in server.broken):
                    return False
                server.told.append((self.address, told))
                return True

        library.Apprise, library.AppriseAsset = Apprise, lambda **options: options
        monkeypatch.setitem(sys.modules, "apprise", library)

    def collect(self, out: str) -> list[str]:
        return [UUID.search(told["body"])[0] for address, told in self.told if address.startswith("slack")]

    def break_down(self) -> None:
        self.broken = {"slack", "mailto"}


RECEIVERS = (OnTerminal, ByMail, ByWebhook, ByApprise)
