"""What a status, a body and its headers mean."""

import base64
import io
import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from facemon import errors
from facemon import provider_replies as replies
from facemon.calls import HttpReply
from facemon.errors import GenerationError, InvalidImage, InvalidResponse

# A slow moment of a busy machine is no failure of the code.
UNHURRIED = settings(deadline=None)

HTML = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"
BUFFER = io.BytesIO()
Image.new("RGB", (8, 6), "navy").save(BUFFER, "PNG")
PNG = BUFFER.getvalue()

STATUSES = {
    400: errors.InvalidRequest,
    401: errors.Unauthorized,
    402: errors.PaymentRequired,
    403: errors.Moderated,
    404: errors.NotFound,
    413: errors.InvalidRequest,
    422: errors.InvalidRequest,
    429: errors.RateLimited,
    500: errors.ServerError,
    502: errors.ServerError,
    503: errors.ServerError,
    504: errors.ServerError,
    599: errors.ServerError,
    201: InvalidResponse,
    204: InvalidResponse,
    301: InvalidResponse,
    405: InvalidResponse,
    408: InvalidResponse,
    418: InvalidResponse,
}


@pytest.mark.parametrize(("status", "kind"), STATUSES.items())
def test_status_means_error(status, kind):
    """Each documented status has its own error; any other is a reply outside the contract."""
    error = replies.error_of(status, "text", "id1")
    assert type(error) is kind and str(error) == f"HTTP {status}: text"
    assert (error.status, error.request_id) == (status, "id1")


@pytest.mark.parametrize(
    ("body", "text", "request_id"),
    [
        (b'{"errors":["a: b","c"],"id":"ab","name":"bad_request"}', "a: b; c", "ab"),
        (b'{"id":"ab","message":"Incorrect API key","name":"unauthorized"}', "Incorrect API key", "ab"),
        (b'{"errors":[],"name":"bad_request"}', "bad_request", None),
        (b'{"errors":"plain"}', "plain", None),
        (b'{"id":7,"name":"x"}', "x", None),
        (b'{"detail":"no such route"}', "{'detail': 'no such route'}", None),
        (b"[1, 2]", "[1, 2]", None),
        (b'"text"', "text", None),
        (b"null", "None", None),
        (b"", "(empty body)", None),
        (b" \r\n ", "(empty body)", None),
        (HTML, "<html> <head><title>502 Bad Gateway</title></head> <body>nginx</body> </html>", None),
        (b"\xff\xfe broken", "\ufffd\ufffd broken", None),
        ("{“not json”}".encode(), "{“not json”}", None),
    ],
)
def test_error_text(body, text, request_id):
    """The API's words are found in every shape it has; a gateway's page is told as one line."""
    assert replies.error_text(body) == (text, request_id)


def test_error_text_is_cut():
    """Neither a long page nor a long message fills a log line."""
    assert len(replies.error_text(b"<p>" * 10_000)[0]) <= 500
    assert len(replies.error_text(json.dumps({"message": "x" * 10_000}).encode())[0]) <= 500
    assert len(replies.error_text(json.dumps({"errors": ["x" * 300] * 10}).encode())[0]) <= 500


DEEP = b"[" * 100_000


def test_deeply_nested_json_is_no_crash():
    """JSON nested beyond what Python reads is a body like any other that is not the JSON it says it is."""
    assert replies.error_text(DEEP)[1] is None
    with pytest.raises(InvalidResponse):
        replies.json_object(DEEP, None)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"null", b'"x"', b"\xff", HTML, b"9" * 5000])
def test_json_object_refuses_all_else(body):
    """What is not a JSON object is a reply outside the contract, status and request id included."""
    with pytest.raises(InvalidResponse) as caught:
        replies.json_object(body, "id1")
    assert (caught.value.status, caught.value.request_id) == (200, "id1")


@pytest.mark.parametrize("value", ["%%%", "abc", "aGk=\n", "é", "aGk"])
def test_broken_base64(value):
    """Text that is not whole base64 is a broken picture."""
    with pytest.raises(InvalidImage, match="base64"):
        replies.decoded_base64(value, "id1")


@pytest.mark.parametrize("value", [None, 5, [], {}, ""])
def test_missing_base64_is_an_empty_picture(value):
    """Where no text is there are no bytes; `facts` then refuses them as an empty body."""
    assert replies.decoded_base64(value, None) == b""
    with pytest.raises(InvalidImage, match="empty"):
        replies.facts(b"", None)


@UNHURRIED
@given(st.binary(max_size=200))
def test_base64_round_trip(data):
    """What was encoded is decoded."""
    assert replies.decoded_base64(base64.b64encode(data).decode(), None) == data


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("CONTENT_FILTERED", errors.ContentFiltered),
        ("ERROR", InvalidResponse),
        ("success", InvalidResponse),
        ("", InvalidResponse),
        (None, InvalidResponse),
        (0, InvalidResponse),
        (["SUCCESS"], InvalidResponse),
    ],
)
def test_finish_reason(reason, kind):
    """Only SUCCESS is one: a filtered picture is its own error, anything else and nothing are outside the contract."""
    assert replies.check_finish("SUCCESS", None) == "SUCCESS"
    with pytest.raises(kind) as caught:
        replies.check_finish(reason, "id1")
    assert type(caught.value) is kind and (caught.value.status, caught.value.request_id) == (200, "id1")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("7", 7),
        (7, 7),
        ("0", 0),
        ("4294967295", 4294967295),
        (None, None),
        ("", None),
        ("1.5", None),
        (1.5, None),
        (True, None),
        ([], None),
        ("seven", None),
        ("9" * 5000, None),
        (float("nan"), None),
    ],
)
def test_whole_number(value, expected):
    """A seed is read from text or a number; what is neither is unknown, not an error."""
    assert replies.whole_number(value) == expected


# --- balance ---


@pytest.mark.parametrize(("body", "expected"), [(b'{"credits": 0.6336833840314097}', 0.6336833840314097)])
def test_balance(body, expected):
    """The documented reply gives the number in it."""
    assert replies.read_balance(HttpReply(200, {}, body)) == expected


def test_whole_balance_is_a_float():
    """A whole number is read too."""
    assert replies.read_balance(HttpReply(200, {}, b'{"credits": 5}')) == 5.0


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"5",
        b'{"credits": "5"}',
        b'{"credits": true}',
        b'{"credits": null}',
        b'{"credits": [1]}',
        b'{"credits": NaN}',
        b'{"credits": Infinity}',
        b'{"credits": 1' + b"0" * 400 + b"}",
    ],
    ids=lambda body: body[:24].decode(),
)
def test_balance_that_is_no_number(body):
    """What is no finite number of credits is outside the contract, whatever JSON it is."""
    with pytest.raises(InvalidResponse):
        replies.read_balance(HttpReply(200, {}, body))


def test_balance_refused():
    """Any other status is the error it means, with the id from the header or the body."""
    body = b'{"id":"b","message":"m","name":"n"}'
    with pytest.raises(errors.Unauthorized) as caught:
        replies.read_balance(HttpReply(401, {}, body))
    assert caught.value.request_id == "b"
    with pytest.raises(errors.Unauthorized) as caught:
        replies.read_balance(HttpReply(401, {"x-request-id": "h"}, body))
    assert caught.value.request_id == "h"


# --- any reply ---


def from_json(document, reply):
    """The shape of v2beta."""
    return document.get("finish_reason"), document.get("seed"), document.get("image")


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(
    st.sampled_from(
        ["image", "finish_reason", "seed", "errors", "message", "name", "id", "artifacts", "credits"]
    ),
    st.one_of(VALUES, st.sampled_from(["SUCCESS", base64.b64encode(PNG).decode()])),
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.sampled_from([PNG, PNG[:40], HTML]),
    st.one_of(VALUES, DOCUMENTS).map(json.dumps),
).map(lambda body: body.encode() if isinstance(body, str) else body)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "content-type": st.sampled_from(
            ["image/png", "application/json", "application/json; type=image/png", "text/html"]
        )
        | st.text(max_size=10),
        "finish-reason": st.sampled_from(["SUCCESS", "CONTENT_FILTERED", ""]) | st.text(max_size=10),
        "seed": st.text(max_size=10),
        "x-request-id": st.text(max_size=10),
    },
)
REPLIES = st.builds(HttpReply, st.sampled_from([200, *STATUSES]), HEADERS, BODIES)


def outcome(read):
    """(what was read, None) or (None, the status that the error carries)."""
    try:
        return read(), None
    except GenerationError as error:
        return None, error.status


@UNHURRIED
@given(REPLIES)
def test_any_reply_is_a_picture_or_an_error_of_our_tree(reply):
    """Whatever a server answers, reading it gives a picture of a 200 or a GenerationError, nothing else."""
    picture, status = outcome(lambda: replies.read_picture(reply, from_json))
    assert status in (None, reply.status)
    assert picture is None or (
        reply.status == 200 and picture.finish_reason == "SUCCESS" and picture.width >= 1
    )


@UNHURRIED
@given(REPLIES)
def test_any_balance_is_a_number_or_an_error_of_our_tree(reply):
    """The same for the balance."""
    balance, status = outcome(lambda: replies.read_balance(reply))
    assert status in (None, reply.status)
    assert balance is None or (reply.status == 200 and math.isfinite(balance))
