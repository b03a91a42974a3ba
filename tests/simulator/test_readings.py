"""The uncertain lines of STABILITY_API: each reading changes what it says, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from facemon.simulator import Reply, Request, Simulator, SimulatorConfig
from facemon.simulator.readings import READINGS

Make = Callable[..., Simulator]

TEXT = "authorization: invalid or missing header value"


def requests(api: Any) -> dict[str, tuple[Request, str]]:
    """Requests by name, each with the only reading that may answer it differently."""
    return {
        "a picture": (api.v2beta(), ""),
        "a picture as json": (api.v2beta(accept="application/json"), ""),
        "a seed": (api.v2beta(seed="7", output_format="jpeg"), ""),
        "v1": (api.v1(seed=7, samples=2), ""),
        "every sd3 field": (
            api.v2beta("sd3", negative_prompt="x", cfg_scale="4", mode="text-to-image", style_preset="anime"),
            "",
        ),
        "flash": (api.v2beta("sd3", model="sd3.5-flash"), "no_flash"),
        "medium": (api.v2beta("sd3", model="sd3.5-medium"), ""),
        "unknown field": (api.v2beta(width="512"), "strict_fields"),
        "a field of sd3": (api.v2beta("core", cfg_scale="4"), "strict_fields"),
        "unknown v1 field": (api.v1(colour="red"), "strict_fields"),
        "unknown v1 prompt field": (
            api.v1(text_prompts=[{"text": "a man", "wait": 1}]),
            "strict_fields",
        ),
        "bad field": (api.v2beta(aspect_ratio="4:3"), ""),
        "bad key": (api.v2beta(key="sk-wrong"), "doubled_401"),
        "bad key on v1": (api.v1(key="sk-wrong"), ""),
        "bad key and field": (api.v2beta(key="sk-wrong", aspect_ratio="4:3"), "key_first"),
        "bad key and no form": (
            Request("POST", "/v2beta/stable-image/generate/core", body=b"{}"),
            "key_first",
        ),
        "bad key and v1 field": (api.v1(key="sk-wrong", steps=1), "key_first"),
        "bad key and engine": (api.v1("sd-9", key="sk-wrong"), ""),
        "moderated": (api.v2beta(prompt="a naked man"), ""),
        "balance": (api.get("/v1/user/balance"), ""),
        "balance, bad key": (api.get("/v1/user/balance", "sk-wrong"), ""),
        "engines": (api.get("/v1/engines/list"), ""),
        "nowhere": (api.get("/v3"), ""),
    }


async def answer(one: Simulator, request: Request) -> tuple[Reply, str, dict[str, Any]]:
    reply = await one.respond(request)
    return reply, reply.body.decode("latin-1"), one.state()


@pytest.mark.parametrize("reading", READINGS)
async def test_a_reading_changes_what_it_says_and_nothing_else(
    simulator: Make, api: Any, reading: str
) -> None:
    """Fresh simulators of one seed answer alike to the byte, ids and charges included, but where the reading counts."""
    for name, (request, touched_by) in requests(api).items():
        plain = await answer(simulator(), request)
        other = await answer(simulator(readings=(reading,)), request)
        painted = request.method == "POST" and plain[0].status == 200
        expected = painted if reading == "same_bytes" else reading == touched_by
        assert (plain != other) == expected, name


async def test_doubled_401_is_another_text_only(simulator: Make, api: Any) -> None:
    """Status, name and envelope stay; also where a fault says it; v1 echoes as ever."""
    for settings, key in (({}, "sk-wrong"), ({}, None), ({"faults": ("unauthorized",)}, "sk-simulator")):
        plain = await simulator(**settings).respond(api.v2beta(key=key))
        other = await simulator(readings=("doubled_401",), **settings).respond(api.v2beta(key=key))
        assert (plain.status, other.status) == (401, 401)
        assert json.loads(plain.body)["errors"] == [TEXT]
        doubled = TEXT.replace("header", "header header")
        assert other.body == plain.body.replace(TEXT.encode(), doubled.encode())


async def test_key_first_judges_the_key_before_the_form(simulator: Make, api: Any) -> None:
    """A bad field with a bad key is a 401; with a good key the 400 of ever."""
    one = simulator(readings=("key_first",))
    for bad in (api.v2beta(key="sk-wrong", prompt=""), api.v1(key="sk-wrong", text_prompts=[])):
        assert (await one.respond(bad)).status == 401
    for bad in (api.v2beta(prompt=""), api.v1(text_prompts=[])):
        assert (await one.respond(bad)).status == 400
    assert (await one.respond(api.v2beta())).status == 200


async def test_strict_fields_names_each_unknown_field(simulator: Make, api: Any) -> None:
    """400 with one text a field, after what is wrong with the known ones; v1's prompts are looked into."""
    one = simulator(readings=("strict_fields",))
    reply = await one.respond(api.v2beta("core", width="512", model="x", seed="-1"))
    assert reply.status == 400
    assert json.loads(reply.body)["errors"] == [
        "seed: must be a whole number from 0 to 4294967294",
        "width: unknown field",
        "model: unknown field",
    ]
    reply = await one.respond(api.v1(colour="red", text_prompts=[{"text": "a man", "wait": 1}]))
    assert reply.status == 400
    message = json.loads(reply.body)["message"]
    assert message == "colour: unknown field; text_prompts.0.wait: unknown field"
    for odd in ("x", None, [3], {}):
        assert (await one.respond(api.v1(text_prompts=odd))).status == 400
    everything = {"height": 1024, "width": 1024, "cfg_scale": 7, "samples": 1, "seed": 1, "steps": 30}
    good = api.v1(style_preset="anime", sampler="DDIM", **everything)
    assert (await one.respond(good)).status == 200


async def test_no_flash_knows_three_models(simulator: Make, api: Any) -> None:
    """400 with the list of the others."""
    reply = await simulator(readings=("no_flash",)).respond(api.v2beta("sd3", model="sd3.5-flash"))
    said = ["model: must be one of sd3.5-large, sd3.5-large-turbo, sd3.5-medium"]
    assert (reply.status, json.loads(reply.body)["errors"]) == (400, said)


@pytest.mark.parametrize("picture_format", ["png", "jpeg", "webp"])
async def test_same_bytes_repeats_a_file(
    simulator: Make, api: Any, pictures: Any, picture_format: str
) -> None:
    """The same file for the same seed, where else it is a fresh one; headers, ids and other seeds' choice stay."""
    plain, same = simulator(pool=0), simulator(pool=0, readings=("same_bytes",))
    request = api.v2beta("ultra", seed="7", output_format=picture_format)
    fresh = [await plain.respond(request), await plain.respond(request)]
    repeated = [await same.respond(request), await same.respond(request)]
    assert fresh[0].body != fresh[1].body
    assert repeated[0].body == repeated[1].body == pictures.get(pictures.asked[0])
    assert [reply.headers for reply in fresh] == [reply.headers for reply in repeated]
    assert (await plain.respond(api.v2beta())).headers == (await same.respond(api.v2beta())).headers
    assert plain.state() == same.state()


async def test_filtered_free_charges_for_what_can_be_seen(simulator: Make, api: Any) -> None:
    """A CONTENT_FILTERED picture is not charged, on either API; by default it is; a silent blur always is."""
    for readings, charged in (((), 3 + 3 + 1.8), (("filtered_free",), 3)):
        faults = ("silently_blurred:on=1", "content_filtered:on=2-")
        one = simulator(readings=readings, faults=faults, balance=20)
        for request in (api.v2beta(), api.v2beta(), api.v1(samples=2)):
            assert (await one.respond(request)).status == 200
        assert one.state()["charged"] == pytest.approx(charged)
        assert one.state()["balance"] == pytest.approx(20 - charged)
    assert (await simulator(balance=2, readings=("filtered_free",)).respond(api.v2beta())).status == 402


async def test_readings_add_up(simulator: Make, api: Any) -> None:
    """Several at once; the order and a repetition mean nothing."""
    one = simulator(readings=("key_first", "doubled_401", "key_first"))
    reply = await one.respond(api.v2beta(key="sk-wrong", prompt=""))
    assert json.loads(reply.body)["errors"] == [TEXT.replace("header", "header header")]


def test_readings_travel_to_another_process() -> None:
    """None by default; to_json and from_json carry them."""
    assert SimulatorConfig().readings == ()
    config = SimulatorConfig(readings=("no_flash", "same_bytes"))
    assert SimulatorConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize(
    ("readings", "said"),
    [
        (
            ("key_frist",),
            r"readings: 'key_frist' is not a reading \(did you mean key_first\?\); there are dou",
        ),
        (("",), "readings: '' is not a reading; there are doubled_401, filtered_free, key_first, no_flash, "),
        (("no_flash", "x"), "readings: 'x' is not a reading; there are .*strict_fields$"),
        ("no_flash", r"readings: 'no_flash' is not a tuple of names such as \('key_first',\)"),
        ((3,), "readings: .3,. is not a tuple of names"),
        (None, "readings: None is not a tuple"),
    ],
)
def test_an_unknown_reading_is_refused(readings: Any, said: str) -> None:
    """One sentence: the value, what is accepted, the nearest name."""
    with pytest.raises(ValueError, match=said) as caught:
        SimulatorConfig(readings=readings)
    assert "\n" not in str(caught.value)
