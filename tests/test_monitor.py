"""The composition root: a request becomes a picture, one record that is on disk first, and scores later."""

import asyncio
import contextlib
import functools
import io
import struct
import threading
import zlib
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import httpx
import pytest
from PIL import Image

from facemon.client import FaceClient
from facemon.clock import ManualClock
from facemon.config import Settings
from facemon.errors import (
    AttemptTimeout,
    ConfigError,
    ConnectionFailed,
    ErrorType,
    InvalidImage,
    Moderated,
    RateLimited,
    StoreError,
)
from facemon.evaluators.base import Answer, Unscored
from facemon.ledger import Ledger
from facemon.model import FaceImage, FaceRequest, ImageRequest, State
from facemon.monitor import Monitor
from facemon.secret import Secret
from facemon.store import RecordStore

FACE = FaceRequest(30, "female", 7)
PATIENCE = 20.0  # seconds, for what must happen at once and would otherwise hang


def encoded(kind="PNG", size=(32, 32)):
    """A small picture that is neither blank nor blurred."""
    buffer = io.BytesIO()
    Image.effect_noise(size, 60).save(buffer, kind)
    return buffer.getvalue()


PNG = encoded()


def served(data=PNG, **headers):
    """The service's good answer."""
    fields = {"content-type": "image/png", "finish-reason": "SUCCESS", "seed": "7", "x-request-id": "r1"}
    return httpx.Response(200, headers=fields | headers, content=data)


class Sink:
    """Keeps records in memory, and every event in order."""

    def __init__(self):
        self.events, self.records, self.scores = [], {}, {}

    async def add(self, record):
        self.events.append("record")
        assert record.id not in self.records
        self.records[record.id] = record
        return record

    async def add_scores(self, record_id, scores):
        self.events.append("scores")
        assert record_id in self.records, "scores before their record"
        self.scores[record_id] = scores

    @property
    def only(self):
        """The one record there is."""
        (record,) = self.records.values()
        return record


class Asks:
    """An evaluator that does as told."""

    version, source, weight = "1", "these tests", 1.0

    def __init__(self, answer=lambda: Answer(80, passed=True), name="asks"):
        self.name, self._answer = name, answer

    def evaluate(self, subject, asked):
        self.subject, self.asked = subject, asked
        return self._answer()


@pytest.fixture
def clock():
    """A clock that moves only when told to."""
    return ManualClock()


@pytest.fixture
def sink():
    """An empty place for records."""
    return Sink()


@pytest.fixture
async def build(clock, sink, monkeypatch):
    """Makes monitors over a service that is a function of the request; closes them."""
    for name in ("STABILITY_API_KEY", "FACEMON_STORE"):
        monkeypatch.delenv(name, raising=False)
    made = []

    def make(handler=lambda request: served(), *, evaluators=(), store=sink, cap=None, **more):
        settings = Settings.load(high={"api_key": Secret("sk-of-the-tests"), "rate_limit": "none"})
        client = FaceClient(
            settings, ledger=Ledger(cap=cap, rate=None), clock=clock, transport=httpx.MockTransport(handler)
        )
        made.append(Monitor(client, store=store, evaluators=evaluators, **more))
        return made[-1]

    yield make
    for monitor in made:
        with contextlib.suppress(StoreError):  # where a test made the store fail, closing may say so
            await monitor.aclose()
        await monitor.client.aclose()
        monitor.client.ledger.close()


@pytest.fixture
async def watcher(clock, sink):
    """A monitor without a client, for functions of others."""
    async with Monitor(store=sink, evaluators=(), clock=clock) as monitor:
        yield monitor


async def returning(value, request=None):
    """An async function of somebody else."""
    return value


# --- the record comes first ---


async def test_record_is_stored_before_generate_returns(build):
    """As long as the store has not acknowledged, the caller is told nothing; then at once."""
    entered, acknowledge = asyncio.Event(), asyncio.Event()

    class Slow(Sink):
        async def add(self, record):
            entered.set()
            await acknowledge.wait()
            return await super().add(record)

    store = Slow()
    call = asyncio.create_task(build(store=store).generate(FACE))
    async with asyncio.timeout(PATIENCE):
        await entered.wait()
        for _ in range(50):
            await asyncio.sleep(0)
        assert not call.done()
        acknowledge.set()
        result = await call
    assert store.only.id == result.data.id


async def test_record_is_on_disk_when_generate_returns(build, tmp_path):
    """A second store opened on the file finds the whole record, its attempts included, and later its scores."""
    path = tmp_path / "records.db"
    async with await RecordStore.open(path) as store, await RecordStore.open(path, read_only=True) as other:
        monitor = build(lambda request: httpx.Response(500, json={"name": "x"}), store=store, run_id="run")
        failed = await monitor.generate(FACE, check="check_x")
        kept = await other.get(failed.data.id)
        assert [a.outcome for a in kept.attempts] == ["server_error"] * 4 and kept.run_id == "run"
        judged = await build(store=store, evaluators=[Asks()]).generate(FACE)
        await judged.scored()
        assert [s.evaluator for s in (await other.get(judged.data.id)).quality.scores] == ["asks"]
        assert await other.count() == 2


async def test_what_the_store_returns_is_what_the_caller_sees(build):
    """The store adds the ids of log entries to the attempts; the result carries them."""

    class Logging(Sink):
        async def add(self, record):
            return await super().add(
                replace(record, attempts=tuple(replace(a, log_id="log") for a in record.attempts))
            )

    result = await build(store=Logging()).generate(FACE)
    assert [attempt.log_id for attempt in result.attempts] == ["log"]


async def test_a_store_that_fails_is_heard_of(build):
    """When the record cannot be written the caller gets the StoreError, not a result that no record stands behind."""

    class Full(Sink):
        async def add(self, record):
            raise StoreError("the disk is full")

    store = Full()
    with pytest.raises(StoreError, match="disk is full"):
        await build(store=store, evaluators=[Asks()]).generate(FACE)
    assert store.events == []


async def test_without_a_store_nothing_is_kept_and_all_is_told(build):
    """store=None: the result has record, picture and scores all the same."""
    result = await build(store=None, evaluators=[Asks()]).generate(FACE)
    assert result.image.data == PNG and (await result.scored()).quality.quality_score == 80


# --- exactly one record a generation, whatever became of it ---


def broken(error):
    def handler(request):
        raise error

    return handler


def status(code, **headers):
    return lambda request: httpx.Response(code, headers=headers, json={"name": "n", "errors": ["said so"]})


FAILURES = {
    "timeout": (broken(httpx.ReadTimeout("slow")), State.DOWN, 4),
    "connection": (broken(httpx.ConnectError("refused")), State.DOWN, 1),
    "server_error": (status(503), State.DOWN, 4),
    "rate_limited": (status(429), State.UNKNOWN, 1),
    "unauthorized": (status(401), State.UNKNOWN, 1),
    "payment_required": (status(402), State.UNKNOWN, 1),
    "moderated": (status(403), State.DEGRADED, 1),
    "invalid_request": (status(400), State.DOWN, 1),
    "not_found": (status(404), State.DOWN, 1),
    "content_filtered": (lambda r: served(**{"finish-reason": "CONTENT_FILTERED"}), State.DEGRADED, 1),
    "invalid_response": (lambda r: httpx.Response(200, html="<p>hello"), State.DOWN, 1),
    "invalid_image": (lambda r: served(PNG[:-30]), State.DOWN, 1),
    "budget_exceeded": (lambda r: served(), State.UNKNOWN, 0),
}


@pytest.mark.parametrize("kind", get_args(ErrorType))
async def test_every_error_type_leaves_one_record(build, sink, kind):
    """Each failure is one record, stored once, with its error type, state and attempts; nothing is raised."""
    handler, state, attempts = FAILURES[kind]
    cap = 1.0 if kind == "budget_exceeded" else None
    result = await build(handler, cap=cap, evaluators=[Asks()]).generate(FACE)
    assert sink.events == ["record"] and sink.only.id == result.data.id
    assert (result.data.error_types, result.data.state) == ((kind,), state)
    assert len(result.attempts) == attempts and not result.data.succeeded
    assert result.image is None and not result.quality.pending and result.error.error_type == kind
    assert await result.scored() == result.data
    with pytest.raises(type(result.error)):
        result.raise_for_error()


async def test_retries_are_one_generation(build, sink, clock):
    """Success on the third attempt is one record with three attempts, whose response time includes the waits."""
    answers = iter([httpx.ReadTimeout("slow"), None, None])

    def handler(request):
        clock.advance(0.5)
        error = next(answers)
        if error:
            raise error
        return served() if clock.monotonic() > 3.5 else httpx.Response(500, json={})

    result = await build(handler).generate(FACE)
    assert [a.outcome for a in result.attempts] == ["timeout", "server_error", "success"]
    assert result.performance.response_time == pytest.approx(3 * 0.5 + 2 + 1)
    assert sink.events == ["record"] and sink.only.retry_count == 2
    assert result.data.succeeded and not result.data.first_attempt_succeeded


async def test_many_at_once_are_as_many_records(build, sink):
    """Fifty generations side by side, every third refused: fifty records, of all different names."""
    count = 0

    def handler(request):
        nonlocal count
        count += 1
        return served() if count % 3 else httpx.Response(401, json={})

    monitor = build(handler, evaluators=[Asks()])
    results = await asyncio.gather(*(monitor.generate(FACE) for _ in range(50)))
    await monitor.drain()
    assert len(sink.records) == 50 and {r.data.id for r in results} == set(sink.records)
    assert len(sink.scores) == sum(r.data.succeeded for r in results) == 34


async def test_names_sort_by_time(watcher, sink, clock):
    """A generation that began earlier has the smaller id, also when it ended later."""
    second_is_done = asyncio.Event()

    async def slow(request):
        await second_is_done.wait()
        return PNG

    first = asyncio.create_task(watcher.watch(slow))
    await asyncio.sleep(0)
    clock.advance(1)
    await watcher.watch(functools.partial(returning, PNG))
    second_is_done.set()
    await first
    clock.advance(1)
    await watcher.watch(functools.partial(returning, PNG))
    by_id = [sink.records[name].timestamp for name in sorted(sink.records)]
    assert by_id == sorted(by_id) and by_id[-1] - by_id[0] == timedelta(seconds=2)


# --- what the record says ---


async def test_record_says_what_was_asked_and_by_whom(build, sink):
    """Request, prompt and its template, run, check and purpose stand in the record; the time is the call's, in UTC."""
    monitor = build(run_id="run-1")
    moment = monitor.clock.now()
    await monitor.generate(FACE, purpose="probe", check="checks/check_a.py::check_b")
    kept, asked = sink.only, sink.only.request_params
    assert (kept.run_id, kept.purpose, kept.check) == ("run-1", "probe", "checks/check_a.py::check_b")
    assert (asked.age, asked.gender, asked.seed, asked.provider) == (30, "female", 7, "stability_v2beta")
    assert "30" in asked.prompt and asked.template and asked.template_version and asked.output_format == "png"
    assert kept.timestamp == moment and kept.timestamp.utcoffset() == timedelta(0)
    assert (kept.image.seed, kept.image.sha256, kept.image.size_bytes) == (7, kept.image.sha256, len(PNG))


async def test_measure_is_the_default_purpose(build, sink):
    """What is not called a probe counts."""
    await build().generate(FACE)
    assert sink.only.purpose == "measure" and sink.only.check is None


async def test_raw_prompt_has_no_age(build, sink):
    """A raw prompt is sent as it is and recorded without a face."""
    await build().generate(ImageRequest("a tree", output_format="png"))
    assert sink.only.request_params.prompt == "a tree" and sink.only.request_params.age is None


async def test_evaluators_hear_what_was_asked(build):
    """Format, the documented size, age and gender reach the evaluators, with the bytes as they were served."""
    asks = Asks()
    result = await build(evaluators=[asks]).generate(FaceRequest(70, "male", output_format="png"))
    await result.scored()
    assert (asks.asked.format, asks.asked.size, asks.asked.age, asks.asked.gender) == (
        "png",
        (1536, 1536),
        70,
        "male",
    )
    assert asks.subject.data == PNG


async def test_another_key_for_one_call(build):
    """`key` replaces the client's key for this generation only, and stands in no record."""
    seen = []

    def handler(request):
        seen.append(request.headers["authorization"])
        return httpx.Response(401, json={"errors": ["sk-another-key is wrong"]})

    monitor = build(handler)
    result = await monitor.generate(FACE, key=Secret("sk-another-key"))
    await monitor.generate(FACE)
    assert seen == ["Bearer sk-another-key", "Bearer sk-of-the-tests"]
    assert "another-key" not in repr(result.data) + repr(result.attempts[0].exchange) + str(result.error)


async def test_resources_are_filled(build, sink):
    """CPU, memory and the bytes of all attempts of this generation stand in the record."""

    class Body(httpx.AsyncByteStream):  # a body given whole is counted by httpx as not received
        async def __aiter__(self):
            yield PNG

    headers = {"content-type": "image/png", "finish-reason": "SUCCESS"}
    answers = iter([httpx.Response(500, json={}), httpx.Response(200, headers=headers, stream=Body())])
    result = await build(lambda request: next(answers)).generate(FACE)
    used = sink.only.resources
    assert used.cpu_seconds >= 0 and used.memory_bytes > 10 * 2**20
    assert used.bytes_sent == sum(a.bytes_sent for a in result.attempts) > 300
    assert used.bytes_received == sum(a.bytes_received for a in result.attempts) > len(PNG)


async def test_overhead_is_what_monitoring_added(build, clock):
    """What passes after the picture came and before the caller goes on is overhead, and no response time."""

    class Slow(Sink):
        async def add(self, record):
            clock.advance(0.02)
            return await super().add(record)

    def handler(request):
        clock.advance(1.5)
        return served()

    result = await build(handler, store=Slow()).generate(FACE)
    assert result.performance.response_time == pytest.approx(1.5)
    assert result.performance.overhead == pytest.approx(0.02)


async def test_overhead_outlives_the_scores(build):
    """The record with its scores still says what monitoring added."""
    result = await build(evaluators=[Asks()]).generate(FACE)
    before = result.performance.overhead
    assert before is not None
    assert (await result.scored()).performance.overhead == before
    assert result.performance.overhead == before


async def test_generating_needs_a_client(watcher, sink):
    """A monitor without a client says so, and records nothing."""
    with pytest.raises(ConfigError, match="no client"):
        await watcher.generate(FACE)
    assert not sink.records


# --- scores come later ---


async def test_scores_are_appended_later(build, sink):
    """The caller goes on while the evaluator thinks: pending until it has answered, then scored, in the store first."""
    may_answer = threading.Event()

    def answer():
        assert may_answer.wait(PATIENCE)
        return Answer(55, passed=True)

    result = await build(evaluators=[Asks(answer)]).generate(FACE)
    assert result.quality.pending and result.quality.quality_score is None and sink.only.quality.pending
    assert sink.events == ["record"]
    may_answer.set()
    data = await result.scored()
    assert sink.events == ["record", "scores"]
    assert data == result.data and not result.quality.pending and result.quality.quality_score == 55
    assert sink.scores[data.id] == data.quality.scores
    assert await result.scored() == data, "asking twice is allowed"


async def test_several_may_wait_for_the_same_scores(build):
    """A waiter that gives up takes the scores from nobody else."""
    may_answer = threading.Event()
    asks = Asks(lambda: Answer(55, passed=bool(may_answer.wait(PATIENCE))))
    result = await build(evaluators=[asks]).generate(FACE)
    impatient, patient = (asyncio.create_task(result.scored()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    may_answer.set()
    assert (await patient).quality.quality_score == 55 and impatient.cancelled()


async def test_drain_waits_for_every_score(build, sink):
    """After drain, and after leaving the context, each picture's scores are in the store."""
    async with build(evaluators=[Asks()]) as monitor:
        for _ in range(5):
            await monitor.generate(FACE)
        await monitor.drain()
        assert set(sink.scores) == set(sink.records) and len(sink.scores) == 5
        last = await monitor.generate(FACE)
    assert last.data.id in sink.scores and not last.quality.pending


async def test_no_evaluators_judge_nothing(build, sink):
    """evaluators=(): not pending, no score, no second write."""
    result = await build(evaluators=()).generate(FACE)
    assert not result.quality.pending and (await result.scored()).quality.scores == ()
    await asyncio.sleep(0)
    assert sink.events == ["record"]


async def test_installed_evaluators_are_the_default(build, sink):
    """Without a choice every installed evaluator is asked, once."""
    result = await build(evaluators=None).generate(FACE)
    scores = (await result.scored()).quality.scores
    assert {"decodes", "format", "size", "not_blank", "not_blurred"} <= {score.evaluator for score in scores}
    assert result.data.state is State.DEGRADED, "32 pixels where 1536 are documented"


async def test_an_evaluator_that_falls_over_costs_nothing_but_its_score(build, sink):
    """It leaves unscored with the reason, in the store too; the others answer, and the record stays up."""

    def fail():
        raise RuntimeError("no model file")

    def decline():
        raise Unscored("too small")

    evaluators = [Asks(fail, "a"), Asks(name="b"), Asks(decline, "c")]
    data = await (await build(evaluators=evaluators).generate(FACE)).scored()
    assert [(s.evaluator, s.verdict.value) for s in sink.scores[data.id]] == [
        ("a", "unscored"),
        ("b", "passed"),
        ("c", "unscored"),
    ]
    assert "no model file" in data.quality.scores[0].reason and data.quality.scores[2].reason == "too small"
    assert data.state is State.UP and data.succeeded


def chunk(kind, data):
    """A PNG chunk with a right check sum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


async def test_a_picture_that_turns_out_broken_is_an_error(build, sink):
    """A picture whose pixels do not decode is down with invalid_image, though the reply looked whole."""
    header = struct.pack(">IIBBBBB", 32, 32, 8, 0, 0, 0, 0)
    hollow = PNG[:8] + chunk(b"IHDR", header) + chunk(b"IDAT", b"no zlib stream") + chunk(b"IEND", b"")
    result = await build(lambda request: served(hollow), evaluators=None).generate(FACE)
    assert result.error is None and sink.only.succeeded, "nobody has decoded it yet"
    data = await result.scored()
    assert (data.state, data.error_types, data.succeeded) == (State.DOWN, ("invalid_image",), False)


@pytest.fixture
def forgetful():
    """A sink that keeps records and cannot keep scores."""

    class Forgetful(Sink):
        async def add_scores(self, record_id, scores):
            raise StoreError("the disk is full")

    return Forgetful()


async def test_scores_that_cannot_be_kept_are_heard_of(build, forgetful):
    """Who waits for scores hears that the store failed."""
    result = await build(store=forgetful, evaluators=[Asks()]).generate(FACE)
    with pytest.raises(StoreError, match="disk is full"):
        await result.scored()


async def test_looking_at_the_record_does_not_hide_that_its_scores_are_lost(build, forgetful):
    """The same, when somebody looked at the record in between."""
    monitor = build(store=forgetful, evaluators=[Asks()])
    result = await monitor.generate(FACE)
    for task in tuple(monitor._pending):
        await asyncio.wait([task])
    assert result.data.quality.pending
    with pytest.raises(StoreError, match="disk is full"):
        await result.scored()


async def test_drain_tells_of_scores_that_were_lost(build, forgetful):
    """Drain promises that every score is in the store: where one is not, it does not return as if it were."""
    monitor = build(store=forgetful, evaluators=[Asks()])
    await monitor.generate(FACE)
    with pytest.raises(StoreError, match="disk is full"):
        await monitor.drain()
    await monitor.drain()  # told once; closing goes on


# --- is it our own network? ---


@pytest.fixture
def control(monkeypatch):
    """The control endpoint: `answers` says whether it does, `asked` what was asked."""

    class Control:
        answers, asked = False, ()

        async def __call__(self, url):
            self.asked += (url,)
            return self.answers

    endpoint = Control()
    monkeypatch.setattr("facemon.monitor.reachable", endpoint)
    return endpoint


CONTROL = "https://control.example"


@pytest.mark.parametrize("kind", ["timeout", "connection"])
async def test_silent_control_endpoint_makes_it_unknown(build, sink, control, kind):
    """When nothing else answers either it is our own network: unknown with that cause, the error type as it was."""
    result = await build(FAILURES[kind][0], control_url=CONTROL).generate(FACE)
    (error,) = sink.only.errors
    assert (error.error_type, error.state, sink.only.state) == (kind, State.UNKNOWN, State.UNKNOWN)
    assert "own network" in error.cause and control.asked == (CONTROL,)
    assert result.error.state == "unknown"


@pytest.mark.parametrize("kind", ["timeout", "connection"])
async def test_answering_control_endpoint_leaves_it_down(build, sink, control, kind):
    """When the control endpoint answers, the service is down."""
    control.answers = True
    await build(FAILURES[kind][0], control_url=CONTROL).generate(FACE)
    assert sink.only.state is State.DOWN and control.asked == (CONTROL,)


@pytest.mark.parametrize("kind", sorted(set(FAILURES) - {"timeout", "connection"}))
async def test_an_answer_needs_no_control_endpoint(build, sink, control, kind):
    """Where the service did answer, or nothing was sent, the control endpoint is not asked."""
    cap = 1.0 if kind == "budget_exceeded" else None
    await build(FAILURES[kind][0], cap=cap, control_url=CONTROL).generate(FACE)
    assert control.asked == () and sink.only.state is FAILURES[kind][1]


async def test_no_dns_is_our_own_without_asking(watcher, sink, control):
    """A name that was not resolved is unknown already."""

    async def fails(request):
        raise ConnectionFailed("no name", "no dns")

    watcher._control_url = CONTROL
    await watcher.watch(fails)
    assert sink.only.errors[0].cause == "connection: no dns" and control.asked == ()


async def test_without_a_control_endpoint_nobody_is_asked(build, control):
    """No control_url: no second request."""
    result = await build(FAILURES["connection"][0]).generate(FACE)
    assert control.asked == () and result.data.state is State.DOWN


# --- functions of others ---


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (PNG, "png"),
        (bytearray(PNG), "png"),
        (memoryview(PNG), "png"),
        (encoded("JPEG"), "jpeg"),
        (encoded("WEBP"), "webp"),
        (Image.new("RGBA", (4, 5)), "png"),
    ],
    ids=["bytes", "bytearray", "memoryview", "jpeg", "webp", "pillow"],
)
async def test_a_function_may_return_bytes_or_a_pillow_image(watcher, sink, clock, value, kind):
    """Encoded bytes and Pillow images become pictures; the record names the function and takes the time."""

    async def paint(request):
        clock.advance(0.7)
        return value

    result = await watcher.watch(paint, {"anything": 1})
    kept = sink.only
    assert result.image.metadata.format == kind and kept.succeeded and kept.state is State.UP
    assert kept.request_params.provider.endswith("paint") and kept.image.provider.endswith("paint")
    assert kept.performance.response_time == kept.image.response_time == pytest.approx(0.7)
    assert (kept.attempts, kept.retry_count, kept.first_attempt_succeeded) == ((), 0, True)


async def test_our_own_picture_keeps_its_attempts(watcher, build, sink):
    """A function that returns a FaceImage brings attempts, seed and credits along."""
    client = build().client

    async def ours(request):
        return await client.generate_face(request)

    result = await watcher.watch(ours, FACE)
    assert isinstance(result.image, FaceImage) and len(sink.only.attempts) == 1
    assert sink.only.image.credits == 3.0
    asked = sink.only.request_params
    assert (asked.age, asked.gender, asked.seed) == (30, "female", 7)


@pytest.mark.parametrize(
    "value",
    [None, 7, "picture", {}, [], object(), b"", b"garbage", PNG[:-20], Exception("returned")],
    ids=["none", "number", "text", "dict", "list", "object", "empty", "garbage", "cut-png", "exception"],
)
async def test_garbage_is_an_invalid_image(watcher, sink, value):
    """Whatever is no picture is one record with invalid_image, and nothing is raised."""
    result = await watcher.watch(functools.partial(returning, value))
    assert sink.only.error_types == ("invalid_image",) and sink.only.state is State.DOWN
    assert result.image is None and isinstance(result.error, InvalidImage)


@pytest.mark.parametrize("mode", ["CMYK", "LAB", "HSV", "F", "YCbCr"])
async def test_a_pillow_image_that_png_cannot_hold_is_no_broken_connection(watcher, sink, mode):
    """What cannot be encoded is the picture's fault: invalid_image or converted, and never the network's."""
    await watcher.watch(functools.partial(returning, Image.new(mode, (4, 4))))
    assert sink.only.error_types in ((), ("invalid_image",))


def http_status(code):
    request = httpx.Request("GET", "https://api.example")
    return httpx.HTTPStatusError("status", request=request, response=httpx.Response(code, request=request))


@pytest.mark.parametrize(
    ("error", "kind", "state"),
    [
        (TimeoutError(), "timeout", State.DOWN),
        (httpx.ReadTimeout("r"), "timeout", State.DOWN),
        (httpx.PoolTimeout("p"), "timeout", State.DOWN),
        (ConnectionRefusedError(111, "refused"), "connection", State.DOWN),
        (ConnectionResetError(), "connection", State.DOWN),
        (ConnectionError("some"), "connection", State.DOWN),
        (httpx.ConnectError("c"), "connection", State.DOWN),
        (httpx.RemoteProtocolError("p"), "connection", State.DOWN),
        (http_status(500), "server_error", State.DOWN),
        (http_status(429), "rate_limited", State.UNKNOWN),
        (http_status(401), "unauthorized", State.UNKNOWN),
        (http_status(418), "invalid_response", State.DOWN),
        (ValueError("v"), "invalid_response", State.UNKNOWN),
        (KeyError("artifacts"), "invalid_response", State.UNKNOWN),
        (httpx.TooManyRedirects("loop"), "invalid_response", State.UNKNOWN),
        (ExceptionGroup("g", [ValueError("v")]), "invalid_response", State.UNKNOWN),
        (Moderated("m", status=403), "moderated", State.DEGRADED),
        (RateLimited("r"), "rate_limited", State.UNKNOWN),
        (AttemptTimeout("t"), "timeout", State.DOWN),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
async def test_a_function_that_raises_leaves_one_record(watcher, sink, error, kind, state):
    """An exception of a function of others is one record of our closed list of error types; nothing is raised. One
    that is the function's own (a KeyError) tells nothing of the service behind it: unknown."""

    async def fails(request):
        raise error

    result = await watcher.watch(fails, FACE, check="mine")
    assert sink.events == ["record"] and sink.only.check == "mine"
    assert (sink.only.error_types, sink.only.state) == ((kind,), state)
    assert result.error.error_type == kind and result.image is None


@pytest.mark.parametrize(
    "text",
    ["\udc80", "nul\0inside", "x" * 100_000, "\N{PILE OF POO}"],
    ids=["surrogate", "nul", "long", "emoji"],
)
async def test_any_text_in_an_error_reaches_the_store(tmp_path, clock, text):
    """An exception's text may hold anything; its record is kept."""

    async def fails(request):
        raise ValueError(text)

    async with await RecordStore.open(tmp_path / "records.db") as store:
        async with Monitor(store=store, evaluators=(), clock=clock) as monitor:
            await monitor.watch(fails)
        assert await store.count() == 1


async def test_trouble_of_our_own_is_not_the_services(build, sink):
    """A ledger that cannot be read is our fault: whatever else is said, it is not that the service is down."""
    monitor = build()

    def book(amount):
        raise StoreError("the ledger is locked")

    monitor.client.ledger.book = book
    try:
        result = await monitor.generate(FACE)
    except StoreError:
        assert not sink.records
    else:
        assert result.data.state is State.UNKNOWN


# --- cancellation ---


async def test_cancelling_the_caller_is_no_failure_of_the_service(build, sink):
    """A caller that gives up gets its CancelledError; no record blames the service, and the monitor works on."""
    asked, hold = asyncio.Event(), [True]

    async def handler(request):
        if hold:
            hold.clear()
            asked.set()
            await asyncio.Event().wait()
        return served()

    monitor = build(handler)
    call = asyncio.create_task(monitor.generate(FACE))
    async with asyncio.timeout(PATIENCE):
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert all(record.state is State.UNKNOWN for record in sink.records.values())
        known = set(sink.records)
        result = await monitor.generate(FACE)
    assert result.data.succeeded and set(sink.records) - known == {result.data.id}


async def test_a_cancelled_generation_leaves_its_record(build, sink, clock):
    """It may have been charged, so it is recorded: a time-out of unknown state that names its cause, with what was
    asked and how long it took; the cancellation goes on, and the record is there when it arrives."""
    asked = asyncio.Event()

    async def handler(request):
        clock.advance(2.5)
        asked.set()
        await asyncio.Event().wait()

    monitor = build(handler, evaluators=[Asks()], run_id="run-1")
    call = asyncio.create_task(monitor.generate(FACE, purpose="probe", check="check_x"))
    async with asyncio.timeout(PATIENCE):
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert call.cancelled() and sink.events == ["record"]
    kept = sink.only
    (error,) = kept.errors
    assert (error.error_type, error.state, error.cause) == (
        "timeout",
        State.UNKNOWN,
        "cancelled by the caller",
    )
    assert (kept.state, kept.succeeded, kept.image) == (State.UNKNOWN, False, None)
    assert (kept.run_id, kept.purpose, kept.check) == ("run-1", "probe", "check_x")
    assert kept.request_params.seed == 7 and kept.performance.response_time == pytest.approx(2.5)
    assert not kept.quality.pending and monitor.client.ledger.spending().committed == 3


async def test_a_cancelled_function_of_others_leaves_its_record(watcher, sink):
    """The same for a function that is watched."""
    asked = asyncio.Event()

    async def stalling(request):
        asked.set()
        await asyncio.Event().wait()

    call = asyncio.create_task(watcher.watch(stalling))
    async with asyncio.timeout(PATIENCE):
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert (sink.only.error_types, sink.only.state) == (("timeout",), State.UNKNOWN)


async def test_cancellation_goes_on_though_its_record_cannot_be_kept(build):
    """A full disk does not turn a cancellation into an answer: who cancels is cancelled."""
    asked = asyncio.Event()

    class Full(Sink):
        async def add(self, record):
            raise StoreError("the disk is full")

    async def handler(request):
        asked.set()
        await asyncio.Event().wait()

    call = asyncio.create_task(build(handler, store=Full()).generate(FACE))
    async with asyncio.timeout(PATIENCE):
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_cancelling_during_the_write_leaves_a_whole_record(build, tmp_path):
    """A record that was on its way is on disk, once, whoever stopped waiting for it."""
    path, writing = tmp_path / "records.db", asyncio.Event()

    class Telling:
        async def add(self, record):
            writing.set()
            return await store.add(record)

    async with asyncio.timeout(PATIENCE), await RecordStore.open(path) as store:
        call = asyncio.create_task(build(store=Telling()).generate(FACE))
        await writing.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    async with await RecordStore.open(path, read_only=True) as store:
        assert [record.succeeded for record in await store.records()] == [True]
