"""What a valid request asks for, what is made of it, and where a fault may put its hand in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from facemon.simulator.messages import Reply
from facemon.simulator.subject import Subject


@dataclass(frozen=True)
class Job:
    """A valid generation request: sizes in pixels, `seed` 0 leaves it to the server, `price` in credits for all."""

    model: str
    price: float
    subject: Subject
    seed: int
    samples: int
    width: int
    height: int
    format: str
    as_json: bool


@dataclass(frozen=True)
class Touch:
    """How a fault alters the picture itself, in whatever form it then travels.

    `variant` is how it is drawn (see `portraits.variants`), `recast` who is drawn instead of the one asked for,
    `seed` which seed is drawn whatever was asked, `finish_reason` what is said about it (None: nothing), `size` the
    pixels instead of the asked ones, `edit` a last change of the encoded bytes.
    """

    variant: str = "plain"
    recast: Callable[[Subject], Subject] | None = None
    seed: int | None = None
    finish_reason: str | None = "SUCCESS"
    size: tuple[int, int] | None = None
    edit: Callable[[bytes], bytes] | None = None


UNTOUCHED = Touch()


class Proceed(Protocol):
    """The faithful handling of a request, charge included; `touch` alters the picture on its way out."""

    async def __call__(self, touch: Touch = UNTOUCHED, /) -> Reply: ...


@dataclass(frozen=True)
class Artifact:
    """One picture ready to travel."""

    body: bytes
    seed: int
    finish_reason: str | None
