"""A batch of faces, monitored side by side, and its figures."""

import asyncio
import dataclasses
import io
import math
from collections import Counter
from fractions import Fraction

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from facemon.batch import BatchResult, monitor_batch_generation, plan_batch
from facemon.client import FaceClient
from facemon.clock import ManualClock
from facemon.config import Settings
from facemon.errors import InvalidInput, StoreError, shorten
from facemon.evaluators.base import Answer
from facemon.ledger import Ledger
from facemon.model import AGES, State
from facemon.monitor import Monitor
from facemon.slo.aggregates import aggregate

EVEN = {"male": 0.5, "female": 0.5}
ANY_AGE = (20, 70)


def picture():
    buffer = io.BytesIO()
    Image.effect_noise((16, 16), 60).save(buffer, "PNG")
    return buffer.getvalue()


PNG = picture()
GOOD = {"content-type": "image/png", "finish-reason": "SUCCESS", "seed": "7"}


class Sink:
    """Keeps records in memory."""

    def __init__(self):
        self.records, self.scores = [], {}

    async def add(self, record):
        self.records.append(record)
        return record

    async def add_scores(self, record_id, scores):
        self.scores[record_id] = scores


@pytest.fixture
async def monitor(monkeypatch):
    """Makes monitors over a service that takes a second and answers the n-th request with `answer(n)`."""
    monkeypatch.setenv("FACEMON_RATE_LIMIT", "none")
    made = []

    def make(answer=lambda n: None, *, evaluators=(), store=None, concurrency=8):
        clock, count = ManualClock(), [0]

        def handler(request):
            count[0] += 1
            clock.advance(1.0)
            return answer(count[0]) or httpx.Response(200, headers=GOOD, content=PNG)

        settings = Settings.load(high={"concurrency": concurrency})
        client = FaceClient(
            settings, ledger=Ledger(rate=None), clock=clock, transport=httpx.MockTransport(handler)
        )
        made.append(Monitor(client, store=store or Sink(), evaluators=evaluators))
        return made[-1]

    yield make
    for one in made:
        await one.aclose()
        await one.client.aclose()
        one.client.ledger.close()


# --- the plan ---


def genders(count, shares):
    """How many of each gender are planned."""
    return Counter(request.gender for request in plan_batch(count, ANY_AGE, shares, 1))


@pytest.mark.parametrize(
    ("count", "shares", "male", "female"),
    [
        (10, EVEN, 5, 5),
        (10, {"male": 0.3, "female": 0.7}, 3, 7),
        (10, {"male": 0.25, "female": 0.75}, {2, 3}, {7, 8}),
        (3, {"male": 1 / 3, "female": 2 / 3}, 1, 2),
        (100, {"male": 0.29, "female": 0.71}, 29, 71),  # 0.29 * 100 is 28.999999999999996
        (1000, {"male": 0.001, "female": 0.999}, 1, 999),
        (7, {"male": 1.0}, 7, 0),
        (7, {"male": 0, "female": 1}, 0, 7),
        (1, {"male": 0.9, "female": 0.1}, 1, 0),
        (1, {"male": 0.1, "female": 0.9}, 0, 1),
        (11, {"male": 0.2, "female": 0.8}, 2, 9),
    ],
)
def test_shares_by_the_largest_remainder(count, shares, male, female):
    """Whole faces, as exactly as they allow: the largest remainder gets the last one."""
    found = genders(count, shares)
    assert sum(found.values()) == count
    for gender, expected in (("male", male), ("female", female)):
        assert found[gender] in (expected if isinstance(expected, set) else {expected})


@settings(deadline=None, max_examples=200)
@given(st.integers(1, 400), st.integers(0, 1000))
def test_shares_add_up_and_are_nearest(count, thousandths):
    """Any shares: the faces add up to the count, each gender is within half a face of its exact share."""
    found = genders(count, {"male": thousandths / 1000, "female": 1 - thousandths / 1000})
    assert sum(found.values()) == count
    assert abs(found["male"] - Fraction(count * thousandths, 1000)) <= Fraction(1, 2)
    if count * thousandths % 1000 == 0:
        assert found["male"] == count * thousandths // 1000


@given(st.integers(1, 400), st.floats(-9e-7, 9e-7), st.floats(0, 0.999999))
@settings(deadline=None, max_examples=100)
def test_shares_that_add_up_to_one_nearly(count, error, male):
    """Shares that were rounded to six places are taken as they are meant: the faces still add up to the count."""
    female = min(1.0, max(0.0, 1 - male + error))
    assert sum(genders(count, {"male": male, "female": female}).values()) == count


@pytest.mark.parametrize(
    ("male", "female"), [(0.3333333, 0.6666666), (0.3333334, 0.6666667), (0.9999995, 0.0)]
)
def test_shares_add_up_for_the_largest_batch(male, female):
    """A hundred thousand faces, at shares that were rounded."""
    assert sum(genders(100_000, {"male": male, "female": female}).values()) == 100_000


@pytest.mark.parametrize(
    ("age_range", "ages"),
    [
        ((20, 70), set(AGES)),
        ((20, 20), {20}),
        ((70, 70), {70}),
        ((25, 55), {30, 40, 50}),
        ((0, 29), {20}),
        ((61, 200), {70}),
        ([30, 40], {30, 40}),
    ],
)
def test_ages_lie_in_the_range(age_range, ages):
    """Both ends included, only the six ages of the specification, and in time each of them."""
    assert {request.age for request in plan_batch(300, age_range, EVEN, 1)} == ages


def test_a_random_seed_makes_it_repeatable():
    """The same seed plans the same faces in the same order; another seed, others; none, others each time."""
    plans = [plan_batch(60, ANY_AGE, EVEN, seed) for seed in (1, 1, 2, None, None)]
    assert plans[0] == plans[1] != plans[2] != plans[3] != plans[4]


def test_genders_are_mixed_and_no_seed_is_asked_for():
    """The genders come in random order, not one after the other, and the service picks the seeds."""
    plan = plan_batch(60, ANY_AGE, EVEN, 3)
    order = [request.gender for request in plan]
    assert order not in (sorted(order), sorted(order, reverse=True))
    assert {request.seed for request in plan} == {None}


NAN, INF = math.nan, math.inf

BAD = [
    *(("count", {"count": v}) for v in (0, -1, 100_001, 10.0, NAN, INF, True, False, "10", None, [10], 10j)),
    *(
        ("age_range", {"age_range": v})
        for v in (
            (70, 20),
            (21, 29),
            (71, 90),
            (NAN, 70),
            (20, NAN),
            (True, 70),
            (20, True),
            ("20", "70"),
            "27",
            (20,),
            (20, 30, 40),
            (),
            None,
            20,
            (None, None),
            ([20], [70]),
            (20 + 0j, 70),
        )
    ),
    *(
        ("gender_distribution", {"gender_distribution": v})
        for v in (
            {},
            None,
            "even",
            0.5,
            [0.5, 0.5],
            {"male": 0.5},
            {"male": 0.6, "female": 0.6},
            {"male": 0.4, "female": 0.5},
            {"male": 0, "female": 0},
            {"male": -0.5, "female": 1.5},
            {"male": 2, "female": -1},
            {"male": NAN, "female": 0.5},
            {"male": NAN, "female": NAN},
            {"male": INF, "female": 0.5},
            {"male": True, "female": False},
            {"male": "0.5", "female": "0.5"},
            {"male": None, "female": 1.0},
            {"male": 0.5, "other": 0.5},
            {"Male": 0.5, "female": 0.5},
            {"male": 0.5, "female": 0.5, "unknown": 0.0},
            {0: 0.5, 1: 0.5},
            {"male": 50, "female": 50},
        )
    ),
    *(("random_seed", {"random_seed": v}) for v in ([1], {}, object)),
]


@pytest.mark.parametrize(
    ("name", "given"), BAD, ids=lambda value: None if isinstance(value, str) else repr(value)[:60]
)
async def test_bad_input_is_named_before_anything_is_sent(monitor, name, given):
    """Each bad value: one InvalidInput that names the argument, the value and what is accepted; nothing was asked."""
    sink = Sink()
    arguments = {"count": 4} | given
    with pytest.raises(InvalidInput) as caught:
        await monitor_batch_generation(arguments.pop("count"), monitor=monitor(store=sink), **arguments)
    assert str(caught.value).startswith(f"{name} {shorten(given[name])} is not accepted: give ")
    assert sink.records == []


# --- the batch ---


async def test_figures_are_those_of_the_records(monitor):
    """Every figure is `aggregate` of the records over the time it took; the properties repeat them."""

    def answer(n):
        return (
            httpx.Response(500, json={}) if n in (2, 3) else httpx.Response(401, json={}) if n == 5 else None
        )

    own = monitor(answer, concurrency=1)
    found = await monitor_batch_generation(6, monitor=own, random_seed=1)
    figures = aggregate(found.records, found.elapsed)
    assert found.figures == figures and (figures.count, figures.known) == (6, 5)
    assert found.average_response_time == figures.average_response_time
    assert found.throughput == pytest.approx(60 * 5 / found.elapsed)
    assert (found.success_rate, found.error_rate) == (1.0, 0.0)
    assert found.first_attempt_success_rate == figures.first_attempt_success_rate < 1
    assert (found.error_types, found.retry_count) == ({"unauthorized": 1}, 2)


async def test_records_come_in_the_order_of_the_requests(monitor):
    """However the answers overtake each other, the records are in the plan's order, one for each face."""
    turns = [asyncio.Event() for _ in range(5)]

    class Overtaking(Sink):
        async def add(self, record):
            self.records.append(record)
            place = len(self.records)
            if place < 5:
                await turns[place].wait()  # the first waits for the last
            turns[place - 1].set()
            return record

    store = Overtaking()
    async with asyncio.timeout(20):
        found = await monitor_batch_generation(5, monitor=monitor(store=store), random_seed=4)
    plan = [(request.age, request.gender) for request in plan_batch(5, ANY_AGE, EVEN, 4)]
    assert [(r.request_params.age, r.request_params.gender) for r in found.records] == plan
    assert sorted(r.id for r in found.records) == sorted(r.id for r in store.records)


async def test_progress_is_told_each_face(monitor):
    """Called once a face with how many are done, failed ones included, up to all of them."""
    told = []
    own = monitor(lambda n: httpx.Response(400, json={}) if n % 2 else None)
    await monitor_batch_generation(7, monitor=own, progress=lambda done, count: told.append((done, count)))
    assert told == [(done, 7) for done in range(1, 8)]


async def test_a_batch_that_fails_is_a_result(monitor):
    """Nothing came: no exception, no average, an error rate of 1, its types counted."""
    found = await monitor_batch_generation(3, monitor=monitor(lambda n: httpx.Response(404, json={})))
    assert isinstance(found, BatchResult) and {record.state for record in found.records} == {State.DOWN}
    assert (found.average_response_time, found.success_rate, found.error_rate) == (None, 0.0, 1.0)
    assert found.error_types == {"not_found": 3}


async def test_records_have_their_scores(monitor):
    """A batch is done when its pictures are judged and the scores are in the store."""

    class Asks:
        name, version, source, weight = "asks", "1", "these tests", 1.0

        def evaluate(self, subject, asked):
            return Answer(70, passed=True)

    store = Sink()
    found = await monitor_batch_generation(4, monitor=monitor(evaluators=[Asks()], store=store))
    assert all(record.quality.quality_score == 70 and not record.quality.pending for record in found.records)
    assert set(store.scores) == {record.id for record in found.records}


async def test_judging_takes_no_throughput_away(monitor):
    """The time runs from the first call to the last picture: what we do with pictures later is not the service's."""

    class Slow(Sink):
        async def add_scores(self, record_id, scores):
            own.clock.advance(100.0)
            await super().add_scores(record_id, scores)

    own = monitor(evaluators=None, store=Slow())
    found = await monitor_batch_generation(1, monitor=own)
    assert found.elapsed == pytest.approx(1.0) and found.throughput == pytest.approx(60.0)


async def test_as_many_at_once_as_the_settings_allow(monitor):
    """`concurrency` requests are under way together, and never more."""
    under_way, most, full = 0, 0, asyncio.Event()
    own = monitor(concurrency=3)

    async def handler(request):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if under_way == 3:
            full.set()
        await full.wait()
        await asyncio.sleep(0)
        under_way -= 1
        return httpx.Response(200, headers=GOOD, content=PNG)

    own.client._transport._http._transport = httpx.MockTransport(handler)
    async with asyncio.timeout(20):
        await monitor_batch_generation(9, monitor=own)
    assert most == 3


async def test_a_record_that_cannot_be_kept_ends_the_batch_but_not_its_siblings(monitor):
    """The StoreError is raised when every face that was paid for has its record: none is left running unwatched."""

    class Once(Sink):
        failed = False

        async def add(self, record):
            if not self.failed:
                self.failed = True
                raise StoreError("the disk is full")
            for _ in range(10):
                await asyncio.sleep(0)
            return await super().add(record)

    store = Once()
    with pytest.raises(StoreError, match="disk is full"):
        await monitor_batch_generation(5, monitor=monitor(store=store))
    assert len(store.records) == 4


async def test_without_a_monitor_it_is_made_of_the_settings(monkeypatch, tmp_path):
    """The environment names the store; the store is closed afterwards and holds every record."""
    from facemon.store import RecordStore

    monkeypatch.setenv("FACEMON_STORE", str(tmp_path / "named.db"))
    monkeypatch.setenv("FACEMON_MAX_CREDITS", "0")  # so that nothing is sent
    monkeypatch.setenv("FACEMON_BASE_URL", "http://127.0.0.1:9")
    found = await monitor_batch_generation(3, random_seed=1)
    assert found.error_types == {"budget_exceeded": 3} and found.success_rate is None
    async with await RecordStore.open(tmp_path / "named.db", must_exist=True) as store:
        assert {record.id for record in await store.records()} == {record.id for record in found.records}


def test_a_result_cannot_be_changed(monitor):
    """Figures are frozen, and a repr does not print a thousand records."""
    result = BatchResult(aggregate([]), 0.0, ())
    assert "records" not in repr(result)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.elapsed = 1.0
