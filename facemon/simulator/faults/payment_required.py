"""Somebody else spent the credits: the account is emptied, and the faithful handling notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from facemon.simulator.generation import Proceed
from facemon.simulator.messages import Reply, Request
from facemon.simulator.world import World


@dataclass(frozen=True)
class PaymentRequired:
    """402: the account is empty from here on."""

    name: ClassVar[str] = "payment_required"
    summary: ClassVar[str] = "402: the account is empty from here on"
    reach: ClassVar[str] = "generation"

    async def apply(self, _request: Request, proceed: Proceed, world: World, /) -> Reply:
        world.account.empty()
        return await proceed()
