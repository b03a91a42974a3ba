"""An event as a mail: who, what and which thread, as text and as HTML with its pictures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage

from facemon.alerting.mail_page import page
from facemon.alerting.words import text, title
from facemon.incident import Notice, Picture

_ID = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_SAFE = re.compile(r"[A-Za-z0-9._-]{1,36}")
# Python folds a longer id (up to 3.13 at least) into an encoded word, which is no id any more: with angle brackets
# and 36 characters of our own, 75 at most.
_LONGEST_DOMAIN = 36
_MOST_REFERENCES = 20


def message_of(notice: Notice, sender: Address, to: Sequence[Address]) -> EmailMessage:
    """The same bytes, but for the boundaries between its parts, each time it is made of the same notice."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"] = sender, tuple(to)
    mail["Subject"] = title(notice)
    mail["Date"] = notice.message.created_at
    mail["Message-ID"] = own = message_id(notice.message.id, sender.domain)
    earlier = [found[0] for receipt in notice.receipts if (found := _ID.match(receipt)) and found[0] != own]
    if earlier:
        mail["In-Reply-To"] = earlier[-1]
        mail["References"] = " ".join(earlier[:1] + earlier[1:][1 - _MOST_REFERENCES :])
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is told in reply
    if notice.event.urgent:
        mail["Importance"] = "high"
    pictures = {f"{number}.{own[1:-1]}": picture for number, picture in enumerate(_pictures(notice), 1)}
    # Quoted-printable passes every server, and keeps lines of any length.
    mail.set_content(_sendable(text(notice)), cte="quoted-printable")
    mail.add_alternative(_sendable(page(notice, pictures)), subtype="html", cte="quoted-printable")
    html = list(mail.iter_parts())[1]
    for cid, picture in pictures.items():
        html.add_related(
            picture.data, "image", "png", cid=f"<{cid}>", filename=picture.name, disposition="inline"
        )
    return mail


def message_id(ours: str, domain: str) -> str:
    """A Message-ID made of our own id: the same for each try."""
    left = ours if _SAFE.fullmatch(ours) else hashlib.sha256(ours.encode()).hexdigest()[:32]
    return f"<{left}@{domain if len(domain) <= _LONGEST_DOMAIN else 'facemon.invalid'}>"


def receipt_of(notice: Notice, sender: Address, missed: str) -> str:
    """The Message-ID, by which the next mail of the thread refers to this one; then who did not get it."""
    return f"{message_id(notice.message.id, sender.domain)} {missed}".rstrip()


def _sendable(words: str) -> str:
    """What UTF-8 cannot carry, such as a piece of a file name that is none, as Python writes it."""
    return words.encode("utf-8", "backslashreplace").decode()


def _pictures(notice: Notice) -> list[Picture]:
    from facemon.alerting.picture import timeline  # late: Pillow is not needed to read the configuration

    course = timeline(notice)
    return [*([course] if course else []), *notice.pictures]
