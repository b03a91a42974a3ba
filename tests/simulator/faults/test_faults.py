"""The contract of the open set: every fault in the table strikes, is counted, and yields what it declares."""

from __future__ import annotations

import dataclasses
import io
import json
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, UnidentifiedImageError

from facemon.simulator import FAULTS, Reply, Request, Simulator

Make = Callable[..., Simulator]


@dataclasses.dataclass(frozen=True)
class Expected:
    """What a client sees: status and error name, or what is odd about the picture, its reason and its transport."""

    status: int = 200
    name: str | None = None
    text: str = ""
    reason: str | None = "SUCCESS"
    picture: str = "good"
    variant: str = "plain"
    content_type: str | None = None
    charged: bool = True
    transport: str = "whole"
    after: str | None = None


def refusal(status: int, name: str, text: str = "") -> Expected:
    return Expected(status, name, text, charged=False)


# One line a fault: a member without one is a red test.
EXPECTED = {
    "bad_content_type": refusal(400, "bad_request", "content-type: must be multipart/form-data"),
    "prompt_required": refusal(400, "bad_request", "prompt: required"),
    "bad_enum": refusal(400, "bad_request", "output_format: must be one of "),
    "unauthorized": refusal(401, "unauthorized"),
    "payment_required": refusal(402, "payment_required", "You lack sufficient credits to make this request."),
    "moderated": refusal(403, "content_moderation", "Your request was flagged by our content moderation system, "),
    "not_found": refusal(404, "not_found"),
    "payload_too_large": refusal(413, "payload_too_large", "body: payloads cannot be larger than 10MiB in size"),
    "invalid_language": refusal(422, "invalid_language"),
    "public_figure": refusal(422, "public_figure"),
    "rate_limited": refusal(429, "rate_limit_exceeded", "You have exceeded the rate limit of 150 requests within "),
    "rate_limited_with_retry_after": dataclasses.replace(refusal(429, "rate_limit_exceeded"), after="1"),
    "internal_error": refusal(500, "internal_error", "An unexpected server error has occurred, please try "),
    "bad_gateway": Expected(502, charged=False, content_type="text/html"),
    "service_unavailable": Expected(503, charged=False, content_type="text/html"),
    "gateway_timeout": Expected(504, charged=False, content_type="text/html"),
    "content_filtered": Expected(reason="CONTENT_FILTERED", variant="blurred"),
    "silently_blurred": Expected(variant="blurred"),
    "blank_image": Expected(variant="blank"),
    "wrong_age": Expected(),
    "wrong_gender": Expected(),
    "same_face": Expected(),
    "no_face": Expected(variant="no_face"),
    "two_faces": Expected(variant="two_faces"),
    "face_cut_off": Expected(variant="face_cut_off"),
    "profile": Expected(variant="profile"),
    "blurred": Expected(variant="out_of_focus"),
    "noisy": Expected(variant="noisy"),
    "underexposed": Expected(variant="underexposed"),
    "overexposed": Expected(variant="overexposed"),
    "heavy_compression": Expected(variant="heavily_compressed"),
    "upscaled": Expected(variant="upscaled"),
    "missing_finish_reason": Expected(reason=None),
    "unknown_finish_reason": Expected(reason="UNKNOWN"),
    "undecodable_body": Expected(picture="garbage"),
    "truncated_picture": Expected(picture="cut"),
    "wrong_size": Expected(picture="small"),
    "wrong_content_type": Expected(content_type="text/html"),
    "empty_body": Expected(transport="empty"),
    "truncated_body": Expected(transport="cut"),
    "slow_headers": Expected(transport="late"),
    "slow_body": Expected(transport="pausing"),
    "hang": Expected(transport="hang"),
    "connection_reset": Expected(transport="reset"),
    "connection_refused": Expected(0, transport="refused", charged=False),
}  # fmt: skip

FORMS = {
    "v2beta bytes": lambda api: api.v2beta("ultra"),
    "v2beta json": lambda api: api.v2beta("ultra", accept="application/json"),
    "v2beta sd3": lambda api: api.v2beta("sd3", output_format="webp"),
    "v1 json": lambda api: api.v1(),
    "v1 bytes": lambda api: api.v1(accept="image/png"),
}
SIZE = (1024, 1024)


def test_every_fault_has_its_line() -> None:
    """The table of faults and the table of what they do are of one mind."""
    assert set(FAULTS) == set(EXPECTED)


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_a_frozen_dataclass_that_says_what_it_is(name: str) -> None:
    """Its name is its key and its file's; its summary is one line."""
    kind = FAULTS[name]
    assert kind.name == name
    assert kind.__module__ == f"facemon.simulator.faults.{name}"
    assert kind.summary and "\n" not in kind.summary
    assert kind.reach in ("generation", "keyed", "connection")
    assert vars(kind)["__dataclass_params__"].frozen


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_does_what_it_declares(
    simulator: Make, api: Any, pictures: Any, name: str, form: str
) -> None:
    """It strikes a valid request of each API in each form, is counted once, and charges as it says."""
    one, expected, request = simulator(faults=(name,)), EXPECTED[name], FORMS[form](api)
    reply = await one.respond(request)
    assert one.plan.fired == {name: 1}
    assert one.plan.never_fired == []
    assert (one.state()["charge_count"] == 1) is expected.charged
    assert reply.status == expected.status
    assert reply.header("retry-after") == expected.after
    verify_transport(expected, reply)
    if expected.content_type is not None:
        assert reply.header("content-type") == expected.content_type
    if expected.status >= 400:
        verify_refusal(expected, request, reply)
    elif expected.transport not in ("empty", "refused"):
        verify_picture(expected, request, reply)
        assert [key.variant for key in pictures.asked] == [expected.variant]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [name for name, kind in FAULTS.items() if kind.reach != "connection"])
async def test_a_fault_is_over_after_its_request(simulator: Make, api: Any, name: str, form: str) -> None:
    """The next request is answered faithfully, but for an account that stays empty."""
    one = simulator(faults=(f"{name}:on=1",))
    await one.respond(FORMS[form](api))
    reply = await one.respond(FORMS[form](api))
    assert one.plan.fired == {f"{name}:on=1": 1}
    if name == "payment_required":
        assert reply.status == 402
        return
    verify_transport(Expected(), reply)
    verify_picture(Expected(), FORMS[form](api), reply)


def verify_refusal(expected: Expected, request: Request, reply: Reply) -> None:
    if expected.name is None:
        assert reply.body.startswith(b"<html>")
        return
    body = json.loads(reply.body)
    assert body["name"] == expected.name
    assert (body["id"] == expected.name) is (expected.status == 429)
    if request.path.startswith("/v1/"):
        assert list(body) == ["id", "message", "name"]
        assert expected.text in body["message"]
    else:
        assert list(body) == ["errors", "id", "name"]
        assert expected.text in body["errors"][0]


def verify_transport(expected: Expected, reply: Reply) -> None:
    kind = expected.transport
    assert (reply.wait_before_headers >= 4) is (kind == "late")
    assert (reply.pause == 4 and 0 < reply.pause_after < len(reply.body)) is (kind == "pausing")
    assert (reply.cut_after is not None and 0 < reply.cut_after < len(reply.body)) is (kind == "cut")
    assert (reply.hang, reply.reset, reply.refused) == (kind == "hang", kind == "reset", kind == "refused")
    assert (reply.body == b"") is (kind in ("empty", "refused"))


def verify_picture(expected: Expected, request: Request, reply: Reply) -> None:
    body, reason = unpack(request, reply)
    assert reason == expected.reason
    if expected.picture == "garbage":
        with pytest.raises(UnidentifiedImageError):
            Image.open(io.BytesIO(body))
        return
    if expected.picture == "cut":
        with pytest.raises(OSError):
            Image.open(io.BytesIO(body)).load()
        return
    image = Image.open(io.BytesIO(body))
    image.load()
    assert image.size == ((512, 512) if expected.picture == "small" else SIZE)


def unpack(request: Request, reply: Reply) -> tuple[bytes, str | None]:
    """The picture's bytes and its finish reason, however they travel."""
    if request.header("accept") != "application/json":
        return reply.body, reply.header("finish-reason")
    body = json.loads(reply.body)
    if request.path.startswith("/v1/"):
        [artifact] = body["artifacts"]
        return b64decode(artifact["base64"]), artifact.get("finishReason")
    return b64decode(body["image"]), body.get("finish_reason")


async def test_v1_echoes_a_good_key_too(simulator: Make, api: Any) -> None:
    """The canary in the 401, whole and in part: what the client must redact."""
    key = "sk-canary-abcdefghijklmnop"
    for spec, shown in (("unauthorized", key), ("unauthorized:echo=part", key[:13])):
        reply = await simulator(key=key, faults=(spec,)).respond(api.v1(key=key))
        message = json.loads(reply.body)["message"]
        assert shown in message
        assert (key in message) is (spec == "unauthorized")
    reply = await simulator(key=key, faults=("unauthorized",)).respond(api.v2beta(key=key))
    assert b"canary" not in reply.body


async def test_settings_change_what_a_fault_does(simulator: Make, api: Any) -> None:
    """A fault's fields are its settings."""

    async def struck(spec: str) -> Reply:
        return await simulator(faults=(spec,)).respond(api.v2beta("ultra"))

    assert (await struck("slow_headers:seconds=40")).wait_before_headers == 40
    assert (await struck("slow_body:seconds=0.5")).pause == 0.5
    assert (await struck("truncated_body:share=0")).cut_after == 0
    assert (await struck("unknown_finish_reason:reason=ERROR")).header("finish-reason") == "ERROR"
    assert (await struck("rate_limited:retry_after=30")).header("retry-after") == "30"
    assert (await struck("wrong_content_type:content_type=image/gif")).header("content-type") == "image/gif"
    size = Image.open(io.BytesIO((await struck("wrong_size:width=640,height=448")).body)).size
    assert size == (640, 448)
    one = simulator(faults=("hang:charged=false",))
    assert (await one.respond(api.v2beta())).hang
    assert one.state()["charge_count"] == 0


async def test_an_empty_account_stays_empty(simulator: Make, api: Any) -> None:
    """payment_required is a balance that ran out: the balance route says so too."""
    one = simulator(faults=("payment_required:on=2",))
    assert [(await one.respond(api.v2beta())).status for _ in range(3)] == [200, 402, 402]
    assert json.loads((await one.respond(api.get("/v1/user/balance"))).body) == {"credits": 0}


@pytest.mark.parametrize("asked", range(18, 91))
async def test_the_wrong_age_is_at_least_30_years_off(
    simulator: Make, api: Any, pictures: Any, asked: int
) -> None:
    """Whatever age between the youngest and the oldest person that can be drawn a prompt names."""
    await simulator(faults=("wrong_age",)).respond(api.v2beta(prompt=f"a {asked}-year-old man"))
    [key] = pictures.asked
    assert abs(key.age - asked) >= 30 and 18 <= key.age <= 90


@pytest.mark.parametrize(
    ("asked", "drawn"), [(20, 70), (30, 70), (40, 70), (41, 71), (49, 79), (50, 20), (60, 20), (70, 20)]
)
async def test_the_wrong_age_is_far_off(
    simulator: Make, api: Any, pictures: Any, asked: int, drawn: int
) -> None:
    """Of 20 and 70 the farther from the prompt's age, or what is 30 years older; in the same gender and seed."""
    await simulator(faults=("wrong_age",)).respond(api.v2beta(prompt=f"a {asked}-year-old man", seed="7"))
    [key] = pictures.asked
    assert (key.age, key.gender, key.seed) == (drawn, "male", 7)
    assert abs(key.age - asked) >= 30


@pytest.mark.parametrize(("asked", "drawn"), [("man", "female"), ("woman", "male")])
async def test_the_wrong_gender_is_of_the_right_age(
    simulator: Make, api: Any, pictures: Any, asked: str, drawn: str
) -> None:
    """A man for a woman and a woman for a man, as old as the prompt says."""
    await simulator(faults=("wrong_gender",)).respond(api.v2beta(prompt=f"a 40-year-old {asked}", seed="7"))
    [key] = pictures.asked
    assert (key.age, key.gender, key.seed) == (40, drawn, 7)


async def test_the_same_face_has_fresh_bytes_and_the_asked_seed(simulator: Make, api: Any) -> None:
    """Two seeds give equal pixels in different bytes, each under its own seed; another age is another person."""
    one = simulator(faults=("same_face",))
    first, second = [await one.respond(api.v2beta(seed=seed)) for seed in ("7", "8")]
    other = await one.respond(api.v2beta(prompt="a 70-year-old woman", seed="7"))
    pixels = [Image.open(io.BytesIO(reply.body)).tobytes() for reply in (first, second, other)]
    assert pixels[0] == pixels[1] != pixels[2]
    assert first.body != second.body
    assert [first.header("seed"), second.header("seed")] == ["7", "8"]
