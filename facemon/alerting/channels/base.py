"""What every channel promises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from facemon.incident import Notice

MENDABLE = 900.0
"""Seconds until a receiver is asked again whose address, login or permission a person has to mend first."""


@dataclass(frozen=True, slots=True)
class ChannelConfig:
    """What a channel is made of. name: as the project's file calls it · options: its table of the file ·
    environment: the variables; secrets come from here and from nowhere else · origin: `facemon.toml:12`, for an error ·
    kind: the member of the open set; the name itself where it is empty.
    """

    name: str
    options: Mapping[str, Any]
    environment: Mapping[str, str] = field(repr=False)
    origin: str = ""
    kind: str = ""


class Channel(Protocol):
    """One way to tell somebody. Made with (ChannelConfig, Clock); raises ConfigError for what it cannot work with.

    name: as the project's file calls it · patience: seconds that a try may take, fewer than a claim holds (120);
    None: as many as the dispatcher gives everybody.
    """

    name: str
    patience: ClassVar[float | None] = None

    async def send(self, notice: Notice) -> str:
        """Deliver; return what the receiver calls it (may be empty) once it has acknowledged, and not before.

        A notice may come again after a crash: the receiver must be able to recognise it by `notice.message.id`.
        Raises DeliveryFailed where a later try may succeed, be it that a person mends the place or the credential
        first (then with `retry_after=MENDABLE`); DeliveryRefused only where the message itself is not accepted.
        """
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
