"""One way of fetching pictures, measured in a process of its own: `python -m benchmarks.one MODE URL KEY COUNT`.

Prints one JSON object: latencies (seconds, one a generation), cpu (seconds of this process a generation, the scoring
threads included), memory (peak resident set in bytes).
"""

from __future__ import annotations

import asyncio
import io
import json
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
from PIL import Image

from facemon.client import FaceClient
from facemon.config import Settings
from facemon.model import FaceRequest
from facemon.monitor import Monitor
from facemon.prompts import HEADSHOT
from facemon.scoring import default_evaluators
from facemon.secret import Secret
from facemon.store import RecordStore

FACE = FaceRequest(30, "female")
WARM_UP = 10

Fetch = Callable[[], Awaitable[object]]
Settle = Callable[[object], Awaitable[object]]


async def measure(fetch: Fetch, settle: Settle, count: int) -> dict[str, object]:
    """Time `fetch` alone; `settle` (scores still under way) counts in the CPU, not in the caller's latency."""
    for _ in range(WARM_UP):
        await settle(await fetch())
    latencies, cpu = [], time.process_time()
    for _ in range(count):
        started = time.perf_counter()
        fetched = await fetch()
        latencies.append(time.perf_counter() - started)
        await settle(fetched)
    used = (time.process_time() - cpu) / count
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"latencies": latencies, "cpu": used, "memory": peak}


async def nothing(_: object) -> None:
    """Nothing is under way."""


async def bare(url: str, key: str, count: int, *, decode: bool) -> dict[str, object]:
    """httpx alone: the same form, the same server, the whole body; then, if asked, one full Pillow decode."""
    words = HEADSHOT.fill(FACE)
    fields = {"prompt": words.prompt, "negative_prompt": words.negative_prompt, "output_format": "png"}
    headers = {"authorization": f"Bearer {key}", "accept": "image/*"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30, trust_env=False) as http:

        async def fetch() -> bytes:
            files = [(name, (None, value)) for name, value in fields.items()]
            reply = await http.post("/v2beta/stable-image/generate/core", files=files)
            reply.raise_for_status()
            if decode:
                Image.open(io.BytesIO(reply.content)).load()
            return reply.content

        return await measure(fetch, nothing, count)


async def monitored(
    url: str, key: str, count: int, *, evaluate: bool, awaited: bool = False
) -> dict[str, object]:
    """facemon: the record on disk before the caller goes on; the scores, if any, in the background."""
    settings = Settings.load(high={"base_url": url, "rate_limit": "none", "max_credits": 1e6})
    client = FaceClient(settings.model_copy(update={"api_key": Secret(key)}))
    evaluators = default_evaluators() if evaluate else ()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            await RecordStore.open(Path(folder) / "benchmark.db") as store,
            client,
            Monitor(client, store=store, evaluators=evaluators) as monitor,
        ):

            async def fetch() -> object:
                result = (await monitor.generate(FACE)).raise_for_error()
                if awaited:
                    await result.scored()
                return result

            async def settle(result: object) -> None:
                await result.scored()  # type: ignore[attr-defined]

            return await measure(fetch, settle, count)


MODES = {
    "httpx": lambda *about: bare(*about, decode=False),
    "httpx+decode": lambda *about: bare(*about, decode=True),
    "recorded": lambda *about: monitored(*about, evaluate=False),
    "evaluated": lambda *about: monitored(*about, evaluate=True),
    "awaited": lambda *about: monitored(*about, evaluate=True, awaited=True),
}

if __name__ == "__main__":
    mode, url, key, count = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(MODES[mode](url, key, int(count)))))
