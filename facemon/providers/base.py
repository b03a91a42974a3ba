"""What an upstream API must tell: how a request is built, how a reply is read, what it costs. No I/O."""

from __future__ import annotations

from typing import Protocol

from facemon.calls import HttpCall, HttpReply, Picture
from facemon.model import ImageRequest


class Provider(Protocol):
    """One upstream API. A wrong model is refused by the constructor's caller through `models`."""

    name: str
    default_model: str
    formats: tuple[str, ...]

    @property
    def models(self) -> tuple[str, ...]:
        """The models it serves."""
        ...

    def price(self, request: ImageRequest, model: str) -> float:
        """Credits for one call."""
        ...

    def size(self, aspect_ratio: str, model: str) -> tuple[int, int] | None:
        """Documented width and height in pixels; None for a ratio that is not documented."""
        ...

    def build(self, request: ImageRequest, model: str) -> HttpCall:
        """The HTTP request."""
        ...

    def read(self, reply: HttpReply) -> Picture:
        """The picture in a reply. Raises the GenerationError that the reply means."""
        ...

    def authorization(self, key: str) -> str:
        """The value of the `authorization` header for a key."""
        ...

    def engines_call(self) -> HttpCall:
        """The request that asks for the engines on offer."""
        ...

    def read_engines(self, reply: HttpReply) -> tuple[str, ...]:
        """The engines' ids. Raises the GenerationError that the reply means."""
        ...

    def balance_call(self) -> HttpCall:
        """The request that asks for the account's credits."""
        ...

    def read_balance(self, reply: HttpReply) -> float:
        """Credits left. Raises the GenerationError that the reply means."""
        ...
