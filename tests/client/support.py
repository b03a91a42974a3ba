"""What the client's tests share: replies, servers made of functions, and a client on a clock moved by hand."""

import base64
import functools
import io
import json
import random

import httpx
from PIL import Image

from facemon.client import FaceClient
from facemon.clock import ManualClock
from facemon.config import KEY_VARIABLE, Settings
from facemon.ledger import Ledger
from facemon.model import FaceRequest, ImageRequest

CANARY = "sk-Qx7vWz2KpLr9TnB4mHs8"
FACE = FaceRequest(30, "female")
RAW = ImageRequest("a face")


@functools.cache
def picture(form="png", size=(24, 16)):
    """An encoded picture, large enough that cutting it hurts."""
    buffer = io.BytesIO()
    Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3)).save(buffer, form.upper())
    return buffer.getvalue()


def good(data=None, **headers):
    """A documented 200 with a picture's bytes."""
    data = picture() if data is None else data
    found = {
        "content-type": "image/png",
        "finish-reason": "SUCCESS",
        "seed": "7",
        "x-request-id": "req-1",
    } | headers
    return httpx.Response(200, headers={name: value for name, value in found.items() if value}, content=data)


def good_json(data=None, **changes):
    """A documented 200 with base64."""
    text = base64.b64encode(picture() if data is None else data).decode()
    body = {"image": text, "finish_reason": "SUCCESS", "seed": 7} | changes
    return httpx.Response(
        200, headers={"content-type": "application/json; type=image/png"}, content=json.dumps(body)
    )


def failed(status, text="said the API", **headers):
    """A documented error."""
    body = json.dumps({"errors": [text], "id": "ab" * 16, "name": "name"}, separators=(",", ":"))
    return httpx.Response(status, headers={"content-type": "application/json"} | headers, content=body)


def timed_out(clock):
    """A server that lets the time it was given pass."""

    def answer(request):
        clock.advance(request.extensions["timeout"]["read"])
        raise httpx.ReadTimeout("", request=request)

    return answer


class Script:
    """A server that gives these answers one after the other: responses, exceptions, or functions of the request."""

    def __init__(self, *answers):
        self.answers, self.requests, self.bodies = list(answers), [], []

    def __call__(self, request):
        self.requests.append(request)
        self.bodies.append(request.content)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        answer = answer(request) if callable(answer) else answer
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def make_client(handler, *, clock=None, retry=None, cap=None, rate=None, key=CANARY, **settings):
    """A client whose network is a function and whose time is moved by hand; the caller closes it."""
    import os

    before = os.environ.pop(KEY_VARIABLE, None)
    if key:
        os.environ[KEY_VARIABLE] = key
    try:
        loaded = Settings.load(high=settings)
    finally:
        os.environ.pop(KEY_VARIABLE, None)
        if before is not None:
            os.environ[KEY_VARIABLE] = before
    clock = clock or ManualClock()
    ledger = Ledger(cap=cap, rate=rate, wall=lambda: clock.now().timestamp())
    transport = httpx.MockTransport(handler) if callable(handler) else handler
    return FaceClient(loaded, clock=clock, retry=retry, ledger=ledger, transport=transport)


def outcomes(attempts):
    """(number, delay before, status, outcome) of each attempt."""
    return [(one.number, one.delay_before, one.status, one.outcome) for one in attempts]
