"""The legacy API, held against the documented table."""

import base64
import io
import json

import pytest
from PIL import Image

from facemon import errors
from facemon.calls import HttpReply
from facemon.model import ASPECT_RATIOS, ImageRequest
from facemon.providers.stability_v1 import StabilityV1

API = StabilityV1()
ENGINE = "stable-diffusion-xl-1024-v1-0"
# STABILITY_API.md §3: what SDXL 1.0 accepts, and nothing else.
SDXL_SIZES = {(1024, 1024), (1152, 896), (896, 1152), (1216, 832), (832, 1216), (1344, 768), (768, 1344)}
SDXL_SIZES |= {(1536, 640), (640, 1536)}
BUFFER = io.BytesIO()
Image.new("RGB", (16, 8), "olive").save(BUFFER, "PNG")
PNG = BUFFER.getvalue()


def reply(*artifacts, body=None):
    """A JSON reply with these artifacts."""
    document = {"artifacts": list(artifacts)} if body is None else body
    return HttpReply(
        200, {"content-type": "application/json", "x-request-id": "r1"}, json.dumps(document).encode()
    )


def artifact(**changes):
    """A documented artifact; a field given as ... is missing."""
    whole = {
        "base64": base64.b64encode(PNG).decode(),
        "seed": 4294967295,
        "finishReason": "SUCCESS",
    } | changes
    return {name: value for name, value in whole.items() if value is not ...}


def test_request_is_the_documented_json():
    """Prompts with weights, the negative one negative, size and seed as numbers, on the engine's route."""
    call = API.build(ImageRequest("a face", "blurry", 7, "16:9"), ENGINE)
    assert call.path == f"/v1/generation/{ENGINE}/text-to-image" and call.form is None
    assert call.json == {
        "text_prompts": [{"text": "a face", "weight": 1}, {"text": "blurry", "weight": -1}],
        "width": 1344,
        "height": 768,
        "seed": 7,
    }


def test_what_was_not_asked_is_not_sent():
    """Without negative words and seed there are none in the body."""
    body = API.build(ImageRequest("a face"), ENGINE).json
    assert body["text_prompts"] == [{"text": "a face", "weight": 1}] and "seed" not in body


@pytest.mark.parametrize("ratio", ASPECT_RATIOS)
def test_sizes_are_those_the_engine_accepts(ratio):
    """What is promised is what is asked for, and both are in SDXL's list."""
    body = API.build(ImageRequest("x", aspect_ratio=ratio), ENGINE).json
    assert (body["width"], body["height"]) == API.size(ratio, ENGINE) in SDXL_SIZES


def test_nine_ratios_use_all_nine_sizes():
    """No two ratios share a size."""
    assert {API.size(ratio, ENGINE) for ratio in ASPECT_RATIOS} == SDXL_SIZES


@pytest.mark.parametrize(("accept", "header"), [("image", "image/png"), ("json", "application/json")])
def test_both_accept_forms(accept, header):
    """The two forms of the reply are asked for by their documented header."""
    assert API.build(ImageRequest("x", accept=accept), ENGINE).headers == (("accept", header),)


@pytest.mark.parametrize(
    ("sent", "value"), [("50", 50), ("-1", -1), ("7.5", 7.5), ("photographic", "photographic"), ("", "")]
)
def test_own_fields_are_numbers_where_they_look_like_one(sent, value):
    """v1 takes JSON numbers; a text stays a text."""
    body = API.build(ImageRequest("x", fields=(("f", sent),)), ENGINE).json
    assert body["f"] == value and type(body["f"]) is type(value)


@pytest.mark.parametrize("sent", ["nan", "inf", "-Infinity", "1e999"])
def test_own_field_that_json_has_no_number_for(sent):
    """JSON has no such number: the text travels as text and the request can be encoded."""
    body = API.build(ImageRequest("x", fields=(("f", sent),)), ENGINE).json
    json.dumps(body, allow_nan=False)


@pytest.mark.parametrize(
    ("fields", "price"),
    [
        ((), 0.9),
        ((("steps", "30"),), 0.9),
        ((("steps", "10"),), 0.9),
        ((("steps", "50"),), 1.5),
        ((("steps", "31"),), 0.93),
        ((("samples", "10"),), 9.0),
        ((("samples", "2"), ("steps", "40")), 2.4),
        ((("steps", "many"),), 0.9),
        ((("samples", "-3"),), 0.9),
        ((("samples", "0"), ("steps", "0")), 0.9),
    ],
)
def test_price(fields, price):
    """0.9 up to 30 steps, in proportion above, times the samples; what the service will refuse costs the least."""
    assert API.price(ImageRequest("x", fields=fields), ENGINE) == pytest.approx(price)


def test_price_of_a_number_beyond_all_bounds():
    """A field that the service must refuse does not crash the client that sends it."""
    assert API.price(ImageRequest("x", fields=(("steps", "9" * 400),)), ENGINE) >= 0.9


def test_json_reply():
    """The first artifact is the picture."""
    found = API.read(reply(artifact(), artifact(seed=5)))
    assert (found.data, found.seed, found.finish_reason) == (PNG, 4294967295, "SUCCESS")
    assert (found.request_id, found.format, found.width, found.height) == ("r1", "png", 16, 8)


def test_png_reply():
    """Bytes with the documented headers, which the client hands on in lower case."""
    headers = {"content-type": "image/png", "finish-reason": "SUCCESS", "seed": "9"}
    found = API.read(HttpReply(200, headers, PNG))
    assert (found.data, found.seed, found.request_id) == (PNG, 9, None)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(artifact(finishReason="CONTENT_FILTERED")), errors.ContentFiltered),
        (reply(artifact(finishReason="ERROR")), errors.InvalidResponse),
        (reply(artifact(finishReason=...)), errors.InvalidResponse),
        (reply(artifact(base64=...)), errors.InvalidImage),
        (reply(artifact(base64=base64.b64encode(PNG[:-4]).decode())), errors.InvalidImage),
        (reply(artifact(base64="#")), errors.InvalidImage),
        (reply(), errors.InvalidImage),
        (reply(None), errors.InvalidImage),
        (reply("text"), errors.InvalidImage),
        (reply(body={}), errors.InvalidResponse),
        (reply(body={"artifacts": {}}), errors.InvalidResponse),
        (reply(body={"artifacts": None}), errors.InvalidResponse),
        (reply(body=[]), errors.InvalidResponse),
    ],
)
def test_replies_that_are_no_picture(answer, kind):
    """Filtered, undocumented and broken replies have their own error types, with the status and the request id."""
    with pytest.raises(kind) as caught:
        API.read(answer)
    assert type(caught.value) is kind
    assert (caught.value.status, caught.value.request_id) == (200, "r1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.InvalidRequest),
        (401, errors.Unauthorized),
        (402, errors.PaymentRequired),
        (403, errors.Moderated),
        (404, errors.NotFound),
        (429, errors.RateLimited),
        (500, errors.ServerError),
    ],
)
def test_documented_errors(status, kind):
    """One `message`, no `errors`; the text is the API's own."""
    body = json.dumps({"id": "ab", "message": "the engine's words", "name": "n"}).encode()
    with pytest.raises(kind) as caught:
        API.read(HttpReply(status, {}, body))
    assert type(caught.value) is kind and str(caught.value) == f"HTTP {status}: the engine's words"
    assert caught.value.request_id == "ab"
