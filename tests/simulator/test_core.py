from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from facemon.clock import ManualClock
from facemon.simulator import RateLimit, Reply, Request, Simulator, SimulatorConfig

Make = Callable[..., Simulator]


def pixels(reply: Reply) -> bytes:
    return Image.open(io.BytesIO(reply.body)).tobytes()


async def test_one_seed_gives_the_same_pixels_in_other_bytes(simulator: Make, api: Any) -> None:
    """As observed: the picture is fixed by the request, the file is not."""
    one = simulator()
    first, second, other = [await one.respond(api.v2beta(seed=seed)) for seed in ("5", "5", "6")]
    assert first.body != second.body
    assert pixels(first) == pixels(second) != pixels(other)


async def test_the_server_picks_from_a_pool(simulator: Make, api: Any) -> None:
    """Without a seed the picks go round `pool` seeds a cell, which differ from cell to cell; 0 opens the pool."""
    one = simulator(pool=3)
    seeds = [(await one.respond(api.v2beta())).header("seed") for _ in range(6)]
    assert len(set(seeds)) == 3
    man = await one.respond(api.v2beta(prompt="a 30-year-old man", seed="0"))
    assert man.header("seed") not in seeds
    other = simulator(pool=0)
    assert len({(await other.respond(api.v2beta())).header("seed") for _ in range(6)}) == 6


async def test_a_reported_seed_repeats_the_picture(simulator: Make, api: Any) -> None:
    """What the server picked can be asked for."""
    one = simulator()
    picked = await one.respond(api.v2beta())
    assert pixels(await one.respond(api.v2beta(seed=picked.header("seed")))) == pixels(picked)


async def test_two_simulators_of_one_seed_give_the_same_replies(simulator: Make, api: Any) -> None:
    """All chance comes from the configuration: ids, picks, bytes and times."""
    one, two = simulator(seed=9, latency_scale=1), simulator(seed=9, latency_scale=1)
    for _ in range(3):
        assert await one.respond(api.v2beta()) == await two.respond(api.v2beta())
    assert await one.respond(api.v2beta()) != await simulator(seed=8).respond(api.v2beta())


async def test_the_balance_runs_out(simulator: Make, api: Any) -> None:
    """Three pictures of 3 for 10 credits, then 402 in either envelope; a cheaper v1 picture is still affordable."""
    one = simulator(balance=10)
    replies = [await one.respond(api.v2beta()) for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 200, 402]
    body = json.loads(replies[3].body)
    assert body["name"] == "payment_required"
    assert body["errors"][0].startswith(
        "You lack sufficient credits to make this request. Please purchase more "
    )
    assert (await one.respond(api.v1())).status == 200
    reply = await one.respond(api.v1())
    assert (reply.status, list(json.loads(reply.body))) == (402, ["id", "message", "name"])


async def test_requests_in_flight_together_do_not_overdraw(simulator: Make, api: Any) -> None:
    """Charged before drawn: ten at once on 10 credits get three pictures."""
    one = simulator(balance=10)
    replies = await asyncio.gather(*(one.respond(api.v2beta()) for _ in range(10)))
    assert sorted(reply.status for reply in replies) == [200] * 3 + [402] * 7
    assert one.state()["charged"] == 9


async def test_refusals_are_not_charged(simulator: Make, api: Any) -> None:
    """Whatever is not answered with a picture leaves the balance alone."""
    one = simulator()
    for request in (
        api.v2beta(prompt=""),
        api.v2beta(key="sk-x"),
        api.v2beta(prompt="a naked man"),
        api.v1(steps=1),
    ):
        assert (await one.respond(request)).status in (400, 401, 403)
    assert one.state()["charge_count"] == 0


async def test_a_picture_that_cannot_be_drawn_is_not_charged(
    simulator: Make, api: Any, pictures: Any
) -> None:
    """The credits come back when our own drawing fails."""
    one = simulator()
    pictures.is_ready = lambda key: 1 / 0
    with pytest.raises(ZeroDivisionError):
        await one.respond(api.v2beta())
    assert one.state()["balance"] == 1000


async def test_a_cold_picture_is_drawn_off_the_loop_and_once(
    simulator: Make, api: Any, pictures: Any
) -> None:
    """Two requests for one cold picture wait for one drawing, in another thread."""
    one = simulator()
    draw, threads = pictures.get, []

    def get(key: Any) -> bytes:
        threads.append(threading.current_thread())
        return bytes(draw(key))

    pictures.is_ready, pictures.get = lambda key: False, get
    replies = await asyncio.gather(*(one.respond(api.v2beta(seed="3")) for _ in range(2)))
    assert [reply.status for reply in replies] == [200, 200]
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


async def test_the_rate_limit_locks_out(simulator: Make, api: Any, clock: ManualClock) -> None:
    """150 in 10 s pass, then 429 with the documented text and the word as id, for 60 s, in both APIs."""
    one = simulator(balance=1e6)
    request = api.v2beta("ultra", prompt="")
    assert {(await one.respond(request)).status for _ in range(150)} == {400}
    reply = await one.respond(api.v2beta())
    assert reply.status == 429
    assert reply.header("retry-after") is None
    assert json.loads(reply.body) == {
        "errors": [
            (
                "You have exceeded the rate limit of 150 requests within a 10 second period, "
                "and have been timed out for 60 seconds."
            )
        ],
        "id": "rate_limit_exceeded",
        "name": "rate_limit_exceeded",
    }
    clock.advance(59.9)
    reply = await one.respond(api.v1())
    assert (reply.status, json.loads(reply.body)["id"]) == (429, "rate_limit_exceeded")
    assert (await one.respond(api.get("/v1/user/balance"))).status == 200
    clock.advance(0.2)
    assert (await one.respond(api.v2beta())).status == 200


async def test_the_limit_can_be_set_and_lifted(simulator: Make, api: Any) -> None:
    """Its figures are in the text; None is no limit."""
    one = simulator(rate_limit=RateLimit(1, 2.5, 7))
    await one.respond(api.v2beta())
    text = json.loads((await one.respond(api.v2beta())).body)["errors"][0]
    assert "of 1 requests within a 2.5 second period" in text
    other = simulator(rate_limit=None)
    assert {(await other.respond(api.v2beta(prompt=""))).status for _ in range(200)} == {400}


async def test_the_wait_is_the_models_latency(simulator: Make, api: Any) -> None:
    """A picture takes its time, scaled; a refusal takes none."""
    slow, none = simulator(latency_scale=1), simulator(latency_scale=0)
    assert (await slow.respond(api.v2beta("ultra"))).wait_before_headers > 3
    assert (await slow.respond(api.v2beta(prompt=""))).wait_before_headers == 0
    assert (await none.respond(api.v2beta())).wait_before_headers == 0


async def test_only_what_would_get_a_picture_counts_as_a_generation(simulator: Make, api: Any) -> None:
    """Bad requests do not use up a fault, and are not struck by one."""
    one = simulator(faults=("internal_error:on=2",))
    statuses = [
        (await one.respond(request)).status
        for request in (
            api.v2beta(),
            api.v2beta(prompt=""),
            api.v2beta(key="sk-x"),
            api.v2beta(),
            api.v2beta(),
        )
    ]
    assert statuses == [200, 400, 401, 500, 200]
    assert one.state()["generations"] == 3


async def test_faults_leave_the_other_routes_alone(simulator: Make, api: Any) -> None:
    """The balance answers while generations fail; a revoked key shows everywhere."""
    balance = api.get("/v1/user/balance")
    assert (await simulator(faults=("internal_error",)).respond(balance)).status == 200
    assert (await simulator(faults=("unauthorized",)).respond(balance)).status == 401


async def test_the_state_tells_what_happened_and_no_secret(simulator: Make, api: Any) -> None:
    """Counts, charges and fired faults; no key, no prompt."""
    one = simulator(key="sk-canary", balance=7, faults=("moderated:on=2", "hang:on=9"))
    request = api.v2beta(key="sk-canary", prompt="a 42-year-old canary woman")
    identity = (await one.respond(request)).header("x-request-id")
    await one.respond(request)
    await one.respond(api.v2beta(key="sk-canary", prompt=""))
    state = one.state()
    assert state == {
        "requests": 3,
        "generations": 2,
        "statuses": {"200": 1, "403": 1, "400": 1},
        "balance": 4,
        "charged": 3,
        "charge_count": 1,
        "charges": [{"request_id": identity, "model": "core", "credits": 3.0}],
        "fired": {"moderated:on=2": 1, "hang:on=9": 0},
        "never_fired": ["hang:on=9"],
    }
    assert "canary" not in json.dumps(state)
    assert "canary" not in repr(request)


async def test_refused_connections_begin_at_their_request(simulator: Make, api: Any) -> None:
    """on=3-: two generations pass, then nobody gets through, whatever they ask."""
    one = simulator(faults=("connection_refused:on=3-",))
    replies = [
        await one.respond(request) for request in (api.v2beta(), api.v2beta(), api.v2beta(), api.get("/"))
    ]
    assert [reply.refused for reply in replies] == [False, False, True, True]
    assert one.plan.fired == {"connection_refused:on=3-": 2}


async def test_any_bytes_get_an_answer(simulator: Make) -> None:
    """Nothing a request could hold raises."""
    one = simulator()
    for path in (
        "",
        "/",
        "*",
        "/v1/generation//text-to-image",
        "/v1/generation/%2e/text-to-image",
        "/v1/x\x00",
    ):
        for method in ("GET", "POST", "BREW"):
            reply = await one.respond(Request(method, path, (("authorization", "\xff"),), b"\x00\xff"))
            assert reply.status in (400, 404)


def test_importing_the_package_is_light() -> None:
    """No server, no picture library until something is used."""
    code = (
        "import sys, facemon.simulator, facemon.simulator.config; "
        "print([name for name in ('aiohttp', 'PIL', 'httpx', 'respx', 'numpy') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_public_names_are_sorted_and_there() -> None:
    """__all__ is an explicit list, and each of its names can be had."""
    import facemon.simulator

    assert facemon.simulator.__all__ == sorted(facemon.simulator.__all__)
    for name in facemon.simulator.__all__:
        assert getattr(facemon.simulator, name) is not None
    with pytest.raises(AttributeError):
        _ = facemon.simulator.nonsense


def test_the_working_set_is_every_cell_with_every_seed_of_its_pool() -> None:
    """Twelve cells, `pool` seeds each, no two alike, at core's square size; other sets can be asked for."""
    from facemon.simulator import working_set

    keys = working_set(SimulatorConfig(pool=3))
    assert len(set(keys)) == len(keys) == 36
    assert {(key.width, key.height, key.format) for key in keys} == {(1536, 1536, "png")}
    assert {(key.age, key.gender) for key in keys} == {
        (age, gender) for age in (20, 30, 40, 50, 60, 70) for gender in ("male", "female")
    }
    other = working_set(SimulatorConfig(pool=1), "ultra", "webp", "16:9")
    assert {(key.width, key.height, key.format) for key in other} == {(1344, 768, "webp")}


async def test_a_prepared_simulator_serves_from_its_working_set(
    simulator: Make, api: Any, pictures: Any
) -> None:
    """What the server picks is what was drawn before."""
    from facemon.simulator import working_set

    one = simulator()
    for _ in range(5):
        await one.respond(api.v2beta(prompt="a 30-year-old man"))
    assert set(pictures.asked) <= set(working_set(one.config))


def test_faults_of_the_picture_are_prepared_too(simulator: Make, pictures: Any) -> None:
    """A blurred or a smaller picture must not arrive late because nobody drew it in time."""
    asked: list[Any] = []
    pictures.prepare = lambda keys, *, progress: asked.extend(keys)
    simulator(pool=1, faults=("silently_blurred:on=1", "wrong_size:on=2", "hang:on=3")).prepare()
    assert len(asked) == 36
    shapes = {(key.variant, key.width, key.height) for key in asked}
    assert shapes == {("plain", 1536, 1536), ("blurred", 1536, 1536), ("plain", 512, 512)}
