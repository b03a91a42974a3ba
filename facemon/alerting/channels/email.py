"""Sends mail: text and HTML with the pictures in it, an incident as one thread."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.headerregistry import Address, HeaderRegistry
from typing import Any
from urllib.parse import urlsplit

from facemon.alerting.channels.base import ChannelConfig
from facemon.alerting.mail import message_of, receipt_of
from facemon.alerting.options import Options
from facemon.alerting.story import line
from facemon.clock import Clock
from facemon.config import is_loopback
from facemon.errors import DeliveryError, DeliveryFailed, DeliveryRefused
from facemon.incident import Notice
from facemon.secret import Secret, redact

USER, PASSWORD = "FACEMON_SMTP_USER", "FACEMON_SMTP_PASSWORD"
_PORTS = {"starttls": 587, "tls": 465, "none": 25}  # RFC 8314, RFC 6409, RFC 5321
_TIMEOUT = 20.0  # seconds that the server may take for one answer
_SERVER = 'a host and, if it is not the usual one, a port, such as "smtp.example.com:587"'
_MAILBOX = '"oncall@example.com" or "On call <oncall@example.com>"'
_LOGIN = "the login at the mail server (login = false, if it asks for none)"

Refusals = Mapping[str, tuple[int, bytes]]
"""What smtplib tells of recipients that were refused: address → code and words."""


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    tls: str
    login: tuple[Secret, Secret] | None


class Email:
    """A mail for each event. Its Message-ID is the same at each try, and so are its date and its words.

    Options: to = ["a@example.com"], from = "facemon@example.com", server = "smtp.example.com:587",
    tls = "starttls" (or "tls", or on this machine "none"), login = true. User and password: FACEMON_SMTP_USER and
    FACEMON_SMTP_PASSWORD. A certificate of one's own is trusted through SSL_CERT_FILE.
    """

    def __init__(self, config: ChannelConfig, clock: Clock) -> None:  # noqa: ARG002  the notice brings its times
        options = Options(config, "from", "login", "server", "tls", "to")
        self.name = config.name
        self._from = _mailbox(options, "from", options.text("from", _MAILBOX))
        to = options.texts("to", f"a list of addresses, such as [{_MAILBOX}]")
        self._to = tuple(_mailbox(options, "to", each) for each in to)
        self._server = _server(options)
        self._log = logging.getLogger(__name__)

    async def send(self, notice: Notice) -> str:
        """Send; the receipt is the Message-ID, and who did not get it. Raises DeliveryFailed, DeliveryRefused."""
        return await asyncio.to_thread(self._send, notice)

    async def close(self) -> None:
        """Nothing is held: each mail has a connection of its own."""

    def _send(self, notice: Notice) -> str:
        mail = message_of(notice, self._from, self._to)
        refused: Refusals = {}
        error: DeliveryError | None = None
        try:
            with _connected(self._server) as smtp:
                refused = smtp.send_message(mail)
        except (smtplib.SMTPException, OSError) as raised:
            error = self._translated(raised)
        if error is not None:
            raise error  # out here: smtplib's error holds the frames that saw the password
        missed = self._words(refused)
        if missed:
            self._log.warning("%s: sent, but not to %s", self.name, missed)
        return receipt_of(mail, missed)

    def _translated(self, raised: Exception) -> DeliveryError:
        """Codes of RFC 5321, 4.2.1: 5yz will be the same at the next try, 4yz may not."""
        place = f"{self._server.host}:{self._server.port}"
        if isinstance(raised, smtplib.SMTPRecipientsRefused):
            final = all(code >= 500 for code, _ in raised.recipients.values())
            kind = DeliveryRefused if final else DeliveryFailed
            return kind(f"{place} takes mail for nobody: {self._words(raised.recipients)}")
        if isinstance(raised, smtplib.SMTPAuthenticationError):
            kind = DeliveryRefused if raised.smtp_code >= 500 else DeliveryFailed
            return kind(f"{place} did not accept the login ({raised.smtp_code}): see {USER} and {PASSWORD}")
        if isinstance(raised, smtplib.SMTPResponseException):
            kind = DeliveryRefused if raised.smtp_code >= 500 else DeliveryFailed
            return kind(f"{place} said {self._said(raised.smtp_code, raised.smtp_error)}")
        if isinstance(raised, smtplib.SMTPNotSupportedError):
            return DeliveryRefused(f"{place} cannot do what is asked of it: {line(str(raised))}")
        why = f": {raised.verify_message}" if isinstance(raised, ssl.SSLCertVerificationError) else ""
        return DeliveryFailed(f"{place} cannot be reached: {type(raised).__name__}{why}")

    def _words(self, refused: Refusals) -> str:
        return ", ".join(f"{address} ({self._said(*why)})" for address, why in refused.items())

    def _said(self, code: int, words: bytes | str) -> str:
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        return f"{code} {redact(line(text, 200), self._server.login or ())}".strip()


@contextlib.contextmanager
def _connected(server: _Server) -> Iterator[smtplib.SMTP]:
    """A session that is safe and logged in."""
    context = ssl.create_default_context()
    if server.tls == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_TIMEOUT, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=_TIMEOUT)
    with smtp:
        if server.tls == "starttls":
            smtp.starttls(context=context)
        if server.login:
            smtp.login(*(secret.reveal() for secret in server.login))
        yield smtp


def _server(options: Options) -> _Server:
    tls = options.choice("tls", tuple(_PORTS), "starttls")
    written = options.text("server", _SERVER)
    try:
        parts = urlsplit(f"//{written}")
        host, port = parts.hostname, parts.port or _PORTS[tls]
    except ValueError:
        raise options.wrong("server", _SERVER) from None
    if not host or set(written) & set("@/?#\\ ") or not written.isascii():
        raise options.wrong("server", _SERVER)
    if tls == "none" and not is_loopback(host):
        raise options.wrong("tls", "starttls or tls: mail goes unencrypted to this machine itself only")
    if not options.flag("login", default=tls != "none"):
        return _Server(host, port, tls, None)
    return _Server(host, port, tls, (_ascii(options, USER), _ascii(options, PASSWORD)))


def _ascii(options: Options, variable: str) -> Secret:
    """smtplib logs in with nothing else, and its error would hold the password."""
    secret = options.secret(variable, _LOGIN)
    if not secret.reveal().isascii():
        raise options.wrong_secret(variable, "characters of ASCII only")
    return secret


def _mailbox(options: Options, key: str, written: str) -> Address:
    """One address, with or without a name before it. Raises ConfigError."""
    try:
        found: Any = HeaderRegistry()("to", written)
    except ValueError:  # a line break, which would be the next header
        raise options.wrong(key, _MAILBOX) from None
    (address, *more) = found.addresses or (Address(),)
    plain = address.addr_spec.isascii() and address.username and "." in address.domain.strip(".")
    if more or found.defects or not (plain or address.domain == "localhost"):
        raise options.wrong(key, _MAILBOX)
    return Address(address.display_name, addr_spec=address.addr_spec)
