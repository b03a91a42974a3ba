from __future__ import annotations

import io
import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from facemon.simulator import Reply, Request, Simulator

FORMATS = "output_format: must be one of png, jpeg, webp"

Make = Callable[..., Simulator]


def errors(reply: Reply) -> list[str]:
    body: dict[str, Any] = json.loads(reply.body)
    assert list(body) == ["errors", "id", "name"]
    return list(body["errors"])


def picture(body: bytes) -> Image.Image:
    return Image.open(io.BytesIO(body))


async def test_a_picture_comes_as_bytes_with_three_headers(simulator: Make, api: Any) -> None:
    """200 with accept image/*: the bytes, and finish-reason, seed and x-request-id as headers."""
    reply = await simulator().respond(api.v2beta(seed="343940597"))
    assert reply.status == 200
    assert reply.header("Content-Type") == "image/png"
    assert reply.header("finish-reason") == "SUCCESS"
    assert reply.header("seed") == "343940597"
    assert len(reply.header("x-request-id") or "") == 32
    assert picture(reply.body).size == (1536, 1536)


async def test_a_picture_comes_as_json(simulator: Make, api: Any) -> None:
    """200 with accept application/json: three keys in the documented order, and the odd content type."""
    reply = await simulator().respond(api.v2beta(accept="application/json", output_format="jpeg", seed="7"))
    body = json.loads(reply.body)
    assert reply.header("content-type") == "application/json; type=image/jpeg"
    assert list(body) == ["image", "finish_reason", "seed"]
    assert (body["finish_reason"], body["seed"]) == ("SUCCESS", 7)
    assert picture(b64decode(body["image"], validate=True)).format == "JPEG"
    assert b": " not in reply.body.replace(body["image"].encode(), b"")


@pytest.mark.parametrize("accept", [None, "*/*", "image/*", "text/html, image/*;q=0.5"])
async def test_the_default_is_bytes(simulator: Make, api: Any, accept: str | None) -> None:
    """`image/*` is the default of accept."""
    reply = await simulator().respond(api.v2beta(accept=accept))
    assert reply.header("content-type") == "image/png"


SIZES = {
    "1:1": [(1024, 1024), (1536, 1536)],
    "5:4": [(1088, 896), (1632, 1344)],
    "4:5": [(896, 1088), (1344, 1632)],
    "3:2": [(1216, 832), (1824, 1248)],
    "2:3": [(832, 1216), (1248, 1824)],
    "16:9": [(1344, 768), (2016, 1152)],
    "9:16": [(768, 1344), (1152, 2016)],
    "21:9": [(1536, 640), (2304, 960)],
    "9:21": [(640, 1536), (960, 2304)],
}


@pytest.mark.parametrize("ratio", SIZES)
async def test_sizes_are_the_documented_ones(simulator: Make, api: Any, pictures: Any, ratio: str) -> None:
    """Nine ratios; ultra and sd3 share a table, core has its own."""
    for service in ("ultra", "sd3", "core"):
        await simulator().respond(api.v2beta(service, aspect_ratio=ratio))
    assert [(key.width, key.height) for key in pictures.asked] == [
        SIZES[ratio][0],
        SIZES[ratio][0],
        SIZES[ratio][1],
    ]


@pytest.mark.parametrize("picture_format", ["png", "jpeg", "webp"])
async def test_formats_are_the_documented_ones(simulator: Make, api: Any, picture_format: str) -> None:
    """The bytes are of the type that is said."""
    reply = await simulator().respond(api.v2beta("ultra", output_format=picture_format))
    assert reply.header("content-type") == f"image/{picture_format}"
    assert picture(reply.body).format == picture_format.upper()


@pytest.mark.parametrize(
    ("service", "fields", "price"),
    [
        ("ultra", {}, 8),
        ("core", {}, 3),
        ("sd3", {}, 6.5),
        ("sd3", {"model": "sd3.5-large"}, 6.5),
        ("sd3", {"model": "sd3.5-large-turbo"}, 4),
        ("sd3", {"model": "sd3.5-medium"}, 3.5),
        ("sd3", {"model": "sd3.5-flash"}, 2.5),
    ],
)
async def test_prices_are_the_documented_ones(
    simulator: Make, api: Any, service: str, fields: dict[str, str], price: float
) -> None:
    """STABILITY_API §4."""
    one = simulator()
    assert (await one.respond(api.v2beta(service, **fields))).status == 200
    assert one.state()["charged"] == price


@pytest.mark.parametrize(
    ("service", "fields", "said"),
    [
        ("core", {"prompt": ""}, ["prompt: required"]),
        ("core", {"prompt": "x" * 10_001}, ["prompt: must be at most 10000 characters"]),
        ("core", {"negative_prompt": "x" * 10_001}, ["negative_prompt: must be at most 10000 characters"]),
        ("core", {"output_format": "gif"}, [FORMATS]),
        (
            "core",
            {"aspect_ratio": "4:3"},
            ["aspect_ratio: must be one of 21:9, 16:9, 3:2, 5:4, 1:1, 4:5, 2:3, 9:16, 9:21"],
        ),
        ("core", {"seed": "4294967295"}, ["seed: must be a whole number from 0 to 4294967294"]),
        ("core", {"seed": "-1"}, ["seed: must be a whole number from 0 to 4294967294"]),
        ("core", {"seed": "1.5"}, ["seed: must be a whole number from 0 to 4294967294"]),
        ("sd3", {"cfg_scale": "0.5"}, ["cfg_scale: must be a number from 1 to 10"]),
        ("sd3", {"cfg_scale": "eleven"}, ["cfg_scale: must be a number from 1 to 10"]),
        ("sd3", {"mode": "image-to-image"}, ["mode: must be one of text-to-image"]),
        (
            "sd3",
            {"model": "sd4"},
            ["model: must be one of sd3.5-large, sd3.5-large-turbo, sd3.5-medium, sd3.5-flash"],
        ),
        ("core", {"prompt": "", "output_format": ""}, ["prompt: required", FORMATS]),
    ],
)  # fmt: skip
async def test_bad_fields_are_told_by_name_with_what_is_accepted(
    simulator: Make, api: Any, service: str, fields: dict[str, str], said: list[str]
) -> None:
    """400, every field that is wrong in one reply, nothing charged."""
    one = simulator()
    reply = await one.respond(api.v2beta(service, **fields))
    assert (reply.status, errors(reply)) == (400, said)
    assert one.state()["charged"] == 0


async def test_style_presets_are_a_closed_list(simulator: Make, api: Any) -> None:
    """A known style passes, an unknown one is told the list."""
    assert (await simulator().respond(api.v2beta(style_preset="photographic"))).status == 200
    reply = await simulator().respond(api.v2beta(style_preset="cubist"))
    assert errors(reply)[0].startswith("style_preset: must be one of enhance, anime, photographic, ")


async def test_limits_are_inclusive(simulator: Make, api: Any) -> None:
    """10000 characters, the largest seed, and both ends of cfg_scale pass."""
    fields = {"prompt": "x" * 10_000, "negative_prompt": "y" * 10_000, "seed": "4294967294"}
    for scale in ("1", "10", "4.5"):
        assert (await simulator().respond(api.v2beta("sd3", cfg_scale=scale, **fields))).status == 200


@pytest.mark.parametrize(
    "fields", [{"width": "512"}, {"colour": "red"}, {"model": "nonsense"}, {"mode": "x"}]
)
async def test_unknown_fields_are_ignored(simulator: Make, api: Any, fields: dict[str, str]) -> None:
    """There is no width, and core has no model: neither is looked at."""
    assert (await simulator().respond(api.v2beta("core", **fields))).status == 200


async def test_the_form_is_validated_before_the_key(simulator: Make, api: Any) -> None:
    """A bad field with a bad key gives 400; a good form with a bad key 401; a flagged prompt needs a good key."""
    one = simulator()
    assert (await one.respond(api.v2beta(key="sk-wrong", aspect_ratio="4:3"))).status == 400
    assert (await one.respond(api.v2beta(key="sk-wrong"))).status == 401
    assert (await one.respond(api.v2beta(key="sk-wrong", prompt="a naked man"))).status == 401
    assert (await one.respond(api.v2beta(prompt="a naked man"))).status == 403


@pytest.mark.parametrize("key", [None, "sk-wrong", "sk-simulatorx", " "])
async def test_a_missing_and_a_wrong_key_get_the_same_401(simulator: Make, api: Any, key: str | None) -> None:
    """v2beta does not tell them apart, and never echoes."""
    reply = await simulator().respond(api.v2beta(key=key))
    assert (reply.status, errors(reply)) == (401, ["authorization: invalid or missing header value"])
    assert json.loads(reply.body)["name"] == "unauthorized"


async def test_errors_are_compact_json_with_a_hexadecimal_id(simulator: Make, api: Any) -> None:
    """Byte for byte as documented, but for the id."""
    reply = await simulator().respond(api.v2beta(prompt=""))
    identity = json.loads(reply.body)["id"]
    assert len(identity) == 32
    assert set(identity) <= set("0123456789abcdef")
    assert reply.body == b'{"errors":["prompt: required"],"id":"%b","name":"bad_request"}' % identity.encode()
    assert reply.header("content-type") == "application/json"


async def test_the_body_must_be_a_form(simulator: Make, api: Any) -> None:
    """JSON and no content type at all get the two documented texts."""
    request = api.v2beta()
    headers = tuple(pair for pair in request.headers if pair[0] != "content-type")
    reply = await simulator().respond(Request("POST", request.path, headers, request.body))
    assert errors(reply) == ["content-type: required"]
    headers = (*headers, ("Content-Type", "application/json"))
    reply = await simulator().respond(Request("POST", request.path, headers, b'{"prompt": "a woman"}'))
    assert errors(reply) == ["content-type: must be multipart/form-data"]


async def test_headers_are_validated_too(simulator: Make, api: Any) -> None:
    """accept is a closed list; stability-client-* are at most 256 characters."""
    reply = await simulator().respond(api.v2beta(accept="text/html"))
    assert errors(reply) == ["accept: must be one of image/*, application/json"]
    reply = await simulator().respond(api.v2beta(headers={"Stability-Client-ID": "x" * 257}))
    assert errors(reply) == ["stability-client-id: must be at most 256 characters"]
    assert (await simulator().respond(api.v2beta(headers={"stability-client-id": "x" * 256}))).status == 200


async def test_only_english_is_understood(simulator: Make, api: Any) -> None:
    """422 invalid_language for another script; an accent or a number is no language."""
    reply = await simulator().respond(api.v2beta(prompt="портрет женщины, 42 года"))
    assert (reply.status, json.loads(reply.body)["name"]) == (422, "invalid_language")
    for prompt in ("a café owner, 42, naïve", "a 42-year-old woman with a badge that says Ольга", "42!"):
        assert (await simulator().respond(api.v2beta(prompt=prompt))).status == 200


async def test_too_large_a_request_is_refused(simulator: Make, api: Any) -> None:
    """413 above 10 MiB, with the documented text."""
    request = api.v2beta()
    for extra, status in ((0, 400), (1, 413)):
        body = b"x" * (10 * 1024 * 1024 + extra)
        reply = await simulator().respond(Request("POST", request.path, request.headers, body))
        assert reply.status == status
    assert errors(reply) == ["body: payloads cannot be larger than 10MiB in size"]
    assert json.loads(reply.body)["name"] == "payload_too_large"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v2beta/stable-image/generate/sd4"),
        ("GET", "/v2beta/stable-image/generate/core"),
        ("POST", "/"),
        ("POST", "/v2beta/stable-image/generate/core/x"),
    ],
)
async def test_other_routes_are_not_found(simulator: Make, api: Any, method: str, path: str) -> None:
    """404 not_found."""
    reply = await simulator().respond(Request(method, path, api.v2beta().headers))
    assert (reply.status, json.loads(reply.body)["name"]) == (404, "not_found")
