"""A request and its reply as they may be shown: logged, attached to a report, repeated with curl."""

from __future__ import annotations

import codecs
import hashlib
import re
import shlex
from collections.abc import Iterable

from facemon.calls import HttpCall, HttpReply
from facemon.config import KEY_VARIABLE
from facemon.model import Exchange
from facemon.secret import MASK, Secret, redact

_LONGEST_TEXT = 200_000  # bytes of a body that are kept; the longest documented prompts fit, in any script
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key"})
# The closing quote may be missing: a body that breaks off within a picture shows none of it.
_BASE64_FIELD = re.compile(rb'("(?:image|base64)"\s*:\s*)"([^"]{100,})(?:"|\Z)')


def shown(
    call: HttpCall,
    url: str,
    sent_headers: Iterable[tuple[str, str]],
    sent_body: bytes,
    reply: HttpReply | None,
    secrets: Iterable[Secret | None],
    *,
    body_note: str | None = None,
) -> Exchange:
    """What may be shown of an exchange; `reply` is None when none came, `body_note` stands for a body cut short."""
    secrets = tuple(secrets)
    return Exchange(
        method=call.method,
        url=redact(url, secrets),
        request_headers=_headers(sent_headers, secrets),
        request_body=redact(_cut(sent_body), secrets),
        response_headers=() if reply is None else _headers(reply.headers.items(), secrets),
        response_body="" if reply is None else body_note or redact(_body_text(reply), secrets),
        form=tuple((name, redact(value, secrets)) for name, value in call.form or ()),
    )


def curl_line(exchange: Exchange) -> str:
    """A shell line that repeats the request; the key is left to the environment."""
    words = ["curl", "-sS", "-D", "-", "-o", "reply.bin", "-X", exchange.method, shlex.quote(exchange.url)]
    for name, value in exchange.request_headers:
        if name == "authorization":
            words += ["-H", f'"authorization: Bearer ${KEY_VARIABLE}"']
        elif name == "accept" or (name == "content-type" and not exchange.form):
            words += ["-H", shlex.quote(f"{name}: {value}")]
    for name, value in exchange.form:
        words += ["--form-string", shlex.quote(f"{name}={value}")]
    if not exchange.form and exchange.request_body:
        words += ["--data-raw", shlex.quote(exchange.request_body)]
    return " ".join(words)


def _headers(
    headers: Iterable[tuple[str, str]], secrets: tuple[Secret | None, ...]
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.lower(), MASK if name.lower() in _SECRET_HEADERS else redact(value, secrets))
        for name, value in headers
    )


def _body_text(reply: HttpReply) -> str:
    """The body as text; a picture becomes its length and hash."""
    if reply.headers.get("content-type", "").startswith("image/"):
        return f"<{len(reply.body)} bytes, sha256 {reply.sha256}>"
    body = _BASE64_FIELD.sub(_base64_summary, reply.body)
    try:
        # Not final: the cut may fall within a character.
        codecs.getincrementaldecoder("utf-8")().decode(body[:_LONGEST_TEXT])
        return _cut(body)
    except UnicodeDecodeError:
        return f"<{len(reply.body)} bytes, sha256 {reply.sha256}>"


def _cut(body: bytes) -> str:
    """A body as text; what is left out is said."""
    text = body[:_LONGEST_TEXT].decode("utf-8", "ignore" if len(body) > _LONGEST_TEXT else "replace")
    return text if len(body) <= _LONGEST_TEXT else f"{text}<cut: {len(body)} bytes in all>"


def _base64_summary(found: re.Match[bytes]) -> bytes:
    digest = hashlib.sha256(found[2]).hexdigest()
    return found[1] + f'"<{len(found[2])} base64 characters, sha256 {digest}>"'.encode()
