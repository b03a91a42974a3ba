"""FaceClient: retries to the second, deadlines, money, and what an image and an error carry."""

import asyncio
import contextlib
import hashlib
import logging
import traceback
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import respx

from facemon import errors
from facemon.client import FaceClient
from facemon.clock import ManualClock
from facemon.config import Settings
from facemon.errors import BudgetExceeded, ConfigError, GenerationError
from facemon.ledger import Ledger
from facemon.model import FaceRequest, ImageRequest
from facemon.prompts import HEADSHOT
from facemon.retry import NO_RETRY
from tests.client.support import (
    CANARY,
    FACE,
    RAW,
    Script,
    failed,
    good,
    good_json,
    outcomes,
    picture,
    timed_out,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


async def error_of(client, request=RAW, **options):
    """The error that a generation ends with."""
    with pytest.raises(GenerationError) as caught:
        await client.generate(request, **options)
    return caught.value


# --- retries, to the second (must-show 3) ---


async def test_time_outs_are_retried_after_2_2_2(client_of, clock):
    """Four attempts of 30 s each, exactly two seconds apart, each in the error."""
    error = await error_of(client_of(timed_out(clock)))
    assert clock.sleeps == [2, 2, 2] and clock.monotonic() == 4 * 30 + 6
    assert outcomes(error.attempts) == [
        (number, 2.0 if number > 1 else 0.0, None, "timeout") for number in (1, 2, 3, 4)
    ]
    assert type(error) is errors.AttemptTimeout and "within 30 s" in str(error)
    assert [one.started_at - START for one in error.attempts] == [timedelta(seconds=32 * n) for n in range(4)]
    assert [one.duration for one in error.attempts] == [30.0] * 4


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_server_errors_are_retried_after_1_2_4(client_of, clock, status):
    """Four attempts, one, two and four seconds apart, each with its status in the error."""
    script = Script(failed(status))
    error = await error_of(client_of(script))
    assert clock.sleeps == [1, 2, 4] and len(script.requests) == 4
    assert outcomes(error.attempts) == [(n, d, status, "server_error") for n, d in enumerate((0, 1, 2, 4), 1)]
    assert (type(error), error.status) == (errors.ServerError, status)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 408, 409, 413, 418, 422, 451])
async def test_other_4xx_are_never_retried(client_of, clock, status):
    """One attempt, no wait, for every other client error."""
    script = Script(failed(status))
    error = await error_of(client_of(script))
    assert clock.sleeps == [] and len(script.requests) == 1
    assert outcomes(error.attempts) == [(1, 0.0, status, error.error_type)]


@pytest.mark.parametrize(
    ("answer", "error_type"),
    [
        (good(**{"finish-reason": "CONTENT_FILTERED"}), "content_filtered"),
        (good_json(finish_reason="CONTENT_FILTERED"), "content_filtered"),
        (good(picture()[:-30]), "invalid_image"),
        (good(b""), "invalid_image"),
        (good_json(image="###"), "invalid_image"),
        (good(**{"finish-reason": ""}), "invalid_response"),
        (good(**{"finish-reason": "ERROR"}), "invalid_response"),
        (good(**{"content-type": "text/html"}), "invalid_response"),
        (httpx.Response(302, headers={"location": "https://elsewhere.example.org/"}), "invalid_response"),
        (httpx.ConnectError("refused"), "connection"),
        (httpx.RemoteProtocolError("gone"), "connection"),
    ],
    ids=lambda part: part if isinstance(part, str) else None,
)
async def test_broken_replies_are_never_retried(client_of, clock, answer, error_type):
    """A filtered or broken picture, an undocumented reply, a redirect and a broken connection end it at once."""
    script = Script(answer)
    error = await error_of(client_of(script))
    assert error.error_type == error_type and clock.sleeps == [] and len(script.requests) == 1


async def test_mixed_kinds_count_their_own_delays(client_of, clock):
    """A time-out between 5xx takes its own delay; together there are three retries."""
    slow = timed_out(clock)
    error = await error_of(client_of(Script(failed(500), slow, failed(503), slow)))
    assert clock.sleeps == [1, 2, 2]
    assert [one.outcome for one in error.attempts] == ["server_error", "timeout", "server_error", "timeout"]


async def test_a_final_error_after_a_retry_ends_it(client_of, clock):
    """What is not retried is not retried after a retry either, and is the error of the generation if it tells more."""
    error = await error_of(client_of(Script(failed(500), failed(422))))
    assert type(error) is errors.InvalidRequest and clock.sleeps == [1]
    assert [one.outcome for one in error.attempts] == ["server_error", "invalid_request"]
    assert "not tried again" not in str(error)


@pytest.mark.parametrize(
    ("status", "outcome"), [(401, "unauthorized"), (402, "payment_required"), (429, "rate_limited")]
)
async def test_an_untelling_end_does_not_hide_the_failure_before(client_of, clock, status, outcome):
    """A retry that our key, money or quota ended says nothing of the service: the 500 before it is the error."""
    error = await error_of(client_of(Script(failed(500, "it burns"), failed(status, "not you"))))
    assert (type(error), error.status, error.state) == (errors.ServerError, 500, "down")
    assert str(error) == f"HTTP 500: it burns; not tried again: HTTP {status}: not you"
    assert clock.sleeps == [1] and error.__context__ is None
    assert outcomes(error.attempts) == [(1, 0.0, 500, "server_error"), (2, 1.0, status, outcome)]


async def test_the_last_telling_failure_is_raised(client_of, clock):
    """Of several failures that tell something the last one is raised, with the reason why it was not tried again."""
    error = await error_of(client_of(Script(failed(503, "first"), timed_out(clock), failed(402, "no money"))))
    assert type(error) is errors.AttemptTimeout and str(error).endswith(
        "; not tried again: HTTP 402: no money"
    )
    assert [one.outcome for one in error.attempts] == ["server_error", "timeout", "payment_required"]


async def test_where_nothing_tells_the_last_error_is_raised(client_of):
    """Two failures that say nothing of the service: the last one, in its own words."""
    error = await error_of(client_of(Script(failed(429, **{"retry-after": "5"}), failed(402, "no money"))))
    assert (type(error), str(error)) == (errors.PaymentRequired, "HTTP 402: no money")


async def test_success_on_the_third_attempt(client_of, clock):
    """The picture carries all three attempts with their delays, and the whole time it took."""
    image = await client_of(Script(failed(500), timed_out(clock), good())).generate(RAW)
    assert clock.sleeps == [1, 2]
    assert outcomes(image.attempts) == [
        (1, 0.0, 500, "server_error"),
        (2, 1.0, None, "timeout"),
        (3, 2.0, 200, "success"),
    ]
    assert image.metadata.response_time == 33.0 and image.attempts[2].succeeded


async def test_the_same_request_is_sent_again(client_of):
    """Every attempt repeats the request: same method, path and fields."""
    script = Script(failed(500), good())
    await client_of(script).generate(ImageRequest("a face", "blurry", 5))
    fields = [
        sorted(part.split(b"\r\n\r\n")[1] for part in body.split(b"--") if b"\r\n\r\n" in part)
        for body in script.bodies
    ]
    assert fields[0] == fields[1] and script.requests[0].url == script.requests[1].url


async def test_own_policy_is_followed(client_of, clock):
    """A client without retries makes one attempt."""
    script = Script(failed(500))
    await error_of(client_of(script, retry=NO_RETRY))
    assert len(script.requests) == 1 and clock.sleeps == []


# --- 429 ---


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("0", 0.0), ("Thu, 01 Jan 2026 00:00:09 GMT", 9.0), ("179", 179.0)]
)
async def test_retry_after_is_honoured(client_of, clock, value, seconds):
    """Seconds and HTTP dates are waited for, to the second, and the next attempt knows it."""
    image = await client_of(Script(failed(429, **{"retry-after": value}), good())).generate(RAW)
    assert clock.sleeps == [seconds]
    assert outcomes(image.attempts) == [(1, 0.0, 429, "rate_limited"), (2, seconds, 200, "success")]


@pytest.mark.parametrize(
    "headers",
    [{}, {"retry-after": "soon"}, {"retry-after": "180"}, {"retry-after": "Fri, 02 Jan 2026 00:00:00 GMT"}],
)
async def test_429_fails_at_once_where_waiting_does_not_help(client_of, clock, headers):
    """Without a readable Retry-After, or with one beyond the deadline, it fails as rate_limited without a wait."""
    script = Script(failed(429, **headers))
    error = await error_of(client_of(script))
    assert (type(error), error.state, len(script.requests)) == (errors.RateLimited, "unknown", 1)
    assert clock.sleeps == [] and outcomes(error.attempts) == [(1, 0.0, 429, "rate_limited")]


async def test_429_that_stays_ends_after_three_retries(client_of, clock):
    """A service that keeps asking for patience is asked four times."""
    error = await error_of(client_of(Script(failed(429, **{"retry-after": "5"}))))
    assert clock.sleeps == [5, 5, 5] and error.error_type == "rate_limited"


async def test_an_absurd_retry_after_is_rate_limited(client_of):
    """A header with numbers beyond any date is a 429 without advice, and no crash."""
    error = await error_of(
        client_of(Script(failed(429, **{"retry-after": f"Thu, 01 Jan 2026 {'9' * 20}:00:00 GMT"})))
    )
    assert error.error_type == "rate_limited"


# --- deadlines ---


async def test_last_attempt_gets_what_is_left_of_the_generation(client_of, clock):
    """The deadline of the generation shortens the last attempt and forbids a retry that would begin after it."""
    error = await error_of(client_of(timed_out(clock), generation_timeout=60))
    assert [one.duration for one in error.attempts] == [30.0, 28.0]
    assert clock.monotonic() == 60 and clock.sleeps == [2]


async def test_no_retry_at_the_deadline(client_of, clock):
    """A wait that ends at the deadline is not begun."""
    error = await error_of(client_of(timed_out(clock), generation_timeout=32))
    assert len(error.attempts) == 1 and clock.sleeps == []


async def test_attempt_timeout_is_configurable(client_of, clock):
    """Each attempt is given the configured time."""
    error = await error_of(client_of(timed_out(clock), attempt_timeout=5))
    assert [one.duration for one in error.attempts] == [5.0] * 4


async def test_own_queue_does_not_use_up_the_deadline(client_of, clock):
    """A face that waited for our own limits is not a time-out of the service: its time begins when it may be sent."""

    async def slow(request):
        await asyncio.sleep(0)
        given = request.extensions["timeout"]["read"]
        clock.advance(min(20, given))
        if given < 20:
            raise httpx.ReadTimeout("")
        return good()

    client = client_of(slow, concurrency=1, generation_timeout=60)
    images = await asyncio.gather(*(client.generate(RAW) for _ in range(6)), return_exceptions=True)
    assert [type(image).__name__ for image in images] == ["FaceImage"] * 6


async def test_queues_before_retries_do_not_use_up_the_deadline(client_of):
    """The waits for the rate limit before the second and third attempt are ours too: both attempts are made."""
    client = client_of(Script(failed(500), failed(500), good()), rate=(1, 50.0), generation_timeout=60)
    image = await client.generate(RAW)
    assert [one.phases.queue for one in image.attempts] == pytest.approx([0.0, 54.0, 53.0])  # 55 less 1 and 2


# --- what attempts and images carry ---


async def test_every_attempt_keeps_phases_and_bytes(client_of, clock):
    """Each attempt has its phases, what was sent and what came back, with a failed reply's too."""

    def slow(request):
        clock.advance(1.5)
        return failed(500)

    error = await error_of(client_of(slow))
    for one in error.attempts:
        assert one.phases.wait == 1.5 and one.phases.queue == 0 and one.phases.download == 0
        assert one.phases.connect is None and one.phases.tls is None  # a function has no connection
        assert one.bytes_sent > 100 and one.bytes_received > len(failed(500).content)
        assert one.error == "HTTP 500: said the API" and one.request_id == "ab" * 16
        assert one.exchange.response_body and one.exchange.request_body


async def test_bytes_are_counted(client_of):
    """Received are status line, headers and body; sent is at least the form's body."""
    script = Script(good())
    image = await client_of(script).generate(RAW)
    (one,) = image.attempts
    assert len(picture()) + 80 < one.bytes_received < len(picture()) + 400
    assert len(script.bodies[0]) + 100 < one.bytes_sent < len(script.bodies[0]) + 600


async def test_queue_phase_is_the_wait_for_our_limits(client_of, clock):
    """The wait for the rate limit and its margin stands in `queue`, not in the attempt's duration."""
    client = client_of(Script(good()), rate=(1, 10.0))
    first, second = await client.generate(RAW), await client.generate(RAW)
    assert first.attempts[0].phases.queue == 0 and second.attempts[0].phases.queue == pytest.approx(11.0)
    assert second.attempts[0].duration == 0 and second.attempts[0].started_at == START + timedelta(seconds=11)


@pytest.mark.parametrize("accept", ["image", "json"])
async def test_image_metadata_is_complete(client_of, clock, accept):
    """Where it came from, what it is and what it cost: every field of the metadata is the right one."""

    def answer(request):
        clock.advance(2.5)
        return good() if accept == "image" else good_json()

    client = client_of(answer, model="sd3.5-medium")
    image = await client.generate(HEADSHOT.fill(FaceRequest(40, "male", 7, "3:2")))
    data = picture()
    found = image.metadata
    assert image.data == data
    assert (found.provider, found.model, found.credits) == ("stability_v2beta", "sd3.5-medium", 3.5)
    assert (found.template, found.template_version) == ("headshot", "1")
    assert found.prompt.startswith("a 40-year-old man") and found.negative_prompt
    assert (found.seed, found.finish_reason) == (7, "SUCCESS")
    assert found.request_id == ("req-1" if accept == "image" else None)
    assert (found.width, found.height, found.format) == (24, 16, "png")
    assert (found.sha256, found.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert found.response_time == 2.5 and found.phases == image.attempts[0].phases


@pytest.mark.parametrize("accept", ["image", "json"])
async def test_v1_images_too(client_of, accept):
    """The legacy API's two forms give an image with the same metadata."""
    import base64
    import json

    artifact = {"base64": base64.b64encode(picture()).decode(), "seed": 3, "finishReason": "SUCCESS"}
    answer = (
        good(seed="3")
        if accept == "image"
        else httpx.Response(
            200, headers={"content-type": "application/json"}, content=json.dumps({"artifacts": [artifact]})
        )
    )
    script = Script(answer)
    image = await client_of(script, provider="stability_v1").generate(
        ImageRequest("a face", seed=3, accept=accept)
    )
    assert (image.metadata.provider, image.metadata.seed, image.metadata.credits) == ("stability_v1", 3, 0.9)
    assert json.loads(script.bodies[0])["seed"] == 3


async def test_face_is_put_in_words_by_the_client_s_template(client_of):
    """generate_face sends the template's words for the face."""
    script = Script(good())
    image = await client_of(script).generate_face(FACE)
    assert HEADSHOT.fill(FACE).prompt.encode() in script.bodies[0]
    assert image.metadata.prompt == HEADSHOT.fill(FACE).prompt


@pytest.mark.parametrize(
    "prompt", ["", "  spaces ", "line\nbreak", "ünïcödé 😀", "a\"b'c;d&e=f", "x" * 10_001, "--boundary"]
)
async def test_raw_prompt_is_sent_unchanged(client_of, prompt):
    """What the service must refuse, it has to see: a raw prompt arrives byte for byte."""
    script = Script(good())
    await client_of(script).generate(ImageRequest(prompt))
    head, body = script.bodies[0].split(b'name="prompt"\r\n\r\n')
    boundary = head.split(b"\r\n")[0]
    assert body.split(b"\r\n" + boundary)[0] == prompt.encode()


async def test_request_headers(client_of):
    """The key is a bearer token, the body multipart even without a file, the accept header the form asked for."""
    seen = []

    def answer(request):
        seen.append(dict(request.headers))
        return good()

    await client_of(answer).generate(RAW)
    assert seen[0]["authorization"] == f"Bearer {CANARY}" and seen[0]["accept"] == "image/*"
    assert seen[0]["content-type"].startswith("multipart/form-data; boundary=")
    assert seen[0]["user-agent"] == "facemon"


async def test_base_url_is_configurable_with_a_path(client_of):
    """Everything is sent to the configured base URL, its path and port included."""
    script = Script(good())
    await client_of(script, base_url="http://127.0.0.1:8099/proxy/").generate(RAW)
    assert str(script.requests[0].url) == "http://127.0.0.1:8099/proxy/v2beta/stable-image/generate/core"


async def test_respx_can_stand_for_the_network(client_of):
    """The mock target's way: a respx router as transport, no socket."""
    router = respx.MockRouter(assert_all_called=True)
    router.post("https://api.stability.ai/v2beta/stable-image/generate/ultra").mock(return_value=good())
    client = client_of(httpx.MockTransport(router.async_handler), model="ultra")
    assert (await client.generate(RAW)).metadata.credits == 8.0
    assert router.calls.call_count == 1


# --- another key ---


async def test_key_of_one_request(client_of):
    """A check of refusals sends a wrong key once; the next request has the client's own again."""
    from facemon.secret import Secret

    seen = []

    def answer(request):
        seen.append(request.headers.get("authorization"))
        return good()

    client = client_of(answer)
    await client.generate(RAW, key=Secret("wrong-key-000000"))
    await client.generate(RAW)
    assert seen == ["Bearer wrong-key-000000", f"Bearer {CANARY}"]


async def test_without_a_key_no_header_is_sent(client_of):
    """A client without a key sends no authorization header, and shows none in the exchange."""
    script = Script(failed(401))
    error = await error_of(client_of(script, key=None))
    assert "authorization" not in script.requests[0].headers
    assert "authorization" not in dict(error.attempts[0].exchange.request_headers)


async def test_a_key_that_cannot_be_a_header_is_our_own_fault(client_of):
    """A key with a line break is refused by the HTTP library, whose complaint is not passed on with the key in it."""
    from facemon.secret import Secret
    from tests.client.leaks import fragments_in

    async def app(scope, receive, send):
        raise AssertionError("nothing is sent")

    client = client_of(httpx.AsyncHTTPTransport(), base_url="http://127.0.0.1:9")
    error = await error_of(client, key=Secret(CANARY + "\nx"))
    assert not fragments_in(
        str(error) + str(error.attempts[0].error) + str(error.attempts[0].traceback), CANARY
    )


# --- money ---


@pytest.mark.parametrize(
    ("answer", "spent"),
    [
        (good(), 3.0),
        (good(**{"finish-reason": "CONTENT_FILTERED"}), 3.0),
        (good(picture()[:-30]), 3.0),
        (good(**{"content-type": "text/html"}), 3.0),
        (httpx.ReadTimeout("t"), 3.0),
        (httpx.ReadError("reset"), 3.0),
        (httpx.RemoteProtocolError("gone"), 3.0),
        (failed(400), 0.0),
        (failed(401), 0.0),
        (failed(402), 0.0),
        (failed(403), 0.0),
        (failed(429), 0.0),
        (failed(500), 0.0),
        (failed(502), 3.0),
        (failed(503), 3.0),
        (failed(504), 3.0),
        (failed(418), 3.0),
        (httpx.Response(302, headers={"location": "https://elsewhere.example.org/"}), 3.0),
    ],
)
async def test_credits_by_outcome(client_of, answer, spent):
    """The service's documented refusals are not charged and give their credits back; whatever may have been charged
    counts, a gateway's 502, 503 and 504 and a status that nobody documented among it."""
    client = client_of(Script(answer), retry=NO_RETRY, cap=100)
    with contextlib.suppress(GenerationError):
        await client.generate(RAW)
    assert client.ledger.spending().committed == spent
    states = [state for (state,) in client.ledger._db.execute("SELECT state FROM bookings")]
    assert states == ["charged" if spent else "released"]


@pytest.mark.parametrize(
    ("cause", "spent"),
    [
        (ConnectionRefusedError(111, "refused"), 0.0),
        (OSError(101, "no route"), 0.0),
        (ConnectionResetError(104, "reset"), 3.0),
        (None, 3.0),
    ],
)
async def test_credits_of_a_connection_that_failed(client_of, cause, spent):
    """Where nothing was sent nothing is spent; a connection that broke may have been charged."""

    def answer(request):
        raise httpx.ConnectError("x") from cause

    client = client_of(answer, cap=100)
    await error_of(client)
    assert client.ledger.spending().committed == spent


async def test_each_attempt_is_booked(client_of, clock):
    """A retry is a call of its own: four time-outs may have been charged four times."""
    client = client_of(timed_out(clock), cap=100)
    await error_of(client)
    assert client.ledger.spending().committed == 12.0


async def test_budget_stops_before_anything_is_sent(client_of):
    """A call that would pass the cap is not made: no request, no attempt, state unknown."""
    script = Script(good())
    client = client_of(script, cap=5)
    await client.generate(RAW)
    error = await error_of(client)
    assert (type(error), error.state, error.attempts, len(script.requests)) == (
        BudgetExceeded,
        "unknown",
        (),
        1,
    )


async def test_budget_that_ends_between_retries(client_of, clock):
    """The attempts made stand in the error, which says that the budget is why there were no more."""
    error = await error_of(client_of(timed_out(clock), cap=7))
    assert outcomes(error.attempts) == [(1, 0.0, None, "timeout"), (2, 2.0, None, "timeout")]
    assert error.error_type == "timeout" and "not tried again: the budget of 7 credits" in str(error)


async def test_cancelled_call_counts_as_spent(client_of, clock):
    """Who cancels a call that is under way may still be charged for it; its place is free again."""
    arrived = asyncio.Event()

    class Stalling(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            arrived.set()
            await asyncio.Event().wait()

    client = client_of(Stalling(), cap=100, concurrency=1)
    task = asyncio.ensure_future(client.generate(RAW))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert client.ledger.spending().committed == 3.0 and not client._limits._places.locked()


class ImpatientClock(ManualClock):
    """A clock that allows a handful of sleeps: who waits on another clock would sleep for ever."""

    async def sleep(self, seconds):
        assert len(self.sleeps) < 5, "waits on another clock than its own"
        await super().sleep(seconds)


async def test_own_ledger_follows_the_settings_and_the_clock():
    """Without a ledger of its own a client keeps the settings' cap and rate, on the clock it was given."""
    clock = ImpatientClock()
    settings = Settings.load(high={"max_credits": 12, "rate_limit": "2/10s"})
    async with FaceClient(settings, clock=clock, transport=httpx.MockTransport(Script(good()))) as client:
        for _ in range(4):
            await client.generate(RAW)
        assert clock.monotonic() == pytest.approx(11, abs=0.1)  # 10 s and the margin
        with pytest.raises(BudgetExceeded):
            await client.generate(RAW)
        client.ledger.close()


# --- the rest of the interface ---


async def test_balance(client_of):
    """The balance is read over the same connection with the same key; no credits are booked."""
    script = Script(httpx.Response(200, json={"credits": 12.5}))
    client = client_of(script, cap=1)
    assert await client.balance() == 12.5
    assert script.requests[0].url.path == "/v1/user/balance" and client.ledger.spending().committed == 0


@pytest.mark.parametrize(
    ("answer", "error_type"),
    [
        (failed(401), "unauthorized"),
        (failed(500), "server_error"),
        (httpx.ReadTimeout("t"), "timeout"),
        (httpx.Response(200, content=b"<html>"), "invalid_response"),
    ],
)
async def test_balance_that_fails(client_of, answer, error_type):
    """Each failure is the error of our tree that it means, without a context."""
    with pytest.raises(GenerationError) as caught:
        await client_of(Script(answer)).balance()
    assert caught.value.error_type == error_type and caught.value.__context__ is None


@pytest.mark.parametrize("provider", ["stability_v2beta", "stability_v1"])
async def test_engines(client_of, provider):
    """The ids of the engines are asked of v1's list, with the key; no credits are booked."""
    listed = [
        {"id": "sdxl", "name": "SDXL", "description": "d", "type": "PICTURE"},
        {"id": "esrgan", "name": "ESRGAN", "description": "d", "type": "PICTURE"},
    ]
    asked = []

    def answer(request):
        asked.append((request.method, request.url.path, request.headers["authorization"]))
        return httpx.Response(200, json=listed)

    client = client_of(answer, cap=1, provider=provider)
    assert await client.engines() == ("sdxl", "esrgan")
    assert asked == [("GET", "/v1/engines/list", f"Bearer {CANARY}")]
    assert client.ledger.spending().committed == 0


async def test_no_engines_are_an_empty_list(client_of):
    """An empty list is a list."""
    assert await client_of(Script(httpx.Response(200, json=[]))).engines() == ()


@pytest.mark.parametrize(
    ("answer", "error_type"),
    [
        (failed(401), "unauthorized"),
        (failed(500), "server_error"),
        (httpx.ReadTimeout("t"), "timeout"),
        (httpx.Response(200, content=b"<html>"), "invalid_response"),
        (httpx.Response(200, json=[{"name": "SDXL"}]), "invalid_response"),
        (httpx.Response(200, json={"engines": []}), "invalid_response"),
        (httpx.Response(200, json=["sdxl"]), "invalid_response"),
        (httpx.Response(200, json=7), "invalid_response"),
        (httpx.Response(200, json=None), "invalid_response"),
        (httpx.Response(200, json={}), "invalid_response"),
        (httpx.Response(200, json=""), "invalid_response"),
        (httpx.Response(200, json=[{"id": None}]), "invalid_response"),
        (httpx.Response(200, content=b"[" * 100_000), "invalid_response"),
    ],
)
async def test_engines_that_fail(client_of, answer, error_type):
    """A refusal is the error that it means; a list that is broken or has no ids is an invalid response."""
    with pytest.raises(GenerationError) as caught:
        await client_of(Script(answer)).engines()
    assert caught.value.error_type == error_type and caught.value.__context__ is None


@pytest.mark.parametrize(
    ("model", "fields", "credits"),
    [
        ("sd3.5-flash", (), 2.5),
        ("sd3.5-flash", (("model", "sd3.5-large"),), 6.5),
        ("sd3.5-large", (("model", "sd3.5-medium"),), 3.5),
        ("sd3.5-flash", (("model", "sd9"),), 6.5),
        ("core", (("model", "sd3.5-large"),), 3.0),
    ],
)
async def test_a_model_field_is_priced_as_that_model(client_of, model, fields, credits):  # noqa: A002
    """A field that names another sd3 model costs what that one costs, an unknown one the dearest; on other routes
    the field means nothing."""
    client = client_of(Script(good()), cap=100, model=model)
    request = ImageRequest("a face", fields=fields)
    assert client.price(request) == credits
    await client.generate(request)
    assert client.ledger.spending().committed == credits


def test_unknown_provider_and_model_are_refused():
    """Names that do not exist are refused before anything is opened, with those that do."""
    with pytest.raises(ConfigError, match=r"provider 'openai' .* stability_v1, stability_v2beta"):
        FaceClient(Settings.load(high={"provider": "openai"}))
    with pytest.raises(ConfigError, match=r"model 'sdxl' .* core, ultra"):
        FaceClient(Settings.load(high={"model": "sdxl"}))
    with pytest.raises(ConfigError, match="model ''"):
        FaceClient(Settings.load(high={"model": ""}))


async def test_price_and_size_are_the_provider_s(client_of):
    """What a call costs and what is painted is asked of the provider for this client's model."""
    client = client_of(Script(good()), model="ultra")
    assert client.price(RAW) == 8.0 and client.expected_size("16:9") == (1344, 768)
    assert client.expected_size("4:3") is None


async def test_described_request_names_everything_asked(client_of):
    """The request parameters of a record come from the request, the template and the client."""
    client = client_of(Script(good()))
    found = client.describe(FaceRequest(50, "male", 3, "9:16", "webp"))
    assert (found.age, found.gender, found.seed, found.provider, found.model) == (
        50,
        "male",
        3,
        "stability_v2beta",
        "core",
    )
    assert (found.template, found.aspect_ratio, found.output_format) == ("headshot", "9:16", "webp")
    raw = client.describe(RAW)
    assert (raw.age, raw.gender, raw.template, raw.prompt) == (None, None, None, "a face")


async def test_nothing_is_logged_as_a_warning(client_of, caplog):
    """A client that works or fails says nothing above debug and info by itself."""
    with caplog.at_level(logging.WARNING):
        await error_of(client_of(Script(failed(500))))
    assert caplog.records == []


async def test_error_leaves_without_context(client_of):
    """An error's text tells everything; no exception of the HTTP library hangs behind it."""
    error = await error_of(client_of(Script(httpx.ConnectError("x"))))
    assert error.__context__ is None and error.__cause__ is None
    assert "httpx" not in "".join(traceback.format_exception(error))
    assert "httpx.ConnectError" in error.attempts[0].traceback


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        (failed(400, f"no {CANARY}"), "InvalidRequest"),
        (failed(401, f"incorrect key {CANARY}"), "Unauthorized"),
        (failed(429, f"{CANARY} asks too often"), "RateLimited"),
        (failed(500, f"{CANARY} broke it"), "ServerError"),
        (failed(503), "ServerError"),
        (good(picture()[:-30]), "InvalidImage"),
        (good_json(image="###"), "InvalidImage"),
        (good(**{"finish-reason": "CONTENT_FILTERED"}), "ContentFiltered"),
        (good(**{"content-type": "text/html"}), "InvalidResponse"),
        (httpx.ReadTimeout(f"t {CANARY}"), "ReadTimeout"),
        (httpx.ConnectError(f"c {CANARY}"), "ConnectError"),
    ],
    ids=lambda part: part if isinstance(part, str) else None,
)
async def test_every_failed_attempt_has_its_traceback_without_the_key(client_of, answer, named):
    """Also what was read from a reply says where it was raised, as text, with the key cleared out of it."""
    from tests.client.leaks import fragments_in

    error = await error_of(client_of(Script(answer), retry=NO_RETRY))
    (one,) = error.attempts
    assert one.traceback.startswith("Traceback (most recent call last):") and f"{named}: " in one.traceback
    assert not fragments_in(one.traceback, CANARY)


async def test_a_failure_before_the_picture_keeps_its_traceback(client_of):
    """The attempt that failed has one, the one that brought the picture has none."""
    image = await client_of(Script(failed(500), good())).generate(RAW)
    assert "ServerError: HTTP 500" in image.attempts[0].traceback and image.attempts[1].traceback is None


async def test_a_prompt_that_cannot_be_encoded_is_refused(client_of):
    """A lone surrogate cannot be sent: it is told as bad input, and no credits stay booked for it."""
    script = Script(good())
    client = client_of(script, cap=100)
    with pytest.raises(errors.InvalidInput, match="prompt"):
        await client.generate(ImageRequest("a \ud800 face"))
    assert client.ledger.spending().committed == 0 and script.requests == []


async def test_closing_twice_does_no_harm(clock):
    """A client may be closed by its user and again by its context."""
    async with FaceClient(Settings.load(), ledger=Ledger(), clock=ManualClock()) as client:
        await client.aclose()
    client.ledger.close()
