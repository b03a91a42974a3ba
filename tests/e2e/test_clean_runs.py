"""A sound service raises no alarm: no evaluator, and no check that judges pictures."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from itertools import product
from math import ceil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from runs import ROOT, Finished, run_checks

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
FEWER = 400  # without --long
SEEDS = 200
CELLS = list(product(AGES, GENDERS))
PEOPLE = 8  # seeds of one cell that `check_diversity` compares
BLOCKS = ceil(GENERATIONS / (PEOPLE * len(CELLS)))
CLEAN = SimulatorConfig(
    key="sk-clean-0123456789", balance=1e6, rate_limit=None, latency_scale=0, prepare=False
)
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


async def generate_all(url: str, key: str, folder: Path, count: int) -> list[MonitoringData]:
    """So many generations through real clients, a few at a time."""
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

        await asyncio.gather(*map(one, range(count)))
        for monitor in monitors.values():
            await monitor.aclose()
            assert monitor.client is not None
            await monitor.client.aclose()
    return records


def test_a_thousand_clean_generations_raise_no_failure(tmp_path: Path, long_run: bool) -> None:
    """1000 generations (400 without --long), 200 seeds, all cells, models and formats: no failure and no retry."""
    count = GENERATIONS if long_run else FEWER
    with SimulatorProcess(CLEAN) as simulator:
        records = asyncio.run(generate_all(simulator.url, CLEAN.key, tmp_path, count))
    assert len(records) == count
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


# The shipped checks themselves, on other seeds than their own. `check_a_picture` is the check that hypothesis explores,
# at a place that we choose; it forgives no picture, as the two on a set of twelve do.
CHECKS = """
import sys
from functools import partial
from itertools import product

import pytest

from facemon import AGES, GENDERS, FaceRequest
from facemon.plugin import facade

sys.path.insert(0, {folder!r})
import check_diversity, check_face_quality, check_prompt_adherence

SEEDS = {seeds!r}
CELLS = list(product(AGES, GENDERS))

@pytest.mark.parametrize("seed", SEEDS)
async def check_twelve_portraits(facemon, facemon_engine, monkeypatch, seed):
    facemon_engine.portraits.clear()
    monkeypatch.setattr(facade, "FaceRequest", partial(FaceRequest, seed=seed))
    await check_face_quality.check_portraits_are_good(facemon)
    await check_prompt_adherence.check_portraits_show_what_was_asked(facemon)

@pytest.mark.parametrize(("age", "gender"), CELLS)
async def check_the_people_of_a_cell(facemon, monkeypatch, age, gender):
    def request(_age, _gender, seed):
        return FaceRequest(age, gender, seed=SEEDS[seed - 1])

    assert check_diversity.PEOPLE == len(SEEDS)
    monkeypatch.setattr(check_diversity, "FaceRequest", request)
    await check_diversity.check_seeds_are_different_people(facemon)

@pytest.mark.parametrize(("age", "gender", "seed"), [(*cell, seed) for cell in CELLS for seed in SEEDS])
async def check_a_picture(facemon, age, gender, seed):
    explored = check_prompt_adherence.check_any_seed_shows_what_was_asked
    await explored.hypothesis.inner_test(facemon, age, gender, seed)
"""


def run_on(url: str, folder: Path, seeds: range) -> Finished:
    """The checks that judge pictures, on every picture of these seeds."""
    folder.mkdir()
    checks = folder / "check_clean.py"
    checks.write_text(CHECKS.format(folder=str(ROOT / "checks"), seeds=list(seeds)), "utf-8")
    options = ["-c", str(ROOT / "pyproject.toml"), "-rs", f"--facemon-target={url}"]
    ended = run_checks(folder, *options, key=CLEAN.key, checks=str(checks))
    asked = [(r.request_params.age, r.request_params.gender, r.request_params.seed) for r in ended.records]
    # Each in a set of twelve, in a set of eight, and alone.
    assert Counter(asked) == {(*cell, seed): 3 for cell, seed in product(CELLS, seeds)}, ended.output
    assert "skipped" not in ended.output
    return ended


def test_a_thousand_clean_pictures_alarm_no_check(tmp_path: Path, long_run: bool) -> None:
    """Quality, adherence and diversity as the checks ask for them: no check fails, nor does the verdict of its run.

    On 1056 pictures (96 in the short run): each is in a set of twelve, in a set of eight, and judged alone.
    """
    seeds = range(1, 1 + PEOPLE * (BLOCKS if long_run else 1))
    with TemporaryDirectory() as own:  # the usual cache would forget the pictures of other tests for so many
        config = replace(CLEAN, cache_folder=own if long_run else None)
        with SimulatorProcess(config) as simulator:
            runs = [
                run_on(simulator.url, tmp_path / f"from-{first}", range(first, first + PEOPLE))
                for first in seeds[::PEOPLE]
            ]
    alarms = [ended.output for ended in runs if ended.exit_code != 0]
    assert not alarms, "\n".join(alarms)
