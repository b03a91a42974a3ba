"""A real mail server on this machine, with a certificate of its own, that keeps what it accepts."""

from __future__ import annotations

import datetime
import email
import email.policy
import socket
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER = "monitor@example.com"


def certificate(folder: Path, host: str = "localhost") -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate for a host, valid now: its file, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


class MailServer:
    """tls: `starttls`, `tls` or `none` · answers: what it says next in place of accepting a mail · refused: recipient
    → answer · mails: accepted, as (recipients, message) · offered: passwords that were sent to it.
    """

    def __init__(self, tls: str, context: ssl.SSLContext, password: str) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.raw: list[bytes] = []
        self.answers: list[str] = []
        self.refused: dict[str, str] = {}
        self.offered: list[str] = []
        self._password = password
        safe: dict[str, Any] = {
            "starttls": {"tls_context": context, "require_starttls": True, "auth_require_tls": True},
            "tls": {"ssl_context": context, "auth_require_tls": False},
            "none": {"auth_require_tls": False},
        }[tls]
        login = {} if tls == "none" else {"authenticator": self._check, "auth_required": tls == "starttls"}
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port(), **safe, **login)

    @property
    def address(self) -> str:
        return f"localhost:{self._controller.port}"

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._controller.stop()

    def _check(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        password = data.password.decode()
        self.offered.append(password)
        good = (data.login.decode(), password) == (USER, self._password)
        # The message of a careless server repeats what it was told.
        return AuthResult(success=good, handled=good, message=None if good else f"535 5.7.8 no: {password}")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, to: str, options: Any) -> str:  # noqa: N802
        if to in self.refused:
            return self.refused[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("2"):
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.raw.append(envelope.content)
            self.mails.append((list(envelope.rcpt_tos), mail))
        return answer


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
