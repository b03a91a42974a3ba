"""What a mail server's refusal means for a message: soon, once somebody has mended something, or never.

Codes by RFC 5321, 4.2.1: 4yz may pass, 5yz will be the same at the next try. Never is only what is about the message
itself: 5yz for every recipient, or for the mail. A server, a login or a sender that is not accepted may be mended.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping

from facemon.alerting.channels.base import MENDABLE
from facemon.alerting.mail_session import MailServer, TooSlow
from facemon.alerting.story import line
from facemon.errors import DeliveryError, DeliveryFailed, DeliveryRefused
from facemon.secret import redact

USER, PASSWORD = "FACEMON_SMTP_USER", "FACEMON_SMTP_PASSWORD"
_LOGIN = frozenset((530, 534, 535, 538))  # RFC 4954, 6: about the login, at whatever command they are said
_TOO_LARGE = 552  # RFC 1870, 6.2: the server refuses the sender for the size of the mail

Refusals = Mapping[str, tuple[int, bytes]]
"""What smtplib tells of recipients that were refused: address → code and words."""


def is_final(code: int) -> bool:
    """Whether this answer to a recipient, or to the mail itself, will be the same next time."""
    return code >= 500 and code not in _LOGIN


def meaning(raised: OSError, server: MailServer) -> DeliveryError:
    """The error to raise in place of one of smtplib's, of the network, or of a session that took too long."""
    if isinstance(raised, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in raised.recipients.values()]
        said = f"{server.place} takes mail for nobody: {in_words(raised.recipients, server)}"
        return DeliveryRefused(said) if all(map(is_final, codes)) else _failed(said, *codes)
    if isinstance(raised, smtplib.SMTPResponseException):
        return _answered(raised, server)
    if isinstance(raised, TooSlow):
        return DeliveryFailed(f"{server.place} is too slow: {raised}")
    if isinstance(raised, smtplib.SMTPNotSupportedError) or type(raised) is smtplib.SMTPException:
        return DeliveryFailed(f"{server.place} cannot do what is asked of it: {line(str(raised))}", MENDABLE)
    why = f": {raised.verify_message}" if isinstance(raised, ssl.SSLCertVerificationError) else ""
    return DeliveryFailed(f"{server.place} cannot be reached: {type(raised).__name__}{why}")


def in_words(refused: Refusals, server: MailServer) -> str:
    """Each recipient with what was said of it."""
    return ", ".join(f"{address} ({_said(*why, server)})" for address, why in refused.items())


def _answered(raised: smtplib.SMTPResponseException, server: MailServer) -> DeliveryError:
    code = raised.smtp_code
    if isinstance(raised, smtplib.SMTPAuthenticationError):
        return _failed(f"{server.place} did not accept the login ({code})", code, of_login=True)
    said = f"{server.place} said {_said(code, raised.smtp_error, server)}"
    of_mail = isinstance(raised, smtplib.SMTPDataError) and is_final(code)
    if of_mail or (isinstance(raised, smtplib.SMTPSenderRefused) and code == _TOO_LARGE):
        return DeliveryRefused(said)
    return _failed(said, code)


def _failed(said: str, *codes: int, of_login: bool = False) -> DeliveryFailed:
    hint = f": see {USER} and {PASSWORD}" if of_login or _LOGIN & set(codes) else ""
    return DeliveryFailed(said + hint, MENDABLE if min(codes) >= 500 else None)


def _said(code: int, words: bytes | str, server: MailServer) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {redact(line(text, 200), server.login or ())}".strip()
