from __future__ import annotations

import io
import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from facemon.simulator import Reply, Request, Simulator

Make = Callable[..., Simulator]


def error(reply: Reply) -> tuple[int, str, str]:
    body = json.loads(reply.body)
    assert list(body) == ["id", "message", "name"]
    return reply.status, body["name"], body["message"]


async def test_json_holds_one_artifact_a_sample(simulator: Make, api: Any) -> None:
    """samples pictures, each with a seed of its own and v1's spelling of finishReason."""
    reply = await simulator().respond(api.v1(samples=3, seed=40))
    artifacts = json.loads(reply.body)["artifacts"]
    assert reply.header("content-type") == "application/json"
    assert [artifact["seed"] for artifact in artifacts] == [40, 41, 42]
    for artifact in artifacts:
        assert list(artifact) == ["base64", "seed", "finishReason"]
        assert artifact["finishReason"] == "SUCCESS"
        assert Image.open(io.BytesIO(b64decode(artifact["base64"]))).size == (1024, 1024)


async def test_png_comes_with_v1s_header_names(simulator: Make, api: Any) -> None:
    """accept image/png: bytes, Finish-Reason and Seed."""
    reply = await simulator().respond(api.v1(accept="image/png", seed=4294967295, width=1536, height=640))
    assert reply.header("content-type") == "image/png"
    assert ("Finish-Reason", "SUCCESS") in reply.headers
    assert ("Seed", "4294967295") in reply.headers
    assert Image.open(io.BytesIO(reply.body)).size == (1536, 640)


@pytest.mark.parametrize(
    ("fields", "price"), [({}, 0.9), ({"steps": 10}, 0.9), ({"steps": 50}, 1.5), ({"samples": 4}, 3.6)]
)
async def test_the_price_grows_with_steps_and_samples(
    simulator: Make, api: Any, fields: dict[str, int], price: float
) -> None:
    """0.9 up to 30 steps, above that in proportion, for each sample."""
    one = simulator()
    assert (await one.respond(api.v1(**fields))).status == 200
    assert one.state()["charged"] == pytest.approx(price)


async def test_a_negative_weight_is_no_subject(simulator: Make, api: Any, pictures: Any) -> None:
    """Whoever is wanted away is not who is drawn."""
    prompts = [{"text": "a 70-year-old man", "weight": -1}, {"text": "a 30-year-old woman", "weight": 1}]
    await simulator().respond(api.v1(text_prompts=prompts))
    assert (pictures.asked[0].age, pictures.asked[0].gender) == (30, "female")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text_prompts": []}, "text_prompts: required"),
        ({"text_prompts": "a woman"}, "text_prompts: required"),
        ({"text_prompts": [{"weight": 1}]}, "text_prompts.0.text: required"),
        ({"text_prompts": [{"text": "x" * 2001}]}, "text_prompts.0.text: must be at most 2000 characters"),
        ({"text_prompts": [{"text": "x", "weight": "1"}]}, "text_prompts.0.weight: must be a number"),
        ({"samples": 11}, "samples: must be a whole number from 1 to 10"),
        ({"samples": True}, "samples: must be a whole number from 1 to 10"),
        ({"steps": 9}, "steps: must be a whole number from 10 to 50"),
        ({"seed": 4294967296}, "seed: must be a whole number from 0 to 4294967295"),
        ({"cfg_scale": 36}, "cfg_scale: must be a number from 0 to 35"),
        ({"height": 1000}, "height: must be a multiple of 64 and at least 128"),
        ({"width": "1024"}, "width: must be a multiple of 64 and at least 128"),
    ],
)
async def test_bad_fields_are_told_in_one_message(
    simulator: Make, api: Any, fields: dict[str, Any], said: str
) -> None:
    """v1 has a message where v2beta has errors."""
    assert error(await simulator().respond(api.v1(**fields))) == (400, "bad_request", said)


@pytest.mark.parametrize("field", ["style_preset", "sampler"])
async def test_choices_are_told_with_their_list(simulator: Make, api: Any, field: str) -> None:
    """The field, and what is accepted; a list is not a choice either."""
    for value in ("nonsense", ["DDIM"], None):
        status, _, said = error(await simulator().respond(api.v1(**{field: value})))
        assert status == 400
        assert said.startswith(f"{field}: must be one of ")


async def test_sdxl_has_nine_sizes(simulator: Make, api: Any) -> None:
    """A multiple of 64 is not enough: the error lists the sizes and repeats the one it got."""
    status, name, said = error(await simulator().respond(api.v1(width=512, height=512)))
    assert (status, name) == (400, "invalid_sdxl_v1_dimensions")
    assert "1024x1024, 1152x896" in said
    assert said.endswith("but we received 512x512")


async def test_the_401_echoes_the_key(simulator: Make, api: Any) -> None:
    """Observed behaviour, kept on purpose: the client must redact it. A missing key has nothing to echo."""
    status, name, said = error(await simulator().respond(api.v1(key="sk-canary-123")))
    assert (status, name) == (401, "unauthorized")
    assert "sk-canary-123" in said
    assert error(await simulator().respond(api.v1(key=None)))[2] == "missing authorization header"


async def test_the_body_is_validated_before_the_key(simulator: Make, api: Any) -> None:
    """As in v2beta."""
    assert (await simulator().respond(api.v1(key="sk-wrong", steps=1))).status == 400
    assert (await simulator().respond(api.v1(key="sk-wrong"))).status == 401


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        ("multipart/form-data", b"", "content-type: must be application/json"),
        ("application/json", b"{", "body: invalid JSON"),
        ("application/json", b"\xff", "body: invalid JSON"),
        ("application/json", b"[" * 100_000, "body: invalid JSON"),
        ("application/json; charset=utf-8", b"[]", "body: must be an object"),
    ],
)
async def test_the_body_must_be_a_json_object(
    simulator: Make, api: Any, content_type: str, body: bytes, said: str
) -> None:
    """Anything else is a 400, and no exception."""
    request = Request("POST", api.v1().path, (("content-type", content_type),), body)
    assert error(await simulator().respond(request)) == (400, "bad_request", said)


async def test_an_unknown_engine_is_not_found(simulator: Make, api: Any) -> None:
    """404 names the engine that was retired."""
    status, name, said = error(await simulator().respond(api.v1("stable-diffusion-512-v2")))
    assert (status, name) == (404, "not_found")
    assert "stable-diffusion-512-v2" in said


async def test_accept_is_a_closed_list(simulator: Make, api: Any) -> None:
    """JSON is the default."""
    assert (await simulator().respond(api.v1(accept=None))).header("content-type") == "application/json"
    said = error(await simulator().respond(api.v1(accept="image/webp")))[2]
    assert said == "accept: must be one of application/json, image/png"


async def test_the_balance_tells_the_credits(simulator: Make, api: Any) -> None:
    """It runs down by what was charged."""
    one = simulator(balance=10)
    await one.respond(api.v2beta())
    reply = await one.respond(api.get("/v1/user/balance"))
    assert (reply.status, json.loads(reply.body)) == (200, {"credits": 7})


async def test_engines_are_listed(simulator: Make, api: Any) -> None:
    """The one engine that v1 still has."""
    reply = await simulator().respond(api.get("/v1/engines/list"))
    assert [engine["id"] for engine in json.loads(reply.body)] == ["stable-diffusion-xl-1024-v1-0"]


@pytest.mark.parametrize("path", ["/v1/user/balance", "/v1/engines/list"])
async def test_these_routes_want_a_key(simulator: Make, api: Any, path: str) -> None:
    """401 without one and with a wrong one."""
    assert (await simulator().respond(api.get(path, key=None))).status == 401
    assert (await simulator().respond(api.get(path, key="sk-wrong"))).status == 401
