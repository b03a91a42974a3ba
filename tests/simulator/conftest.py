"""A simulator whose pictures cost nothing, and requests as a client would write them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any

import pytest
from PIL import Image

from facemon.clock import Clock, ManualClock
from facemon.simulator import Request, Simulator, SimulatorConfig
from facemon.simulator.portraits import PictureKey, encode

KEY = "sk-simulator"
BOUNDARY = "b0undary"


@lru_cache(maxsize=256)
def paint(key: PictureKey) -> bytes:
    """One colour, which stands for everything that the key says."""
    colour = sha256(repr(key).encode()).digest()
    return encode(Image.new("RGB", (key.width, key.height), (colour[0], colour[1], colour[2])), key.format)


class PaintedPictures:
    """A cache that is always warm and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[PictureKey] = []

    def get(self, key: PictureKey) -> bytes:
        self.asked.append(key)
        return paint(key)

    def is_ready(self, key: PictureKey) -> bool:
        return True

    def prepare(
        self, keys: Iterable[PictureKey], *, progress: Callable[[int, int], None] | None = None
    ) -> int:
        if progress is not None:
            progress(len(list(keys)), len(list(keys)))
        return 0


class Api:
    """Requests by hand: nothing here is shared with the simulator."""

    def multipart(self, fields: dict[str, str]) -> bytes:
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        return ("".join(parts) + f"--{BOUNDARY}--\r\n").encode()

    def v2beta(
        self,
        service: str = "core",
        *,
        accept: str | None = "image/*",
        key: str | None = KEY,
        headers: dict[str, str] | None = None,
        **fields: str,
    ) -> Request:
        fields = {"prompt": "a 42-year-old woman, neutral expression"} | fields
        sent = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
        sent |= {"accept": accept} if accept else {}
        sent |= {"authorization": f"Bearer {key}"} if key else {}
        sent |= headers or {}
        path = f"/v2beta/stable-image/generate/{service}"
        return Request("POST", path, tuple(sent.items()), self.multipart(fields))

    def v1(
        self,
        engine: str = "stable-diffusion-xl-1024-v1-0",
        *,
        accept: str | None = "application/json",
        key: str | None = KEY,
        **fields: Any,
    ) -> Request:
        fields = {"text_prompts": [{"text": "a 42-year-old woman"}]} | fields
        sent = {"content-type": "application/json"}
        sent |= {"accept": accept} if accept else {}
        sent |= {"authorization": f"Bearer {key}"} if key else {}
        path = f"/v1/generation/{engine}/text-to-image"
        return Request("POST", path, tuple(sent.items()), json.dumps(fields).encode())

    def get(self, path: str, key: str | None = KEY) -> Request:
        return Request("GET", path, (("authorization", f"Bearer {key}"),) if key else ())


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def pictures() -> PaintedPictures:
    return PaintedPictures()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def simulator(pictures: PaintedPictures, clock: ManualClock) -> Iterator[Callable[..., Simulator]]:
    """`simulator(balance=3, faults=("hang",), …)`: a fresh one, on a clock that stands still, unless one is given."""
    made: list[Simulator] = []

    def make(clock: Clock = clock, **settings: Any) -> Simulator:
        settings = {"prepare": False, "latency_scale": 0} | settings
        made.append(Simulator(SimulatorConfig(**settings), clock, pictures))
        return made[-1]

    yield make
    for one in made:
        one.close()
