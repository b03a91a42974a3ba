"""A key that cannot be printed by accident, and texts cleared of it.

`Secret` does not hold its text: it holds two byte strings whose XOR is the text, so that no `repr`, traceback with
local variables, debugger or pickle of any object that reaches it shows the key. `redact` takes out of a text every
piece of a key that is long enough to be one: APIs echo keys in part. What a person chose, such as a password or an
address, it takes out as a whole only: pieces of it are ordinary words. `facemon.config.known_secrets` names them all.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar
from urllib.parse import unquote

SHORTEST_FRAGMENT = 6  # characters; our promise is that no fragment of 8 is ever shown
MASK = "[redacted]"
T = TypeVar("T")
_MADE_BY_A_MACHINE = 16  # characters of a password; people choose shorter ones, as a rule
# What tokens and keys begin with (of GitHub: "About authentication to GitHub"; of Standard Webhooks: `whsec_`).
_PREFIX = re.compile(r"\A(?:github_pat_|gh[a-z]_|whsec_)")
_KEYS = ("STABILITY_API_KEY", "FACEMON_WEBHOOK_SECRET", "GITHUB_TOKEN")
_ADDRESSES = ("FACEMON_APPRISE_URLS", "FACEMON_HEARTBEAT_URL")
_USER, _PASSWORD, _STORE = "FACEMON_SMTP_USER", "FACEMON_SMTP_PASSWORD", "FACEMON_STORE"
_LOGIN = re.compile("://([^:/@]*):([^@]*)@")  # as SQLAlchemy reads a URL
_IN_QUERY = re.compile("[?&](?:ssl)?password=([^&#]+)")


class Secret:
    """A text that shows itself only through `reveal()`. Equal and hashable by identity."""

    __slots__ = ("_masked", "_pad")

    def __init__(self, text: str) -> None:
        plain = text.encode()
        self._pad = os.urandom(len(plain))
        self._masked = bytes(a ^ b for a, b in zip(plain, self._pad, strict=True))

    def reveal(self) -> str:
        """The text. Call it at the last moment, in an expression, never into a variable that outlives it."""
        return bytes(a ^ b for a, b in zip(self._masked, self._pad, strict=True)).decode()

    def __repr__(self) -> str:
        return "Secret('**********')"

    __str__ = __repr__

    def __bool__(self) -> bool:
        return bool(self._masked)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled: hand it on through the environment")


class WholeSecret(Secret):
    """One that is hidden where all of it stands, and not in pieces."""

    __slots__ = ()


def secret_part(token: Secret) -> Secret:
    """A token without what every token of its kind begins with: `github` alone stands in every address."""
    return Secret(_PREFIX.sub("", token.reveal()))


def redact(text: str, secrets: Iterable[Secret | None]) -> str:
    """The text with every fragment of 6 or more characters of each secret replaced by `[redacted]`.

    Of a `WholeSecret` all of it is replaced; of one shorter than 6 characters only what stands alone as a word.
    """
    for secret in secrets:
        if secret:
            hide = _whole if isinstance(secret, WholeSecret) else _pieces
            text = hide(text, secret.reveal())
    return text


def redact_all(value: T, secrets: Iterable[Secret | None]) -> T:
    """The same value with each text in it redacted: a dataclass, a list, a tuple, or a mapping's values, in any depth.

    The keys of a mapping and what is no text stay: a check is recognised by its name.
    """
    redacted: T = _redacted(value, tuple(secrets))
    return redacted


def secrets_in(variables: Mapping[str, str]) -> Iterator[Secret]:
    """Those of an environment: keys, tokens, passwords, logins, and addresses that let whoever knows them in."""
    for name in _ADDRESSES:
        yield from (WholeSecret(each.rstrip("/")) for each in variables.get(name, "").split())
    yield from _of_store(variables.get(_STORE, ""))
    yield WholeSecret(variables.get(_USER, "").strip())
    yield _password(variables.get(_PASSWORD, "").strip())
    yield from (secret_part(Secret(variables.get(name, "").strip())) for name in _KEYS)


def _of_store(url: str) -> Iterator[Secret]:
    """The password of a database's URL, as it stands there and as it is meant. One that is its user's name is no word
    to hide wherever it stands, since it may be `facemon`; the two together are.
    """
    for user, password in _LOGIN.findall(url):
        yield WholeSecret(f"{user}:{password}")
        if unquote(password) != unquote(user):
            yield from map(_password, dict.fromkeys((password, unquote(password))))
    for password in _IN_QUERY.findall(url):
        yield from map(_password, dict.fromkeys((password, unquote(password))))


def _password(text: str) -> Secret:
    return Secret(text) if len(text) >= _MADE_BY_A_MACHINE else WholeSecret(text)


def _redacted(value: Any, secrets: tuple[Secret | None, ...]) -> Any:
    if type(value) is str:  # an enumeration's member is a text too, and stays one of its kind
        return redact(value, secrets)
    if type(value) in (list, tuple):
        return type(value)(_redacted(each, secrets) for each in value)
    if isinstance(value, Mapping):
        return {name: _redacted(each, secrets) for name, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        new = {each.name: _redacted(getattr(value, each.name), secrets) for each in fields(value)}
        return replace(value, **new)
    return value


def _whole(text: str, word: str) -> str:
    if len(word) >= SHORTEST_FRAGMENT:
        return text.replace(word, MASK)
    return re.sub(rf"(?<![\w-]){re.escape(word)}(?![\w-])", MASK, text)


def _pieces(text: str, key: str) -> str:
    size = SHORTEST_FRAGMENT
    if len(key) < size:
        return _whole(text, key)
    windows = {key[i : i + size] for i in range(len(key) - size + 1)}
    found = [window for window in windows if window in text]
    if not found:
        return text
    hidden = bytearray(len(text))
    for window in found:
        # A lookahead finds overlapping hits too, which a plain search would step over.
        for hit in re.finditer(f"(?={re.escape(window)})", text):
            hidden[hit.start() : hit.start() + size] = b"\x01" * size
    pieces, at = [], 0
    for run in re.finditer(rb"\x01+", hidden):
        pieces += [text[at : run.start()], MASK]
        at = run.end()
    return "".join([*pieces, text[at:]])
