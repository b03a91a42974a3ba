"""What the providers share: a reply's status as an error of our tree, and bytes as a picture."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable

from facemon import encoded
from facemon.calls import HttpCall, HttpReply, Picture
from facemon.errors import (
    ContentFiltered,
    GenerationError,
    InvalidImage,
    InvalidRequest,
    InvalidResponse,
    Moderated,
    NotFound,
    PaymentRequired,
    RateLimited,
    ServerError,
    Unauthorized,
)

# Both APIs share these two routes of v1.
BALANCE = HttpCall("GET", "/v1/user/balance", (("accept", "application/json"),))
ENGINES = HttpCall("GET", "/v1/engines/list", (("accept", "application/json"),))

_BY_STATUS: dict[int, type[GenerationError]] = {
    400: InvalidRequest,
    401: Unauthorized,
    402: PaymentRequired,
    403: Moderated,
    404: NotFound,
    413: InvalidRequest,
    422: InvalidRequest,
}


def error_of(status: int, text: str, request_id: str | None) -> GenerationError:
    """The error that a status other than 200 means; `text` is what the API said."""
    message = f"HTTP {status}: {text}"
    if status == 429:
        return RateLimited(message, request_id=request_id)  # the client adds what Retry-After says
    if status >= 500:
        return ServerError(message, status=status, request_id=request_id)
    kind = _BY_STATUS.get(status, InvalidResponse)
    return kind(message, status=status, request_id=request_id)


def error_text(body: bytes) -> tuple[str, str | None]:
    """What an error body says, and its id. A gateway answers in HTML: then the text is its beginning."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return " ".join(body[:200].decode("utf-8", "replace").split()) or "(empty body)", None
    if not isinstance(document, dict):
        return str(document)[:200], None
    said = document.get("errors") or document.get("message") or document.get("name") or document
    text = "; ".join(map(str, said)) if isinstance(said, list) else str(said)
    request_id = document.get("id")
    return text[:500], request_id if isinstance(request_id, str) else None


def json_object(body: bytes, request_id: str | None) -> dict[str, object]:
    """The JSON object in a body. Raises InvalidResponse."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidResponse(
            f"HTTP 200 with a body that is not the JSON it says it is ({len(body)} bytes)",
            status=200,
            request_id=request_id,
        ) from None
    if not isinstance(document, dict):
        raise InvalidResponse("HTTP 200 with JSON that is no object", status=200, request_id=request_id)
    return document


def decoded_base64(value: object, request_id: str | None) -> bytes:
    """The bytes of a base64 field. Raises InvalidImage."""
    try:
        return base64.b64decode(value if isinstance(value, str) else "", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidImage("the picture's base64 is broken", status=200, request_id=request_id) from None


def check_finish(reason: object, request_id: str | None) -> str:
    """`SUCCESS`, or the error that another finish reason means."""
    if reason == "SUCCESS":
        return "SUCCESS"
    if reason == "CONTENT_FILTERED":
        raise ContentFiltered(
            "HTTP 200 with finish reason CONTENT_FILTERED: the picture is blurred",
            status=200,
            request_id=request_id,
        )
    said = "without a finish reason" if reason is None else f"with the finish reason {reason!r}"
    raise InvalidResponse(f"HTTP 200 {said}", status=200, request_id=request_id)


def facts(data: bytes, request_id: str | None) -> encoded.EncodedFacts:
    """Format and size of a picture's bytes. Raises InvalidImage when they are not a whole picture."""
    try:
        return encoded.inspect(data)
    except ValueError as error:
        raise InvalidImage(f"HTTP 200, but {error}", status=200, request_id=request_id) from None


def whole_number(value: object) -> int | None:
    """A seed as reported, in text or as a number; None if it is neither."""
    try:
        return int(str(value))
    except ValueError:
        return None


def read_balance(reply: HttpReply) -> float:
    """Credits in the answer of `GET /v1/user/balance`. Raises the GenerationError that it means."""
    request_id = _refuse_failure(reply)
    credits_left = json_object(reply.body, request_id).get("credits")
    if (
        isinstance(credits_left, bool)
        or not isinstance(credits_left, int | float)
        or not abs(credits_left) < 1e15  # neither NaN nor infinite nor absurd
    ):
        raise InvalidResponse(
            "the balance has no number `credits`", status=reply.status, request_id=request_id
        )
    return float(credits_left)


def read_engines(reply: HttpReply) -> tuple[str, ...]:
    """The ids in the answer of `GET /v1/engines/list`. Raises the GenerationError that it means."""
    request_id = _refuse_failure(reply)
    try:
        listed = json.loads(reply.body)
    except (ValueError, RecursionError):
        listed = None
    ids = [engine.get("id") if isinstance(engine, dict) else None for engine in _as_list(listed)]
    names = tuple(name for name in ids if isinstance(name, str))
    if not isinstance(listed, list) or len(names) != len(ids):
        raise InvalidResponse("the engines are no list with ids", status=200, request_id=request_id)
    return names


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


JsonReader = Callable[[dict[str, object], HttpReply], tuple[object, object, object]]
"""Finds (finish reason, seed, base64 text) in a JSON reply; raises the GenerationError for a missing artifact."""


def read_picture(reply: HttpReply, read_json: JsonReader) -> Picture:
    """The picture in a generation's reply, in either `accept` form. Raises the GenerationError that it means."""
    request_id = _refuse_failure(reply)
    kind = reply.headers.get("content-type", "").lower()
    digest = None
    if kind.startswith("application/json"):
        reason, seed, text = read_json(json_object(reply.body, request_id), reply)
        finish = check_finish(reason, request_id)
        data = decoded_base64(text, request_id)
    elif kind.startswith("image/"):
        seed = reply.headers.get("seed")
        finish = check_finish(reply.headers.get("finish-reason"), request_id)
        data, digest = reply.body, reply.sha256
    else:
        raise InvalidResponse(
            f"HTTP 200 with content type {kind or '(none)'!r}, where a picture or JSON is documented",
            status=200,
            request_id=request_id,
        )
    found = facts(data, request_id)
    return Picture(
        data, finish, whole_number(seed), request_id, found.format, found.width, found.height, digest
    )


def _refuse_failure(reply: HttpReply) -> str | None:
    """The request id of a 200; raises the error that any other status means."""
    request_id = reply.headers.get("x-request-id")
    if reply.status == 200:
        return request_id
    text, body_id = error_text(reply.body)
    raise error_of(reply.status, text, request_id or body_id)
