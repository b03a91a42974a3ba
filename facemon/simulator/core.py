"""The simulator: one request in, one reply out. It opens no socket and waits for nothing but a drawing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from random import Random
from typing import Any

from facemon.clock import Clock, SystemClock
from facemon.simulator import v1, v2beta
from facemon.simulator.account import Account
from facemon.simulator.config import SimulatorConfig
from facemon.simulator.generation import UNTOUCHED, Artifact, Job, Proceed, Touch
from facemon.simulator.latency import draw_latency
from facemon.simulator.messages import MAX_BODY, Reply, Request
from facemon.simulator.mischief import PictureFault
from facemon.simulator.plan import FaultPlan
from facemon.simulator.problems import (
    NOT_FOUND,
    PAYLOAD_TOO_LARGE,
    PAYMENT_REQUIRED,
    UNAUTHORIZED,
    Problem,
    rate_limited,
)
from facemon.simulator.studio import Pictures, Studio, open_cache, touched_key
from facemon.simulator.workset import working_set
from facemon.simulator.world import World

_V2BETA = re.compile(rf"/v2beta/stable-image/generate/({'|'.join(v2beta.SERVICES)})/?")
_V1 = re.compile(r"/v1/generation/([^/]+)/text-to-image/?")
_KEYED: dict[str, Callable[[World], Any]] = {
    "/v1/user/balance": lambda world: {"credits": world.account.balance},
    "/v1/engines/list": lambda _: v1.ENGINES,
}

_Write = Callable[[Job, list[Artifact], str], Reply]


@dataclass(frozen=True)
class _Generation:
    """A generation route: how its requests are read and its replies written."""

    read: Callable[[Request, str, Collection[str]], Job | Problem]
    write: _Write


class Simulator:
    """The API without a door. `pictures` replaces the cache of portraits in tests."""

    def __init__(
        self, config: SimulatorConfig, clock: Clock | None = None, pictures: Pictures | None = None
    ) -> None:
        clock = clock or SystemClock()
        # Latencies have a chance of their own: drawing one more picture must not change how long the next takes.
        self._latency = Random(f"latency/{config.seed}")
        random = Random(config.seed)
        cache = pictures or open_cache(config.cache_folder)
        stamped = "same_bytes" not in config.readings
        studio = Studio(cache, config.pool, config.seed, random, stamped)
        self.config = config
        self.plan = FaultPlan(config.faults, config.seed)
        account = Account(config.balance)
        self.world = World(clock, random, account, config.rate_limit, studio, config.readings)
        self.requests = 0
        self.generations = 0
        self._statuses: Counter[str] = Counter()

    @property
    def clock(self) -> Clock:
        """The time by which a door delivers the replies."""
        return self.world.clock

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> int:
        """Draw what is missing of the working set, also as the declared faults will want it. Blocks.

        Returns how many pictures that was; `progress(done, total)` hears of each.
        """
        keys = working_set(self.config)
        faults = [planned.fault for planned in self.plan.faults]
        touches = [fault.touch(self.world) for fault in faults if isinstance(fault, PictureFault)]
        touched = [touched_key(key, touch) for touch in touches for key in keys]
        return self.world.studio.prepare([*keys, *touched], progress)

    def refuses(self) -> bool:
        """Whether connections are kept out from now on. A yes is counted: ask once for each time it takes effect."""
        return self.plan.pick_connection(self.generations + 1) is not None

    async def respond(self, request: Request) -> Reply:
        """What the API answers. Raises nothing a request could cause."""
        self.requests += 1
        reply = Reply(0, refused=True) if self.refuses() else await self._answer(request)
        self._statuses["none" if reply.refused or reply.reset or reply.hang else str(reply.status)] += 1
        return reply

    async def _answer(self, request: Request) -> Reply:
        if len(request.body) > MAX_BODY:
            return self.world.refuse(request, PAYLOAD_TOO_LARGE)
        route = _generation_route(request) if request.method == "POST" else None
        if route is not None:
            return await self._generate(request, route)
        if request.method == "GET" and request.path in _KEYED:
            return await self._look_up(request)
        return self.world.refuse(request, NOT_FOUND)

    async def _generate(self, request: Request, route: _Generation) -> Reply:
        world = self.world
        if not world.limiter.admit():
            limit = world.limit
            return world.refuse(request, rate_limited(limit.requests, limit.seconds, limit.lockout))
        job = route.read(request, self.config.key, self.config.readings)
        if isinstance(job, Problem):
            return world.refuse(request, job)
        if not world.account.affords(job.price):
            return world.refuse(request, PAYMENT_REQUIRED)
        # Only what would end with a picture is counted and struck: a fault then always has its effect.
        self.generations += 1
        proceed = self._proceed(request, job, route.write)
        planned = self.plan.pick(self.generations)
        return await (planned.fault.apply(request, proceed, world) if planned else proceed())

    def _proceed(self, request: Request, job: Job, write: _Write) -> Proceed:
        async def proceed(touch: Touch = UNTOUCHED, /) -> Reply:
            world = self.world
            identity = world.identity()
            charge = world.account.charge(identity, job.model, job.price)
            if charge is None:
                return world.refuse(request, PAYMENT_REQUIRED)
            try:
                artifacts = await world.studio.make(job, touch)
            except Exception:
                world.account.refund(charge)
                raise
            if touch.finish_reason == "CONTENT_FILTERED" and "filtered_free" in world.readings:
                world.account.refund(charge)
            wait = draw_latency(job.model, self.config.latency_scale, self._latency)
            return replace(write(job, artifacts, identity), wait_before_headers=wait)

        return proceed

    async def _look_up(self, request: Request) -> Reply:
        world = self.world

        async def proceed(_touch: Touch = UNTOUCHED, /) -> Reply:
            body = json.dumps(_KEYED[request.path](world), separators=(",", ":")).encode()
            return Reply(
                200, (("content-type", "application/json"), ("x-request-id", world.identity())), body
            )

        if request.key != self.config.key:
            return world.refuse(request, v1.unauthorized(request) if request.api == "v1" else UNAUTHORIZED)
        planned = self.plan.pick_keyed(self.generations + 1)
        return await (planned.fault.apply(request, proceed, world) if planned else proceed())

    def state(self) -> dict[str, Any]:
        """What happened so far, as JSON; nothing in it is secret: no key, no prompt, no header."""
        account = self.world.account
        return {
            "requests": self.requests,
            "generations": self.generations,
            "statuses": dict(self._statuses),
            "balance": account.balance,
            "charged": account.charged,
            "charge_count": account.count,
            "charges": [asdict(charge) for charge in account.charges],
            "fired": self.plan.fired,
            "never_fired": self.plan.never_fired,
        }

    def close(self) -> None:
        """Let go of the drawing threads."""
        self.world.studio.close()


def _generation_route(request: Request) -> _Generation | None:
    """The API that the path belongs to, with the service or engine it names filled in."""
    if match := _V2BETA.fullmatch(request.path):
        service = match[1]
        return _Generation(
            lambda request, key, readings: v2beta.read(request, service, key, readings), v2beta.write
        )
    if match := _V1.fullmatch(request.path):
        engine = match[1]
        return _Generation(lambda request, key, readings: v1.read(request, engine, key, readings), v1.write)
    return None
