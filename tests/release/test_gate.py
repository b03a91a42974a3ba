"""A gate that asks: the same faces to both, in random order, within its budget, and each record kept."""

from __future__ import annotations

import io
import itertools
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from PIL import Image

from facemon.config import Settings
from facemon.errors import ConfigError, InvalidInput
from facemon.judges import DESCRIPTORS, descriptor_of, forget
from facemon.ledger import Ledger
from facemon.model import FaceRequest, MonitoringData, State
from facemon.prompts import HEADSHOT
from facemon.release import sides
from facemon.release.gate import GateReport, Plan, run_gate
from facemon.release.looks import Looked, Undescribed, look_at
from facemon.release.margins import margins_of
from facemon.release.sides import Asked, Kept, Side, comparable, request_of
from facemon.secret import Secret
from facemon.simulator import Simulator, SimulatorConfig, mock_router, working_set
from facemon.slo.judging import Verdict
from facemon.store import RecordStore, Run
from facemon.vision.trouble import ModelUnavailable
from tests.release.pairs import MOMENT, failed, person, record

KEY = "sk-gate-test"
URL = "https://mock.invalid"
# Without judges there are no scores: what is compared here is whether pictures come, and for how much.
OFF = (
    "response_time.p95=off",
    "sound_picture_rate=off",
    "quality_score.mean=off",
    "prompt_adherence.mean=off",
)
RATES = margins_of((*OFF, "diversity_score=off"))
WIDE = tuple(replace(margin, amount=0.6) if "rate" in margin.name else margin for margin in RATES)
FACES = [FaceRequest(key.age, key.gender, key.seed) for key in working_set(SimulatorConfig())]


@pytest.fixture(autouse=True)
def unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    """No evaluator: they take their time, and have tests of their own."""
    monkeypatch.setattr(sides, "evaluators_of", lambda _settings: ())


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[RecordStore]:
    async with await RecordStore.open(tmp_path / "gate.db") as opened:
        yield opened


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    book = Ledger(rate=None)
    yield book
    book.close()


def side(*faults: str, seen: list[str] | None = None, name: str = "", model: str | None = None) -> Side:
    """A simulator of its own, without a socket; `seen` hears of each request."""
    config = SimulatorConfig(
        key=KEY, latency_scale=0, rate_limit=None, balance=1e6, faults=faults, prepare=False
    )
    router = mock_router(Simulator(config), URL)

    async def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(name)
        return await router.async_handler(request)

    settings = Settings(api_key=Secret(KEY), base_url=URL, model=model)
    return Side(settings, "mock", HEADSHOT, httpx.MockTransport(answer))


async def kept(
    store: RecordStore, report: GateReport
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What each side was asked, in its order."""
    found = []
    for arm in (report.baseline, report.candidate):
        records = await store.records(run_id=arm.run_id)
        params = [each.request_params for each in records]
        found.append([(said.age, said.gender, said.seed) for said in params])
    return found[0], found[1]


async def test_both_are_asked_for_the_same_faces(store: RecordStore, ledger: Ledger) -> None:
    """Pair by pair the same age, gender and seed; the seed of the plan repeats them."""
    plan = Plan(RATES, max_pairs=6, seed=3, faces=FACES, at_once=1)
    first = await kept(store, await run_gate(side(), side(), plan, store, ledger))
    again = await kept(store, await run_gate(side(), side(), plan, store, ledger))
    assert first[0] == first[1] == again[0]
    assert len(set(first[0])) > 1


async def test_who_is_asked_first_is_left_to_chance(store: RecordStore, ledger: Ledger) -> None:
    """So that whoever comes second, to a warm server or a tired one, is not always the same."""
    seen: list[str] = []
    plan = Plan(RATES, max_pairs=20, faces=FACES, at_once=1)
    await run_gate(side(seen=seen, name="old"), side(seen=seen, name="new"), plan, store, ledger)
    firsts = seen[::2]
    assert set(firsts) == {"old", "new"}
    assert all({one, other} == {"old", "new"} for one, other in zip(firsts, seen[1::2], strict=True))


async def test_pairs_side_by_side_are_looked_at_in_their_order(store: RecordStore, ledger: Ledger) -> None:
    """Four at once ask for the faces that one at a time would have asked for."""
    one = await kept(store, await run_gate(side(), side(), Plan(RATES, 8, 5, FACES, 1), store, ledger))
    four = await kept(store, await run_gate(side(), side(), Plan(RATES, 8, 5, FACES, 4), store, ledger))
    assert sorted(one[0]) == sorted(four[0])


async def test_equal_sides_pass(store: RecordStore, ledger: Ledger) -> None:
    """With wide margins soon; both runs are kept, and end with the gate's exit code."""
    report = await run_gate(side(), side(), Plan(WIDE, faces=FACES), store, ledger)
    assert report.verdict.verdict is Verdict.PASS
    assert report.stopped == "decided"
    runs = {run.id: run for run in await store.runs()}
    assert {report.baseline.run_id, report.candidate.run_id} == set(runs)
    assert {run.summary["exit"] for run in runs.values()} == {0}


async def test_a_candidate_that_fails_is_failed_soon(store: RecordStore, ledger: Ledger) -> None:
    """One that is refused every time costs a dozen pairs and no more."""
    report = await run_gate(side(), side("not_found"), Plan(RATES, faces=FACES), store, ledger)
    assert report.verdict.verdict is Verdict.FAIL
    assert report.verdict.pairs < 20


async def test_a_dearer_candidate_is_failed_at_once(store: RecordStore, ledger: Ledger) -> None:
    """Its price is on the list: one round of pairs shows it."""
    report = await run_gate(side(), side(model="ultra"), Plan(RATES, faces=FACES, at_once=1), store, ledger)
    assert report.verdict.verdict is Verdict.FAIL
    assert report.price == report.spent == 11


async def test_it_stops_in_front_of_its_budget(store: RecordStore) -> None:
    """20 credits are three pairs of 6: not a fourth one is begun, and what is missing is said."""
    book = Ledger(cap=20, rate=None)
    report = await run_gate(side(), side(), Plan(RATES, faces=FACES), store, book)
    book.close()
    assert (report.verdict.verdict, report.verdict.pairs, report.spent) == (Verdict.INCONCLUSIVE, 3, 18)
    assert report.stopped == "the budget is spent"
    assert report.verdict.needed


async def test_a_budget_that_pays_for_no_pair_is_unknown(store: RecordStore) -> None:
    """Nothing was seen, and nothing was spent."""
    book = Ledger(cap=5, rate=None)
    report = await run_gate(side(), side(), Plan(RATES, faces=FACES), store, book)
    book.close()
    assert (report.verdict.verdict, report.verdict.pairs, report.spent) == (Verdict.UNSCORED, 0, 0)


async def test_a_kept_run_is_asked_again(store: RecordStore, ledger: Ledger) -> None:
    """Its requests in its order, and nobody else is asked; where they end, the gate does."""
    first = await run_gate(side(), side(), Plan(RATES, 5, faces=FACES, at_once=1), store, ledger)
    records = comparable(await store.records(run_id=first.baseline.run_id))
    run = next(run for run in await store.runs() if run.id == first.baseline.run_id)
    report = await run_gate(Kept(run, records), side(), Plan(RATES, at_once=1), store, ledger)
    before, after = await kept(store, report)
    assert before == after
    assert (report.verdict.pairs, report.price) == (5, 3)
    assert report.stopped == "the baseline's run has no more"
    assert report.baseline.kept
    assert not report.candidate.kept
    shorter = await run_gate(Kept(run, records), side(), Plan(RATES, 2, at_once=1), store, ledger)
    assert (shorter.verdict.pairs, shorter.stopped) == (2, "the most samples are reached")


async def test_the_look_of_every_picture_is_taken(
    store: RecordStore, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of both sides, off the loop, with one descriptor; and where diversity is off, of none."""
    seen: list[tuple[bytes, object, bool]] = []

    def look_at(picture: bytes, descriptor: object) -> Undescribed:
        seen.append((picture[:4], descriptor, threading.current_thread() is threading.main_thread()))
        return Undescribed("not looked for")

    monkeypatch.setattr(sides, "look_at", look_at)
    await run_gate(side(), side(), Plan(margins_of(OFF), 3, faces=FACES), store, ledger)
    assert len(seen) == 6
    assert set(seen) == {(b"\x89PNG", descriptor_of(Settings()), False)}
    await run_gate(side(), side(), Plan(RATES, 3, faces=FACES), store, ledger)
    assert len(seen) == 6


@pytest.mark.parametrize("first", [0, 1])
async def test_a_look_stays_with_the_side_whose_picture_it_is(
    store: RecordStore, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    """Whoever is asked first: a candidate that paints one person is failed, and so is none beside such a baseline."""
    people = itertools.count(1)

    async def ask(asked: Asked, request: FaceRequest) -> tuple[MonitoringData, Looked]:
        same = asked.client.settings.model == "ultra"
        answer = record()
        said = replace(answer.request_params, seed=request.seed)
        return replace(answer, request_params=said), person(0 if same else next(people))

    monkeypatch.setattr(Asked, "ask", ask)
    both = [side(), side(model="ultra")]
    margins = [margin for margin in margins_of(()) if margin.of_pictures]
    plan = Plan(tuple(margins), 300, seed=first)
    report = await run_gate(both[first], both[1 - first], plan, store, ledger)
    assert report.verdict.verdict is (Verdict.PASS if first else Verdict.FAIL)
    found = report.verdict.metrics[0]
    assert (found.baseline, found.candidate) == pytest.approx((0, 100) if first else (100, 0), abs=0.1)


async def test_a_kept_run_is_compared_without_its_people_and_it_is_said(
    store: RecordStore, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds no pictures: diversity is left out with the reason, and nobody looks at the candidate's."""
    first = await run_gate(side(), side(), Plan(RATES, 2, faces=FACES, at_once=1), store, ledger)
    assert first.not_compared == {}
    records = comparable(await store.records(run_id=first.baseline.run_id))
    run = next(run for run in await store.runs() if run.id == first.baseline.run_id)
    monkeypatch.setattr(sides, "look_at", lambda *_: pytest.fail("nobody needs it"))
    report = await run_gate(Kept(run, records), side(), Plan(margins_of(OFF), at_once=1), store, ledger)
    assert report.not_compared == {"diversity_score": "a kept run holds no pictures"}
    assert "diversity_score" not in {metric.margin.name for metric in report.verdict.metrics}
    assert report.verdict.verdict is Verdict.INCONCLUSIVE


async def test_a_descriptor_that_cannot_be_had_is_refused_before_anything_is_sent(
    store: RecordStore, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the settings name and nobody can load is no reason to compare less than was asked for."""

    def broken() -> None:
        raise ModelUnavailable("identity network", OSError("no such file"))

    forget()
    monkeypatch.setitem(DESCRIPTORS, "classical", broken)
    seen: list[str] = []
    with pytest.raises(ConfigError, match="identity network could not be loaded"):
        await run_gate(side(seen=seen), side(seen=seen), Plan(margins_of(OFF), 2), store, ledger)
    assert not seen
    assert not await store.runs()


def test_a_picture_is_described_or_the_reason_is_kept() -> None:
    """No bytes of it: a vector and a hash of a portrait, words about what is none."""
    no_face = io.BytesIO()
    Image.new("RGB", (256, 256), "white").save(no_face, "PNG")
    descriptor = descriptor_of(Settings())
    assert look_at(no_face.getvalue(), descriptor) == Undescribed("no face was found")
    broken = look_at(b"no picture", descriptor)
    assert isinstance(broken, Undescribed)
    assert broken.why


def test_what_of_a_kept_run_can_be_compared() -> None:
    """Measured faces that are known; no drill, no raw prompt, nothing that our own key or budget kept from coming."""
    face = record()
    drill = replace(face, purpose="probe")
    raw = replace(face, request_params=replace(face.request_params, age=None, gender=None))
    assert comparable([face, drill, raw, failed(), failed(State.UNKNOWN)]) == (face, failed())
    with pytest.raises(InvalidInput, match="of a face"):
        request_of(raw)


@pytest.mark.parametrize(
    ("asked", "served", "seed"), [(9, 9, 9), (None, 7, 7), (None, None, None), (None, 2**32 - 1, None)]
)
def test_a_kept_request_is_repeated_with_its_seed(
    asked: int | None, served: int | None, seed: int | None
) -> None:
    """The one that was asked for, else the one that the service picked, where it can be asked for at all."""
    face = record()
    assert face.image is not None
    face = replace(
        face, request_params=replace(face.request_params, seed=asked), image=replace(face.image, seed=served)
    )
    assert request_of(face) == FaceRequest(30, "female", seed)


async def test_fresh_faces_are_new_each_time(store: RecordStore, ledger: Ledger) -> None:
    """Where no faces are given, ages, genders and seeds are drawn."""
    seen: list[str] = []
    plan = Plan(RATES, max_pairs=3, at_once=1)
    refusing = side("not_found", seen=seen)  # it draws no portrait
    report = await run_gate(refusing, side("not_found"), plan, store, ledger)
    asked, _ = await kept(store, report)
    assert len({seed for _, _, seed in asked}) == 3
    assert report.verdict.verdict is not Verdict.PASS


def test_a_run_is_named_by_what_it_was() -> None:
    """The templates of its records, once each."""
    face = record()
    said = replace(face.request_params, template="headshot", template_version="1")
    run = Run("r", MOMENT, "sim", "stability_v2beta", "core")
    arm = sides.kept_arm(Kept(run, (replace(face, request_params=said),) * 3))
    assert (arm.template, arm.kept) == ("headshot 1", True)
