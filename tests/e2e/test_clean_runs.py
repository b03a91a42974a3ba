"""A sound service raises no alarm."""

from __future__ import annotations

import asyncio
from itertools import product
from pathlib import Path

import pytest

from facemon.client import FaceClient
from facemon.config import Settings
from facemon.model import AGES, GENDERS, FaceRequest, MonitoringData, State
from facemon.monitor import Monitor
from facemon.providers import PROVIDERS
from facemon.secret import Secret
from facemon.simulator.config import SimulatorConfig
from facemon.simulator.process import SimulatorProcess
from facemon.store import RecordStore

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

GENERATIONS = 1000
SEEDS = 200
CELLS = list(product(AGES, GENDERS))
# Every model of every provider in every format it paints.
PAINTED = [
    (provider, model, output_format)
    for provider, kind in PROVIDERS.items()
    for model in kind().models
    for output_format in kind().formats
]


def request_of(seed: int) -> tuple[str, str, FaceRequest]:
    """Each seed has a cell, a model and a format of its own, so that 200 drawings cover them all many times."""
    provider, model, output_format = PAINTED[seed % len(PAINTED)]
    age, gender = CELLS[seed % len(CELLS)]
    return provider, model, FaceRequest(age, gender, seed, output_format=output_format)


async def generate_all(url: str, key: str, folder: Path) -> list[MonitoringData]:
    """A thousand generations through real clients, a few at a time."""
    common = {"base_url": url, "rate_limit": "none", "max_credits": "100000"}
    records: list[MonitoringData] = []
    async with await RecordStore.open(folder / "clean.db") as store:
        monitors = {}
        for provider, model, _ in PAINTED:
            settings = Settings.load(high=common | {"provider": provider, "model": model})
            client = FaceClient(settings.model_copy(update={"api_key": Secret(key)}))
            monitors[provider, model] = Monitor(client, store=store)
        places = asyncio.Semaphore(4)

        async def one(number: int) -> None:
            provider, model, request = request_of(number % SEEDS + 1)
            async with places:
                result = await monitors[provider, model].generate(request)
                records.append(await result.scored())

        await asyncio.gather(*map(one, range(GENERATIONS)))
        for monitor in monitors.values():
            await monitor.aclose()
            assert monitor.client is not None
            await monitor.client.aclose()
    return records


def test_a_thousand_clean_generations_raise_no_failure(tmp_path: Path) -> None:
    """1000 generations, 200 seeds, all twelve cells, every model and format: not one failure, not one retry."""
    config = SimulatorConfig(
        key="sk-clean-0123456789", balance=1e6, rate_limit=None, latency_scale=0, prepare=False
    )
    with SimulatorProcess(config) as simulator:
        records = asyncio.run(generate_all(simulator.url, config.key, tmp_path))
    assert len(records) == GENERATIONS
    bad = [(r.request_params, r.error_types, r.quality.failed) for r in records if r.state is not State.UP]
    assert not bad
    assert not [record for record in records if record.retry_count or record.quality.unscored]
    seeds = {record.request_params.seed for record in records}
    assert len(seeds) == SEEDS
    assert {(r.request_params.age, r.request_params.gender) for r in records} == set(CELLS)
    asked = {
        (r.request_params.provider, r.request_params.model, r.request_params.output_format) for r in records
    }
    assert asked == set(PAINTED)
