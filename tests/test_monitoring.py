"""The operator's calls: one generation monitored, one health check."""

import functools
import io
import math
import threading

import httpx
import pytest
from PIL import Image

import facemon
from facemon.client import FaceClient
from facemon.clock import ManualClock
from facemon.config import Settings
from facemon.errors import ConfigError, InvalidInput, StoreError
from facemon.evaluators.base import Answer
from facemon.ledger import Ledger
from facemon.model import FaceRequest, ImageRequest, State
from facemon.monitor import Monitor
from facemon.monitoring import HealthCheck, assembled, monitor_image_generation, perform_health_check
from facemon.simulator.portraits import PictureCache, PictureKey
from facemon.store import RecordStore

FACE = FaceRequest(30, "female")


def picture(image, kind="PNG"):
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


SOUND = PictureCache(None).get(PictureKey(FACE.age, FACE.gender, 1, 1536, 1536, "png"))
BLANK = picture(Image.new("L", (1536, 1536), 90))
HEADERS = {"content-type": "image/png", "finish-reason": "SUCCESS", "seed": "7"}


def served(data=SOUND):
    return httpx.Response(200, headers=HEADERS, content=data)


async def paint(request):
    """A function of the operator."""
    return SOUND


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """A folder of its own, and a store, a server and a key that the environment names."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACEMON_STORE", str(tmp_path / "named.db"))
    monkeypatch.setenv("FACEMON_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("FACEMON_RATE_LIMIT", "none")
    monkeypatch.setenv("STABILITY_API_KEY", "sk-of-the-tests")


@pytest.fixture
def closed(monkeypatch):
    """Counts the stores and clients that were closed."""
    names = []
    for kind, method in ((RecordStore, "close"), (FaceClient, "aclose")):
        original = getattr(kind, method)

        async def close(self, original=original, name=kind.__name__):
            names.append(name)
            await original(self)

        monkeypatch.setattr(kind, method, close)
    return names


@pytest.fixture
def service(monkeypatch):
    """Every client made here talks to this: `answer` is what it says, `requests` what was asked."""

    class Service:
        requests = ()
        answer = staticmethod(served)

        def __call__(self, request):
            self.requests += (request,)
            return self.answer()

    found = Service()
    original = FaceClient.__init__

    def made(self, settings=None, **more):
        more["transport"] = httpx.MockTransport(found)
        original(self, settings, clock=ManualClock(), **more)

    monkeypatch.setattr(FaceClient, "__init__", made)
    return found


class Sink:
    """Keeps records in memory."""

    def __init__(self):
        self.records, self.scores = [], {}

    async def add(self, record):
        self.records.append(record)
        return record

    async def add_scores(self, record_id, scores):
        self.scores[record_id] = scores


async def stored(path="named.db"):
    """The records in a store of the current folder."""
    async with await RecordStore.open(path, must_exist=True, read_only=True) as store:
        return await store.records()


# --- one generation ---


async def test_ours_is_the_default_and_the_settings_name_the_store(service, closed):
    """A request alone: our client generates it, the record and its scores are in the settings' store, all is closed."""
    result = await monitor_image_generation(None, FACE)
    (kept,) = await stored()
    assert kept.id == result.data.id and kept.succeeded and result.image.data == SOUND
    assert not kept.quality.pending and kept.quality.scores == result.quality.scores != ()
    assert kept.request_params.age == FACE.age and len(service.requests) == 1
    assert closed[:2] == ["FaceClient", "RecordStore"], (
        "the client first: the store outlives what writes to it"
    )


async def test_a_raw_prompt_is_accepted(service):
    """An ImageRequest is as good as a face."""
    result = await monitor_image_generation(request=ImageRequest("a face"))
    assert result.data.request_params.prompt == "a face"


async def test_a_function_of_the_operators_needs_no_key(monkeypatch, closed):
    """Any async function is monitored: no client is made, no key is needed, the record is in the settings' store."""
    monkeypatch.delenv("STABILITY_API_KEY")
    result = await monitor_image_generation(paint, {"age": 40})
    (kept,) = await stored()
    assert kept.id == result.data.id and result.image.data == SOUND
    assert (
        kept.request_params.provider == "paint" and closed[0] == "RecordStore" and "FaceClient" not in closed
    )
    assert {s.evaluator: s.verdict.value for s in kept.quality.scores}["decodes"] == "passed"


async def test_a_request_is_handed_to_the_function_as_it_is():
    """Whatever the request, the function gets that object, once."""
    seen, request = [], object()

    async def take(given):
        seen.append(given)
        return SOUND

    await monitor_image_generation(take, request, store=Sink())
    assert seen == [request]


async def test_a_store_of_the_callers_is_used_and_left_open(service, closed, tmp_path):
    """A given store gets the record and stays open; the settings' store is not made."""
    sink = Sink()
    result = await monitor_image_generation(None, FACE, store=sink)
    assert [record.id for record in sink.records] == [result.data.id] == list(sink.scores)
    assert closed == ["FaceClient"] and list(tmp_path.iterdir()) == []


async def test_a_failure_is_a_result(service):
    """A generation that fails raises nothing: the result says why, the record is kept."""
    service.answer = lambda: httpx.Response(401, json={"errors": ["no"]})
    result = await monitor_image_generation(None, FACE)
    assert result.image is None and [e.error_type for e in result.errors] == ["unauthorized"]
    assert [record.id for record in await stored()] == [result.data.id]


async def test_scores_are_in_the_store_also_when_nobody_waits(service):
    """wait_for_scores=False: nothing is lost, since what was opened closes after the scores are written."""
    result = await monitor_image_generation(None, FACE, wait_for_scores=False)
    (kept,) = await stored()
    assert kept.quality.scores and not kept.quality.pending and result.quality.scores == kept.quality.scores


async def test_scores_that_cannot_be_kept_are_heard_of():
    """Who waits for the scores is not told of a whole record when the store lost them."""

    class Forgetful(Sink):
        async def add_scores(self, record_id, scores):
            raise StoreError("the disk is full")

    with pytest.raises(StoreError, match="disk is full"):
        await monitor_image_generation(paint, store=Forgetful())


@pytest.mark.parametrize(
    "request_", [None, 30, "a face", {"age": 30, "gender": "male"}, (30, "male"), math.nan, FaceRequest]
)
async def test_our_function_refuses_what_is_no_request(request_, tmp_path):
    """Without a function of the operator's the request must be one of ours; nothing is sent and nothing is made."""
    with pytest.raises(InvalidInput, match=r"^request .* a FaceRequest or an ImageRequest"):
        await monitor_image_generation(None, request_)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "generate", [FACE, "paint", 3, {}, SOUND], ids=["a request", "text", "number", "dict", "bytes"]
)
async def test_what_is_no_function_is_refused(generate):
    """The commonest slip is to give the request first: the caller's own, and no record blames the service."""
    sink = Sink()
    with pytest.raises(InvalidInput):
        await monitor_image_generation(generate, FACE, store=sink)
    assert sink.records == []


async def test_a_function_that_is_not_async_is_refused():
    """A plain function is the caller's slip too: said in one sentence, not recorded as an outage."""
    sink = Sink()
    with pytest.raises(InvalidInput, match="async"):
        await monitor_image_generation(lambda request: SOUND, FACE, store=sink)
    assert sink.records == []


async def test_partials_and_callable_objects_are_functions(service):
    """What returns an awaitable is a function, whatever its type."""

    class Painter:
        async def __call__(self, request):
            return SOUND

    async def scaled(size, request):
        return SOUND

    for function in (Painter(), functools.partial(scaled, 3), Painter().__call__):
        result = await monitor_image_generation(function, store=Sink())
        assert result.data.succeeded, result.errors


async def test_a_store_that_cannot_be_opened_is_heard_of_first(service, monkeypatch, tmp_path):
    """The store is opened before anything is sent or paid for."""
    monkeypatch.setenv("FACEMON_STORE", str(tmp_path))
    with pytest.raises(StoreError, match="is a folder"):
        await monitor_image_generation(None, FACE)
    assert service.requests == ()


async def test_a_wrong_setting_closes_the_store_again(monkeypatch, closed):
    """A model that does not exist stops the call, and leaves nothing open."""
    monkeypatch.setenv("FACEMON_MODEL", "sd9")
    with pytest.raises(ConfigError, match="sd9"):
        await monitor_image_generation(None, FACE)
    assert closed == ["RecordStore"]


async def test_assembled_is_made_of_what_is_given(service, tmp_path):
    """Settings, ledger and run are used as given; records carry the run."""
    sink, ledger = Sink(), Ledger(cap=3.0, rate=None)
    settings = Settings.load(high={"control_url": "https://control.example", "model": "core"})
    async with assembled(sink, settings=settings, ledger=ledger, run_id="run-7") as monitor:
        first, second = await monitor.generate(FACE), await monitor.generate(FACE)
    assert {record.run_id for record in sink.records} == {"run-7"}
    assert first.data.succeeded and second.data.error_types == ("budget_exceeded",)
    assert ledger.spending().committed == 3.0
    ledger.close()


def test_public_names():
    """The operator finds them at the top."""
    assert facemon.monitor_image_generation is monitor_image_generation
    assert facemon.perform_health_check is perform_health_check and facemon.HealthCheck is HealthCheck


# --- the health check ---


@pytest.fixture
async def monitor():
    """Makes monitors over a service that answers so, after so long."""
    made = []

    def make(answer=served, seconds=1.0, *, evaluators=None, store=None):
        clock = ManualClock()

        def handler(request):
            clock.advance(seconds)
            return answer()

        settings = Settings.load(high={"rate_limit": "none"})
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


def raising(error):
    def answer():
        raise error

    return answer


def refusing(status):
    return lambda: httpx.Response(status, json={"errors": ["said so"]})


@pytest.mark.parametrize("seconds", [0.1, 2.999])
async def test_a_sound_picture_in_time_is_up(monitor, seconds):
    """Under 3,000 ms and sound: healthy."""
    found = await perform_health_check(monitor=monitor(seconds=seconds))
    assert found.healthy and found.state is State.UP and found.cause == "a sound picture in time"
    assert found.response_time == pytest.approx(seconds) and found.result.image.data == SOUND


@pytest.mark.parametrize("seconds", [3.001, 25.0])
async def test_a_late_picture_is_degraded(monitor, seconds):
    """Beyond 3 s it is degraded, and the cause names both numbers."""
    found = await perform_health_check(monitor=monitor(seconds=seconds))
    assert (found.state, found.healthy) == (State.DEGRADED, False)
    assert found.cause == f"{seconds:.2f} s, where less than 3 s is promised"


async def test_the_limit_is_a_setting(monitor, monkeypatch):
    """What was promised elsewhere than in the specification is what counts."""
    monkeypatch.setenv("FACEMON_RESPONSE_TIME_LIMIT", "0.5")
    found = await perform_health_check(monitor=monitor(seconds=1.0))
    assert found.state is State.DEGRADED and "0.5 s is promised" in found.cause


@pytest.mark.parametrize(
    ("answer", "state", "cause"),
    [
        (refusing(500), State.DOWN, "server_error"),
        (raising(httpx.ReadTimeout("slow")), State.DOWN, "timeout"),
        (raising(httpx.ConnectError("c")), State.DOWN, "connection: failed"),
        (raising(httpx.RemoteProtocolError("c")), State.DOWN, "connection: broken off"),
        (refusing(404), State.DOWN, "not_found"),
        (lambda: served(SOUND[:-50]), State.DOWN, "invalid_image"),
        (refusing(403), State.DEGRADED, "moderated"),
        (refusing(401), State.UNKNOWN, "unauthorized"),
        (refusing(402), State.UNKNOWN, "payment_required"),
        (refusing(429), State.UNKNOWN, "rate_limited"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_failure_is_its_state_and_cause(monitor, answer, state, cause):
    """Never an exception: down, degraded or unknown, with the cause, never healthy."""
    store = Sink()
    found = await perform_health_check(monitor=monitor(answer, store=store))
    assert (found.state, found.cause, found.healthy) == (state, cause, False)
    assert len(store.records) == 1


@pytest.mark.parametrize(
    ("channels", "alert", "told"),
    [
        ("[alerts.channels.console]", True, True),
        ("[alerts.channels.console]", False, False),
        ("", True, False),
    ],
)
async def test_a_failing_health_check_raises_its_alert(monitor, tmp_path, capsys, channels, alert, told):
    """The channels of facemon.toml hear of it with its cause; nobody does where there are none, or if asked."""
    (tmp_path / "facemon.toml").write_text(channels)
    await perform_health_check(monitor=monitor(lambda: httpx.Response(500)), alert=alert)
    said = capsys.readouterr().out
    assert ("the health check failed, the service is down: server_error" in said) is told
    await perform_health_check(monitor=monitor(), alert=alert)
    assert not capsys.readouterr().out


async def test_a_channel_that_cannot_work_here_costs_nobody_the_health(
    monitor, tmp_path, caplog, monkeypatch
):
    """What the file asks for is not there: the answer comes all the same, and a warning says who was not told."""
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    (tmp_path / "facemon.toml").write_text("[alerts.channels.github_issue]")
    found = await perform_health_check(monitor=monitor(lambda: httpx.Response(500)))
    assert (found.healthy, found.cause) == (False, "server_error")
    assert "nobody was told that the health check failed" in caplog.text and "github_issue" in caplog.text


async def test_a_badly_configured_channel_stops_a_health_check(monitor, tmp_path):
    """Heard before a picture is paid for, and not in the outage."""
    (tmp_path / "facemon.toml").write_text("[alerts.channels.consol]")
    store = Sink()
    with pytest.raises(ConfigError, match="did you mean console"):
        await perform_health_check(monitor=monitor(store=store))
    assert not store.records


async def test_a_blank_picture_is_degraded_by_the_evaluators_reason(monitor):
    """A picture that came and shows nothing: degraded, in the evaluator's words."""
    found = await perform_health_check(monitor=monitor(lambda: served(BLANK)))
    assert found.state is State.DEGRADED and found.cause.startswith("blank:")


class Asks:
    """An evaluator that answers so."""

    name, version, source, weight = "asks", "1", "these tests", 0.0

    def __init__(self, answer):
        self._answer = answer

    def evaluate(self, subject, asked):
        return self._answer()


async def test_a_picture_that_turns_out_broken_is_down(monitor):
    """What an evaluator finds to be no picture at all is down with invalid_image."""
    judge = Asks(lambda: Answer(0, passed=False, reason="cut", breaks_picture=True))
    found = await perform_health_check(monitor=monitor(evaluators=[judge]))
    assert (found.state, found.cause) == (State.DOWN, "invalid_image")


async def test_a_picture_nobody_could_judge_is_unknown(monitor):
    """A scorer that failed saw nothing: unknown with its reason, and never `a sound picture` (design, promise 1)."""

    def fail():
        raise RuntimeError("no model file")

    found = await perform_health_check(monitor=monitor(evaluators=[Asks(fail)]))
    assert (found.state, found.healthy) == (State.UNKNOWN, False) and "no model file" in found.cause


async def test_one_face_of_a_thirty_year_old_woman_by_default(monitor):
    """One generation, and another request where one is given."""
    store = Sink()
    await perform_health_check(monitor=monitor(store=store))
    await perform_health_check(monitor=monitor(store=store), request=FaceRequest(40, "male"))
    asked = [(record.request_params.age, record.request_params.gender) for record in store.records]
    assert asked == [(30, "female"), (40, "male")]


async def test_without_a_monitor_it_makes_and_closes_its_own(service, closed):
    """From the environment alone: the record is in the settings' store."""
    found = await perform_health_check()
    assert found.healthy and [r.id for r in await stored()] == [found.result.data.id]
    assert closed[:2] == ["FaceClient", "RecordStore"]


async def test_a_given_monitor_stays_open(monitor, closed):
    """The caller's monitor can be asked again."""
    own = monitor()
    assert (await perform_health_check(monitor=own)).healthy and (
        await perform_health_check(monitor=own)
    ).healthy
    assert closed == []


async def test_evaluators_are_made_in_a_thread_before_anything_is_opened(monkeypatch, tmp_path):
    """An optional one loads its models: the loop is free meanwhile, and one that is refused leaves no store."""
    where = []

    def made(settings):
        where.append(threading.current_thread() is threading.main_thread())
        raise ConfigError("not there")

    monkeypatch.setattr("facemon.monitoring.evaluators_of", made)
    with pytest.raises(ConfigError, match="not there"):
        await monitor_image_generation(request=FaceRequest(30, "male"))
    assert where == [False]
    assert not list(tmp_path.iterdir())
