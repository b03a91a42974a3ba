"""The current API, held against the documented table."""

import base64
import io
import json

import pytest
from PIL import Image

from facemon import errors
from facemon.calls import HttpReply
from facemon.model import FORMATS, ImageRequest
from facemon.providers.stability_v2beta import StabilityV2Beta

API = StabilityV2Beta()
# STABILITY_API.md §1 and §4: model → (route, credits).
DOCUMENTED = {
    "ultra": ("ultra", 8.0),
    "core": ("core", 3.0),
    "sd3.5-large": ("sd3", 6.5),
    "sd3.5-large-turbo": ("sd3", 4.0),
    "sd3.5-medium": ("sd3", 3.5),
    "sd3.5-flash": ("sd3", 2.5),
}
# Ratio → (size of ultra and sd3, size of core).
SIZES = {
    "1:1": ((1024, 1024), (1536, 1536)),
    "5:4": ((1088, 896), (1632, 1344)),
    "4:5": ((896, 1088), (1344, 1632)),
    "3:2": ((1216, 832), (1824, 1248)),
    "2:3": ((832, 1216), (1248, 1824)),
    "16:9": ((1344, 768), (2016, 1152)),
    "9:16": ((768, 1344), (1152, 2016)),
    "21:9": ((1536, 640), (2304, 960)),
    "9:21": ((640, 1536), (960, 2304)),
}
HTML = b"<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"


def picture(form="png"):
    """A small picture in a format."""
    buffer = io.BytesIO()
    Image.new("RGB", (16, 8), "olive").save(buffer, form.upper())
    return buffer.getvalue()


def binary(body=None, **changes):
    """A documented reply with `accept: image/*`; a header given as None is missing."""
    headers = {
        "content-type": "image/png",
        "finish-reason": "SUCCESS",
        "seed": "343940597",
        "x-request-id": "r1",
    }
    headers |= {name.replace("_", "-"): value for name, value in changes.items()}
    kept = {name: value for name, value in headers.items() if value is not None}
    return HttpReply(200, kept, picture() if body is None else body)


def as_json(headers=None, **changes):
    """A documented reply with `accept: application/json`; a field given as ... is missing."""
    body = {
        "image": base64.b64encode(picture()).decode(),
        "finish_reason": "SUCCESS",
        "seed": 343940597,
    } | changes
    kept = {name: value for name, value in body.items() if value is not ...}
    sent = {"content-type": "application/json; type=image/png", "x-request-id": "r1"} | (headers or {})
    return HttpReply(200, sent, json.dumps(kept).encode())


def test_models_are_the_documented_ones():
    """ultra, core and every sd3 model, no other."""
    assert sorted(API.models) == sorted(DOCUMENTED) and API.default_model == "core"


@pytest.mark.parametrize("model", DOCUMENTED)
def test_route_price_and_model_field(model):
    """Each model has its route and its price; only sd3 models travel in a field."""
    route, price = DOCUMENTED[model]
    request = ImageRequest("a face")
    call = API.build(request, model)
    assert call.path == f"/v2beta/stable-image/generate/{route}" and API.price(request, model) == price
    assert dict(call.form).get("model") == (model if route == "sd3" else None)


@pytest.mark.parametrize("model", DOCUMENTED)
@pytest.mark.parametrize("ratio", SIZES)
def test_sizes(model, ratio):
    """Every ratio has the documented size; core paints one and a half times as large."""
    assert API.size(ratio, model) == SIZES[ratio][model == "core"]


def test_all_fields_travel_as_text():
    """The form holds the documented fields, all text, and no width or height."""
    request = ImageRequest("a face", "blurry", 4294967294, "21:9", "webp")
    call = API.build(request, "ultra")
    assert call.form == (
        ("prompt", "a face"),
        ("negative_prompt", "blurry"),
        ("aspect_ratio", "21:9"),
        ("seed", "4294967294"),
        ("output_format", "webp"),
    )
    assert call.json is None


def test_empty_fields_are_left_out_but_for_the_prompt():
    """No seed and no negative words are not sent; an empty prompt is, because a check of refusals asks for one."""
    assert [name for name, _ in API.build(ImageRequest(""), "core").form] == [
        "prompt",
        "aspect_ratio",
        "output_format",
    ]
    assert dict(API.build(ImageRequest("", seed=0), "core").form)["seed"] == "0"


def test_own_fields_add_and_replace():
    """`fields` adds the API's other fields and replaces ours, with empty values too."""
    fields = (("style_preset", "photographic"), ("aspect_ratio", "7:5"), ("negative_prompt", ""))
    form = dict(API.build(ImageRequest("x", "blurry", fields=fields), "core").form)
    assert (form["style_preset"], form["aspect_ratio"], form["negative_prompt"]) == (
        "photographic",
        "7:5",
        "",
    )


@pytest.mark.parametrize(("accept", "header"), [("image", "image/*"), ("json", "application/json")])
def test_both_accept_forms(accept, header):
    """The two forms of the reply are asked for by their documented header."""
    assert API.build(ImageRequest("x", accept=accept), "core").headers == (("accept", header),)


@pytest.mark.parametrize("form", FORMATS)
def test_binary_reply(form):
    """Bytes and headers become a picture, its format and size read from the bytes."""
    found = API.read(binary(picture(form), content_type=f"image/{form}"))
    assert found.data == picture(form)
    assert (found.format, found.width, found.height) == (form, 16, 8)
    assert (found.finish_reason, found.seed, found.request_id) == ("SUCCESS", 343940597, "r1")


def test_format_is_that_of_the_bytes():
    """A JPEG under `image/png` is a JPEG: the evaluators compare it with what was asked."""
    assert API.read(binary(picture("jpeg"))).format == "jpeg"


@pytest.mark.parametrize("kind", ["application/json; type=image/png", "application/json", "Application/JSON"])
def test_json_reply(kind):
    """The base64 reply gives the same picture; a media type is the same in capitals (RFC 9110, 8.3.1)."""
    found = API.read(as_json({"content-type": kind}))
    assert (found.data, found.seed, found.finish_reason) == (picture(), 343940597, "SUCCESS")


def test_json_is_read_before_the_headers():
    """The body's finish reason and seed outrank the headers'; the headers stand in where the body is silent."""
    headers = {"finish-reason": "CONTENT_FILTERED", "seed": "5"}
    assert API.read(as_json(headers)).seed == 343940597
    silent = as_json({"finish-reason": "SUCCESS", "seed": "5"}, finish_reason=..., seed=...)
    assert API.read(silent).seed == 5


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (binary(finish_reason="CONTENT_FILTERED"), errors.ContentFiltered),
        (as_json(finish_reason="CONTENT_FILTERED"), errors.ContentFiltered),
        (binary(finish_reason=None), errors.InvalidResponse),
        (as_json(finish_reason=...), errors.InvalidResponse),
        (as_json(finish_reason=None), errors.InvalidResponse),
        (binary(finish_reason="PARTIAL"), errors.InvalidResponse),
        (binary(content_type="text/html"), errors.InvalidResponse),
        (binary(content_type="application/octet-stream"), errors.InvalidResponse),
        (binary(content_type=None), errors.InvalidResponse),
        (binary(content_type="application/json"), errors.InvalidResponse),
        (binary(b""), errors.InvalidImage),
        (binary(picture()[:-9]), errors.InvalidImage),
        (binary(b"\0" * 500), errors.InvalidImage),
        (as_json(image=...), errors.InvalidImage),
        (as_json(image=""), errors.InvalidImage),
        (as_json(image="%%%"), errors.InvalidImage),
        (as_json(image=base64.b64encode(picture()[:-9]).decode()), errors.InvalidImage),
        (HttpReply(200, {"content-type": "application/json"}, b'{"image": "iVBOR'), errors.InvalidResponse),
        (HttpReply(200, {"content-type": "application/json"}, b"[]"), errors.InvalidResponse),
    ],
)
def test_replies_that_are_no_picture(reply, kind):
    """Filtered, undocumented and broken replies have their own error types, with the status and the request id."""
    with pytest.raises(kind) as caught:
        API.read(reply)
    assert type(caught.value) is kind and caught.value.status == 200
    assert caught.value.request_id == reply.headers.get("x-request-id")


def test_unreadable_seed_is_no_failure():
    """A picture without a seed, or with one that is no number, is still a picture."""
    assert API.read(binary(seed=None)).seed is None and API.read(binary(seed="?")).seed is None


# STABILITY_API.md §2: status, name, text.
ERRORS = [
    (400, "bad_request", "content-type: must be multipart/form-data", errors.InvalidRequest),
    (400, "bad_request", "prompt: required", errors.InvalidRequest),
    (401, "unauthorized", "authorization: invalid or missing header value", errors.Unauthorized),
    (402, "payment_required", "You lack sufficient credits to make this request.", errors.PaymentRequired),
    (
        403,
        "content_moderation",
        "Your request was flagged by our content moderation system",
        errors.Moderated,
    ),
    (404, "not_found", "not found", errors.NotFound),
    (413, "payload_too_large", "body: payloads cannot be larger than 10MiB in size", errors.InvalidRequest),
    (422, "invalid_language", "English is the only supported language", errors.InvalidRequest),
    (422, "public_figure", "public figure", errors.InvalidRequest),
    (429, "rate_limit_exceeded", "You have exceeded the rate limit of 150 requests", errors.RateLimited),
    (500, "internal_error", "An unexpected server error has occurred", errors.ServerError),
]


@pytest.mark.parametrize(("status", "name", "text", "kind"), ERRORS)
def test_documented_errors(status, name, text, kind):
    """Every documented body becomes its error, with the API's words and the id of the body."""
    body = json.dumps({"errors": [text], "id": "ab" * 16, "name": name}, separators=(",", ":")).encode()
    with pytest.raises(kind) as caught:
        API.read(HttpReply(status, {"content-type": "application/json"}, body))
    assert type(caught.value) is kind and str(caught.value) == f"HTTP {status}: {text}"
    assert (caught.value.status, caught.value.request_id) == (status, "ab" * 16)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_gateway_pages(status):
    """A gateway's HTML page is a server error that tells the page in one line."""
    with pytest.raises(errors.ServerError, match="Service Unavailable") as caught:
        API.read(HttpReply(status, {"content-type": "text/html"}, HTML))
    assert "\n" not in str(caught.value)


def test_header_id_outranks_the_body_id():
    """Where both are there, the header's request id is taken."""
    with pytest.raises(errors.ServerError) as caught:
        API.read(HttpReply(500, {"x-request-id": "head"}, b'{"id":"body","errors":["e"],"name":"n"}'))
    assert caught.value.request_id == "head"
