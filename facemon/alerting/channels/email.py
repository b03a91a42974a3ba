"""Sends mail: text and HTML with the pictures in it, an incident as one thread."""

from __future__ import annotations

import asyncio
import logging
import smtplib
from email.headerregistry import Address, HeaderRegistry
from typing import Any, ClassVar
from urllib.parse import urlsplit

from facemon.alerting.channels.base import Channel, ChannelConfig
from facemon.alerting.mail import message_of, receipt_of
from facemon.alerting.mail_session import MailServer, Try, session
from facemon.alerting.mail_trouble import PASSWORD, USER, Refusals, in_words, is_final, meaning
from facemon.alerting.options import Options
from facemon.alerting.taken import Taken
from facemon.clock import Clock
from facemon.config import is_loopback
from facemon.errors import DeliveryFailed
from facemon.incident import Notice
from facemon.secret import Secret

_PORTS = {"starttls": 587, "tls": 465, "none": 25}  # RFC 8314, RFC 6409, RFC 5321
_TRIES = 8  # with the dispatcher's delays more than ten minutes; greylisting takes five, as a rule
_OF_PATIENCE = 0.9  # the share of a try that the session may take; the rest is for telling how it ended
_UNASKED = (421, b"not asked: the server closed the session")
_SERVER = 'a host and, if it is not the usual one, a port, such as "smtp.example.com:587"'
_MAILBOX = '"oncall@example.com" or "On call <oncall@example.com>"'
_LOGIN = "the login at the mail server (login = false, if it asks for none)"


class Email(Channel):
    """A mail for each event. Its Message-ID is the same at each try, and so are its date and its words.

    Options: to = ["a@example.com"], from = "facemon@example.com", server = "smtp.example.com:587",
    tls = "starttls" (or "tls", or on this machine "none"), login = true. User and password: FACEMON_SMTP_USER and
    FACEMON_SMTP_PASSWORD. A certificate of one's own is trusted through SSL_CERT_FILE.

    Where the server takes the mail for some and for others not yet, it is tried again for those alone, eight times;
    then it counts as sent. Who has it is known to this process only: one that comes after it sends the mail to all
    once more.
    """

    patience: ClassVar[float | None] = (
        100.0  # mail servers are slow on purpose, and who is left alone delivers twice
    )

    def __init__(self, config: ChannelConfig, clock: Clock) -> None:
        options = Options(config, "from", "login", "server", "tls", "to")
        self.name, self._clock = config.name, clock
        self._from = _mailbox(options, "from", options.text("from", _MAILBOX))
        to = options.texts("to", f"a list of addresses, such as [{_MAILBOX}]")
        self._to = tuple(_mailbox(options, "to", each) for each in to)
        self._addresses = tuple(dict.fromkeys(each.addr_spec for each in self._to))
        self._server = _server(options)
        self._taken = Taken()
        self._log = logging.getLogger(__name__)

    async def send(self, notice: Notice) -> str:
        """Send; the receipt is the Message-ID, and who did not get it. Raises DeliveryFailed, DeliveryRefused."""
        assert self.patience is not None
        taken, this = self._taken.of(notice.message.id), Try.begun(self._clock, _OF_PATIENCE * self.patience)
        try:
            refused = await asyncio.to_thread(self._send, notice, taken, this)
        finally:
            this.given_up.set()  # whoever waited has gone: the thread begins nothing any more
        missed = self._missed(notice, taken, refused)
        if missed:
            self._log.warning("%s: sent %s", self.name, missed)
        self._taken.forget(notice.message.id)
        return receipt_of(notice, self._from, missed)

    async def close(self) -> None:
        """Nothing is held: each mail has a connection of its own."""

    def _send(self, notice: Notice, taken: set[str], this: Try) -> Refusals:
        """To whoever has not taken it; returns who was refused. Who takes it is noted at once: a try that nobody waits
        for any more may still be acknowledged.
        """
        missing = [address for address in self._addresses if address not in taken]
        if not missing:
            return {}
        try:
            with session(self._server, this) as smtp:
                refused = smtp.send_message(message_of(notice, self._from, self._to), to_addrs=missing)
                taken.update(set(missing) - set(refused))
                return refused
        except smtplib.SMTPRecipientsRefused as raised:
            if taken:
                return raised.recipients
            error = meaning(raised, self._server)
        except OSError as raised:  # smtplib's own are of this kind
            error = meaning(raised, self._server)
        raise error  # out here: smtplib's error holds the frames that saw the password

    def _missed(self, notice: Notice, taken: set[str], refused: Refusals) -> str:
        """Who has not got it and never will, in words; empty where all have it. Raises DeliveryFailed where it is worth
        another try.
        """
        missing = {
            address: refused.get(address, _UNASKED) for address in self._addresses if address not in taken
        }
        if not missing:
            return ""
        said = f"to {len(taken)} of {len(self._addresses)}, not to {in_words(missing, self._server)}"
        final = all(is_final(code) for code, _ in missing.values())
        if not final and notice.message.attempts + 1 < _TRIES:
            raise DeliveryFailed(f"{self._server.place}: it went {said}")
        return said


def _server(options: Options) -> MailServer:
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
        return MailServer(host, port, tls, None)
    return MailServer(host, port, tls, (_ascii(options, USER), _ascii(options, PASSWORD)))


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
