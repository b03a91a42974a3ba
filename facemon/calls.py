"""What travels between a provider and the client: a request without its key, a complete reply, a picture read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request without its key. `form` becomes multipart/form-data, `json` a JSON body; at most one is given."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] | None = None
    json: dict[str, object] | None = None


@dataclass(frozen=True)
class HttpReply:
    """A complete reply; header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)
    digest: str | None = field(default=None, repr=False)

    @cached_property
    def sha256(self) -> str:
        """Of the body, in lower-case hex: as it was taken on the way in, or taken now, once."""
        return self.digest or hashlib.sha256(self.body).hexdigest()


@dataclass(frozen=True, slots=True)
class Picture:
    """What a good reply holds: the encoded bytes, what the API said of them, and what they say of themselves."""

    data: bytes = field(repr=False)
    finish_reason: str
    seed: int | None
    request_id: str | None
    format: str
    width: int
    height: int
    sha256: str | None = None
