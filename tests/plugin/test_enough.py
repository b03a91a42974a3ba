"""A sequential run takes no more of the sample than the evidence needs."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from facemon.model import MonitoringData, Quality
from facemon.plugin.enough import Enough
from facemon.slo.judging import fewest_to_pass
from facemon.slo.language import parse
from facemon.slo.objectives import default_objectives
from tests.plugin.test_bench import SAMPLE, everything, records, run, section
from tests.plugin.test_verdict import Bench

RATE = parse("success_rate >= 95%")
CLEAN = fewest_to_pass(RATE, sequential=True) or 0
CHECK = "check_it.py::check_it"


class Store:
    """As much of a store as is asked, and how often it was."""

    def __init__(self) -> None:
        self.kept: list[MonitoringData] = []
        self.judged: list[MonitoringData] = []
        self.reads = 0

    async def drain(self) -> None:
        """What was asked for by this process is judged now."""
        self.kept = self.judged or self.kept

    async def count(self, **_: object) -> int:
        return len(self.kept)

    async def records(self, **_: object) -> list[MonitoringData]:
        self.reads += 1
        return list(self.kept)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that stands still between two checks."""
    made = asyncio.new_event_loop()
    yield made
    made.close()


@pytest.fixture
def picture(tmp_path: Any) -> MonitoringData:
    """A sound generation of the check."""
    bench = Bench(tmp_path)
    bench.picture(check=f"{CHECK}[1]")
    return bench.kept[0]


ITEM: Any = SimpleNamespace(
    nodeid=CHECK, parent=SimpleNamespace(nodeid="check_it.py"), originalname="check_it", name="check_it[1]"
)


def watching(loop: asyncio.AbstractEventLoop, *objectives: Any, **marked: Any) -> tuple[Enough, Store]:
    """Who watches, and the store that it looks into."""
    store = Store()
    context = SimpleNamespace(run_id="run")
    engine: Any = SimpleNamespace(loop=loop, store=store, context=context, drain=store.drain)
    return Enough(engine, objectives, marked), store


def samples(enough: Enough, store: Store, record: MonitoringData, most: int = 300) -> int:
    """How many samples are taken when each is like this one."""
    for number in range(most):
        try:
            enough.check(ITEM)
        except pytest.skip.Exception as skipped:
            said = re.fullmatch(r"not needed: the evidence suffices after (\d+) samples", str(skipped))
            return number if said and int(said[1]) == number else -1
        store.kept.append(record)
    return most


def asks(enough: Enough) -> bool:
    """Whether one more sample is taken. A skip that escaped would skip the test itself, and look like none."""
    try:
        enough.check(ITEM)
    except pytest.skip.Exception:
        return False
    return True


def test_it_stops_when_every_objective_is_confirmed(loop: Any, picture: MonitoringData) -> None:
    """With clean samples at what confirms the hardest one, give or take the gap between two looks."""
    enough, store = watching(loop, *default_objectives())
    assert CLEAN <= samples(enough, store, picture) <= CLEAN + 2


def test_it_stops_when_every_objective_is_refuted(loop: Any, picture: MonitoringData) -> None:
    """A service that is always late is known to be so after a handful."""
    enough, store = watching(loop, parse("response_time.p95 <= 0.1s"))
    assert samples(enough, store, picture) <= 6


def test_one_open_question_keeps_it_going(loop: Any, picture: MonitoringData) -> None:
    """Refuted is not enough while another promise is open."""
    enough, store = watching(loop, parse("response_time.p95 <= 0.1s"), parse("success_rate >= 99%"))
    assert samples(enough, store, picture) > CLEAN


def test_without_an_objective_nothing_is_decided(loop: Any, picture: MonitoringData) -> None:
    """Figures of the whole run are not fed by the sample: all of it is taken."""
    enough, store = watching(loop, parse("memory.max <= 256MB"))
    assert samples(enough, store, picture, 100) == 100


def test_a_checks_own_objectives_hold_it_up_too(loop: Any, picture: MonitoringData) -> None:
    """Those of its marker are judged on its own records, and keep other checks' samples from nothing."""
    enough, store = watching(loop, RATE, **{CHECK: ["success_rate >= 99%"]})
    assert samples(enough, store, picture) > CLEAN + 2
    other, store = watching(loop, RATE, **{"check_it.py::check_other": ["success_rate >= 99%"]})
    assert samples(other, store, picture) <= CLEAN + 2


def test_earlier_runs_do_not_stand_in_for_this_one(loop: Any, picture: MonitoringData) -> None:
    """A window does not shorten the look at the service as it is now."""
    enough, store = watching(loop, parse("success_rate >= 95% over 24h"))
    assert samples(enough, store, picture) >= CLEAN


def test_what_is_not_judged_yet_is_waited_for(loop: Any, picture: MonitoringData) -> None:
    """The verdict at the end knows every score: nothing is decided while one is missing."""
    enough, store = watching(loop, RATE)
    store.kept = [replace(picture, quality=Quality(pending=True))] + [picture] * 200
    assert asks(enough)
    store.kept[0] = picture
    store.kept += [picture] * 3
    assert not asks(enough)


def test_our_own_scores_are_waited_for_before_a_look(loop: Any, picture: MonitoringData) -> None:
    """Else the last picture would always be missing, and a quick service never be decided."""
    enough, store = watching(loop, RATE)
    store.kept = [replace(picture, quality=Quality(pending=True))] + [picture] * CLEAN
    store.judged = [picture] * (CLEAN + 1)
    assert not asks(enough)


def test_it_looks_now_and_then(loop: Any, picture: MonitoringData) -> None:
    """Reading a run's records takes time: not more often than every third."""
    enough, store = watching(loop, RATE)
    taken = samples(enough, store, picture)
    assert store.reads <= taken // 3 + 1


def test_what_comes_late_may_open_the_question_again(loop: Any, picture: MonitoringData) -> None:
    """Another worker's sample was under way: were it a failure, the next one is taken after all."""
    enough, store = watching(loop, parse("response_time.p95 <= 1s"))
    store.kept = [picture] * CLEAN
    assert not asks(enough)
    store.kept.append(replace(picture, performance=replace(picture.performance, response_time=2.0)))
    assert asks(enough)


# --- whole runs ---

THREE = ("--facemon-objective=success_rate >= 70%", "--facemon-objective=response_time.p70 <= 3s")


def taken(pytester: pytest.Pytester, *options: str) -> tuple[pytest.RunResult, int]:
    """A sequential run, and how many faces it asked for."""
    result = run(pytester, SAMPLE, "-q", "--facemon-sequential", *THREE, *options)
    return result, len(records(pytester.path))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulator that answers at once."""
    monkeypatch.setattr("facemon.simulator.core.draw_latency", lambda *_: 0.0)


def test_a_good_service_passes_early(pytester: pytest.Pytester, quick: None) -> None:
    """The rest of the sample is skipped, with the reason; the run is neither unknown nor inconclusive."""
    result, asked = taken(pytester, "--facemon-samples", "60", "-rs")
    assert result.ret == 0, everything(result)
    assert asked < 25
    assert result.parseoutcomes() == {"passed": asked, "skipped": 60 - asked}
    assert f"not needed: the evidence suffices after {asked} samples" in everything(result)
    assert section(result)["enough"].startswith(f"{60 - asked} of the sample not needed")


def test_a_bad_service_fails_early(pytester: pytest.Pytester, quick: None) -> None:
    """Two of three requests refused: known after a few."""
    fault = ("--facemon-fault", "moderated:rate=0.7", "--facemon-give-up-after", "0")
    result, asked = taken(pytester, "--facemon-samples", "60", *fault)
    assert result.ret == 1
    assert asked < 30
    assert len(section(result)["fail"].splitlines()) == 2


def test_evidence_that_does_not_suffice_is_inconclusive(pytester: pytest.Pytester, quick: None) -> None:
    """All of a small sample is taken, and the section says how many more it would take."""
    result, asked = taken(pytester, "--facemon-samples", "4")
    assert (result.ret, asked) == (10, 4)
    assert "more samples would decide" in section(result)["inconclusive"]


@pytest.mark.slow
def test_workers_stop_together(pytester: pytest.Pytester) -> None:
    """Each sees what all have asked for: they stop within a few of each other, and the verdict is one."""
    options = ("--facemon-samples", "60", "-n", "2")
    result = run(pytester, SAMPLE, "-q", "--facemon-sequential", *THREE, *options, apart=True)
    assert result.ret == 0, everything(result)
    asked = len(records(pytester.path))
    assert asked < 35
    assert result.parseoutcomes()["skipped"] == 60 - asked
