"""Where the pictures come from: prepared bodies at once, cold ones drawn off the event loop."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol

from facemon.simulator.generation import Artifact, Job, Touch
from facemon.simulator.subject import Subject

if TYPE_CHECKING:
    from facemon.simulator.portraits import PictureKey

_LAST_SEED = 4294967294
_DRAWERS = 2  # drawing is numpy on one core each; more would only slow down the answers that are ready


class Pictures(Protocol):
    """What the studio needs of `portraits.PictureCache`."""

    def get(self, key: PictureKey) -> bytes: ...
    def is_ready(self, key: PictureKey) -> bool: ...
    def prepare(
        self, keys: Iterable[PictureKey], *, progress: Callable[[int, int], None] | None = None
    ) -> int: ...


def open_cache(folder: str | None) -> Pictures:
    """The house's own cache of portraits, in `folder` or in the default one."""
    from facemon.simulator.portraits import PictureCache, default_cache_folder

    return PictureCache(Path(folder) if folder else default_cache_folder())


def pool_seed(base: int, subject: Subject, place: int) -> int:
    """The seed number `place` of a subject's pool, 1..4294967294, in a simulator seeded with `base`."""
    text = f"{base}/{subject.age}/{subject.gender}/{place}"
    return 1 + int.from_bytes(sha256(text.encode()).digest()[:8]) % _LAST_SEED


def picture_key(subject: Subject, seed: int, size: tuple[int, int], picture_format: str) -> PictureKey:
    """What is drawn, as the cache names it; `size` is width and height in pixels."""
    from facemon.simulator.portraits import PictureKey

    return PictureKey(subject.age, subject.gender, seed, *size, picture_format)


def touched_key(key: PictureKey, touch: Touch) -> PictureKey:
    """What is drawn instead of `key` once a fault has laid hands on it."""
    subject = Subject(key.age, key.gender)
    if touch.recast is not None:
        subject = touch.recast(subject)
    seed = key.seed if touch.seed is None else touch.seed
    width, height = touch.size or (key.width, key.height)
    return replace(
        key,
        age=subject.age,
        gender=subject.gender,
        seed=seed,
        width=width,
        height=height,
        variant=touch.variant,
    )


class Studio:
    """Draws the artifacts of a job. `pool` 0 lets the server pick any seed at all; `stamped` makes each file new."""

    def __init__(
        self, pictures: Pictures, pool: int, base: int, random: Random, stamped: bool = True
    ) -> None:
        self._pictures = pictures
        self._pool = pool
        self._base = base
        self._random = random
        self._stamped = stamped
        self._picked: defaultdict[Subject, int] = defaultdict(int)
        self._drawers = ThreadPoolExecutor(_DRAWERS, thread_name_prefix="portrait")
        self._underway: dict[PictureKey, asyncio.Future[bytes]] = {}

    def seeds(self, job: Job) -> list[int]:
        """One seed a sample: from the request's onwards, or the next ones of the subject's pool."""
        if job.seed:
            return [(job.seed + place) % 2**32 or 1 for place in range(job.samples)]
        if not self._pool:
            return [self._random.randint(1, _LAST_SEED) for _ in range(job.samples)]
        first = self._picked[job.subject]
        self._picked[job.subject] += job.samples
        size = max(self._pool, job.samples)
        return [pool_seed(self._base, job.subject, (first + place) % size) for place in range(job.samples)]

    async def make(self, job: Job, touch: Touch) -> list[Artifact]:
        """Same seed and same job: same pixels in other bytes, as the real service's fresh manifest makes them."""
        from facemon.simulator.portraits import stamp

        artifacts = []
        for seed in self.seeds(job):
            key = touched_key(picture_key(job.subject, seed, (job.width, job.height), job.format), touch)
            body = await self._body(key)
            # Drawn even where it is not used, so that ids and seeds stay what they are.
            nonce = self._random.randbytes(16)
            if self._stamped:
                body = stamp(body, key.format, nonce)
            if touch.edit is not None:
                body = touch.edit(body)
            artifacts.append(Artifact(body, seed, touch.finish_reason))
        return artifacts

    async def _body(self, key: PictureKey) -> bytes:
        if self._pictures.is_ready(key):
            return self._pictures.get(key)
        drawing = self._underway.get(key)
        if drawing is None:
            loop = asyncio.get_running_loop()
            drawing = loop.run_in_executor(self._drawers, self._pictures.get, key)
            self._underway[key] = drawing
            drawing.add_done_callback(lambda _: self._underway.pop(key, None))
        # Shielded: a client that goes away must not cancel the drawing another one waits for.
        return await asyncio.shield(drawing)

    def prepare(self, keys: list[PictureKey], progress: Callable[[int, int], None] | None = None) -> int:
        """Draw what is missing of `keys` and return how many that was. Blocks."""
        return self._pictures.prepare(keys, progress=progress)

    def close(self) -> None:
        """End the drawing threads, without waiting for what they draw."""
        self._drawers.shutdown(wait=False, cancel_futures=True)
