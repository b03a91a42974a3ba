"""The key is nowhere: not in what a failure says, keeps, logs or drags along (must-show 4)."""

import asyncio
import io
import json
import logging
import traceback

import httpx
import pytest

from facemon.errors import GenerationError
from facemon.model import ImageRequest
from facemon.retry import NO_RETRY
from facemon.secret import MASK, Secret
from tests.client.leaks import find_leaks, fragments_in
from tests.client.support import CANARY, FACE, RAW, Script, failed, good, good_json, picture

ECHOES = {
    "whole": f"Incorrect API key provided: {CANARY}. You can find your API key at https://x.",
    "masked in the middle": f"Incorrect API key provided: {CANARY[:9]}****{CANARY[-8:]}",
    "bearer": f"authorization: Bearer {CANARY} is invalid",
    "twice": f"{CANARY}{CANARY}",
    "cut by the limit of an error text": "x" * 490 + CANARY,
}


def v1_refusal(text, **headers):
    """v1's 401 as it is documented, with what it echoes."""
    body = json.dumps({"id": f"id-{CANARY}", "message": text, "name": "unauthorized"})
    return httpx.Response(401, headers={"content-type": "application/json"} | headers, content=body)


def everything_shown(error):
    """All that a person, a log or a report sees of a failure, as one text."""
    shown = [
        str(error),
        repr(error),
        repr(error.args),
        repr(vars(error)),
        str(error.request_id),
        str(error.__notes__ if hasattr(error, "__notes__") else ""),
    ]
    shown += traceback.format_exception(error)
    for attempt in error.attempts:
        shown += [
            repr(attempt),
            str(attempt.error),
            str(attempt.traceback),
            str(attempt.request_id),
            repr(attempt.exchange),
        ]
        shown += [attempt.exchange.response_body, attempt.exchange.request_body, repr(attempt.exchange.form)]
    return "\n".join(shown)


@pytest.fixture
def debug_log():
    """All that httpx, httpcore, asyncio and we log, down to debug, as text."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    loggers = [logging.getLogger(name) for name in ("httpx", "httpcore", "asyncio", "facemon", "")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    loggers[-1].addHandler(handler)
    yield stream
    loggers[-1].removeHandler(handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def resetting(request):
    """A connection that breaks with the request in the exception's hands."""
    raise httpx.ReadError("reset", request=request) from ConnectionResetError(104, "reset")


def chatty(request):
    """A library error that shows the request's headers, the key among them."""
    raise httpx.RemoteProtocolError(f"illegal header in {request.headers.raw!r}")


def unforeseen(request):
    """An exception that is no httpx error at all, and knows the key."""
    raise RuntimeError(f"cannot send {request.headers['authorization']}")


FAILURES = {
    **{f"v1 401, {name}": v1_refusal(text) for name, text in ECHOES.items()},
    "401 with the key in its headers": v1_refusal(
        "x", **{"x-request-id": CANARY, "www-authenticate": f"Bearer {CANARY}"}
    ),
    "v2 401": failed(401, f"authorization: {CANARY}"),
    "500 in HTML": httpx.Response(500, headers={"content-type": "text/html"}, content=f"<p>{CANARY}</p>"),
    "500 not UTF-8": httpx.Response(500, content=b"\xff" + CANARY.encode()),
    "500 where a limit cuts the key": httpx.Response(500, content="x" * 190 + CANARY),
    "200 in HTML": httpx.Response(200, headers={"content-type": f"text/html; k={CANARY}"}, content=CANARY),
    "200 without JSON": httpx.Response(
        200, headers={"content-type": "application/json"}, content="{" + CANARY
    ),
    "200, unknown reason": good(**{"finish-reason": CANARY}),
    "200, unknown reason in JSON": good_json(finish_reason=CANARY),
    "200, no picture": good(CANARY.encode()),
    "redirect": httpx.Response(302, headers={"location": f"https://x.example/{CANARY}"}),
    "reset": resetting,
    "chatty library": chatty,
    "unforeseen": unforeseen,
    "time-out": httpx.ReadTimeout("t"),
    "bad gzip": lambda request: compressed_badly(request),
}


def passing(answer):
    """A server of one answer that keeps nothing of the requests it saw; as a function of the tests it is not walked."""

    def serve(request):
        if callable(answer):
            return answer(request)
        if isinstance(answer, Exception):
            raise type(answer)(*answer.args)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    return serve


def compressed_badly(request):
    """A reply that says gzip and is none."""
    return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(CANARY.encode()))


@pytest.mark.parametrize("provider", ["stability_v1", "stability_v2beta"])
@pytest.mark.parametrize("failure", FAILURES)
async def test_no_failure_shows_the_key(client_of, debug_log, provider, failure):
    """After every failure, in both API versions: no text, attempt, traceback or log holds eight characters."""
    client = client_of(passing(FAILURES[failure]), provider=provider, retry=NO_RETRY)
    with pytest.raises(GenerationError) as caught:
        await client.generate(RAW)
    error = caught.value
    assert error.attempts, "nothing was tried"
    assert not fragments_in(everything_shown(error), CANARY)
    assert find_leaks(error, CANARY) == []
    assert not fragments_in(debug_log.getvalue(), CANARY)


@pytest.mark.parametrize("failure", FAILURES)
async def test_nothing_reachable_from_a_client_holds_the_key(client_of, failure):
    """After a failure a walk over the client, its settings, connections and closures finds no fragment."""
    client = client_of(passing(FAILURES[failure]), provider="stability_v1", retry=NO_RETRY)
    with pytest.raises(GenerationError):
        await client.generate(RAW)
    assert find_leaks(client.settings, CANARY) == []
    assert find_leaks(client, CANARY) == []


async def test_an_image_holds_no_key(client_of):
    """A picture with its attempts and exchanges, and the client that made it, hold no fragment."""
    client = client_of(lambda request: good())
    image = await client.generate_face(FACE)
    assert find_leaks(image, CANARY) == [] and find_leaks(client, CANARY) == []
    headers = dict(image.attempts[0].exchange.request_headers)
    assert headers["authorization"] == MASK


async def test_an_image_whose_request_id_echoes_the_key(client_of):
    """What a server sends back in a header of a good reply is cleared too."""
    image = await client_of(lambda request: good(**{"x-request-id": f"id-{CANARY}"})).generate(RAW)
    assert find_leaks(image, CANARY) == []


async def test_a_key_given_for_one_request_is_cleared_too(client_of):
    """The key of a check of refusals is a secret like the client's own."""
    other = "sk-Zy3Xw5Vu7Ts9Rq1Po2"
    client = client_of(lambda request: v1_refusal(f"{other} and {CANARY}"), provider="stability_v1")
    with pytest.raises(GenerationError) as caught:
        await client.generate(RAW, key=Secret(other))
    for key in (other, CANARY):
        assert not fragments_in(everything_shown(caught.value), key)
        assert find_leaks(caught.value, key) == [] and find_leaks(client, key) == []


@pytest.mark.parametrize(
    "answer", ["v1 401, whole", "reset", "unforeseen", "chatty library", "200 without JSON"]
)
async def test_balance_drags_no_key_along(client_of, answer):
    """The same holds for the balance."""
    client = client_of(passing(FAILURES[answer]))
    with pytest.raises(GenerationError) as caught:
        await client.balance()
    assert not fragments_in(everything_shown(caught.value), CANARY)
    assert find_leaks(caught.value, CANARY) == [] and find_leaks(client, CANARY) == []


async def test_retries_keep_no_key(client_of):
    """Four failed attempts, each with its traceback and exchange: none holds a fragment."""
    client = client_of(passing(FAILURES["500 in HTML"]))
    with pytest.raises(GenerationError) as caught:
        await client.generate(RAW)
    assert len(caught.value.attempts) == 4 and find_leaks(caught.value, CANARY) == []


async def test_prompt_that_holds_the_key_is_cleared(client_of):
    """A key pasted into a prompt is sent, and shown nowhere in the exchange, neither in the body nor in the form."""
    script = Script(failed(400, f"prompt: {CANARY}"))
    client = client_of(script)
    with pytest.raises(GenerationError) as caught:
        await client.generate(ImageRequest(f"my key is {CANARY}"))
    assert CANARY.encode() in script.bodies[0]
    assert not fragments_in(repr(caught.value.attempts[0].exchange), CANARY)


async def test_a_body_beyond_the_limit_drags_no_connection_along(client_of):
    """An endless body is an invalid response; its error holds neither the frames nor the connection that read it."""

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):
            for _ in range(70):
                yield bytes(2**20)

    def answer(request):
        return httpx.Response(
            200,
            headers={"content-type": "image/png"},
            stream=Endless(),
            extensions={"raw": request.headers.raw},
        )

    client = client_of(answer)
    with pytest.raises(GenerationError, match="more than") as caught:
        await client.generate(RAW)
    assert caught.value.error_type == "invalid_response"
    assert find_leaks(caught.value, CANARY) == []


async def test_request_keeps_no_key_after_a_failure(client_of):
    """The request outlives the exchange in tracebacks and recorders; its key does not, also when the sending failed."""
    script = Script(httpx.ReadError("reset"))
    with pytest.raises(GenerationError):
        await client_of(script).generate(RAW)
    assert "authorization" not in script.requests[0].headers
    answered = Script(good())
    await client_of(answered).generate(RAW)
    assert "authorization" not in answered.requests[0].headers


async def test_a_cancelled_call_drags_no_key_along(client_of):
    """What a cancelled generation leaves behind holds no fragment of the key."""
    arrived = asyncio.Event()

    class Stalling(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            arrived.set()
            await asyncio.Event().wait()

    client = client_of(Stalling())
    task = asyncio.ensure_future(client.generate(RAW))
    await arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert find_leaks(client, CANARY) == []


def test_the_pictures_of_these_tests_hold_no_canary():
    """The search would find a canary in a picture's bytes: there is none by chance."""
    assert not fragments_in(picture().decode("latin-1"), CANARY)
