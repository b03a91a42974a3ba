"""`facemon` as a check sees it: faces, refusals and drills."""

from __future__ import annotations

import pytest

from tests.plugin.test_bench import everything, records, run, section

MIXED = """
from facemon import FaceRequest, ImageRequest

async def test_measured(facemon):
    await facemon.generate(age=30, gender="male")

async def test_refusal(facemon):
    error = await facemon.refusal(ImageRequest(""), error_type="invalid_request", status=400)
    assert len(error.attempts) == 1

async def test_drill(facemon):
    async with facemon.drill("moderated") as drill:
        result = await drill.attempt(FaceRequest(30, "male"))
    assert result.error.error_type == "moderated"
"""


def test_refusals_and_drills_count_in_no_figure(pytester: pytest.Pytester) -> None:
    """They are kept as probes, beside the one that was measured, and spoil neither rates nor state nor budget."""
    result = run(pytester, MIXED, "--facemon-max-credits", "6")
    assert result.ret == 0
    said = section(result)
    assert said["pictures"].startswith("1 of 1 ")
    assert "2 deliberate refusals and drills apart" in said["pictures"]
    assert said["errors"] == "none"
    assert said["state"].startswith("up")
    assert "success rate 100.0%, at the first attempt 100.0%" in said["retries"]
    assert sorted(record.purpose for record in records(pytester.path)) == ["measure", "probe", "probe"]


def test_a_drill_spends_no_credit_of_the_run(pytester: pytest.Pytester) -> None:
    """A drill's private simulator is not the run's target: three pictures from it cost the run nothing."""
    source = """
async def test_drill(facemon):
    async with facemon.drill("moderated:on=4") as drill:
        for _ in range(3):
            await drill.generate(age=30, gender="male")
"""
    result = run(pytester, source, "--facemon-max-credits", "1")
    assert result.ret == 0
    assert section(result)["credits"].startswith("0 booked · cap 1")


def test_a_drill_is_not_applicable_on_a_url(pytester: pytest.Pytester) -> None:
    """Nobody injects faults into somebody else's server: a skip that says so, before anything is sent to it."""
    source = """
async def test_drill(facemon):
    async with facemon.drill("moderated") as drill:
        await drill.generate(age=30, gender="male")
"""
    result = run(
        pytester, source, "-rs", target="http://127.0.0.1:9", env={"STABILITY_API_KEY": "sk-canary-Qx7vWz2K"}
    )
    assert result.parseoutcomes() == {"skipped": 1}
    assert "not applicable: the target http://127.0.0.1:9 cannot inject a fault" in everything(result)
    assert result.ret == 11
    assert "canary" not in everything(result)
    assert not records(pytester.path)


def test_a_drill_with_its_own_timeout(pytester: pytest.Pytester) -> None:
    """attempt_timeout holds in the drill and nowhere else."""
    source = """
from facemon import FaceRequest

async def test_drill(facemon):
    async with facemon.drill("hang", attempt_timeout=0.05) as drill:
        result = await drill.attempt(FaceRequest(30, "male"))
    assert {attempt.outcome for attempt in result.attempts} == {"timeout"}
    assert (await facemon.generate(age=30, gender="male")).image
"""
    assert run(pytester, source, "--facemon-generation-timeout", "1").ret == 0


def test_a_request_that_should_be_refused_and_is_not(pytester: pytest.Pytester) -> None:
    """A service that says yes to everything is broken too: the check fails, in a sentence and without a traceback."""
    source = """
from facemon import ImageRequest

async def test_refusal(facemon):
    await facemon.refusal(ImageRequest("a plain portrait"), error_type="invalid_request", status=400)
"""
    result = run(pytester, source)
    assert result.ret == 1
    assert "must be refused was answered with a picture" in everything(result)


def test_another_refusal_than_the_documented_one(pytester: pytest.Pytester) -> None:
    """Refused, but with another status than the documentation says: the check fails and names both."""
    source = """
from facemon import ImageRequest

async def test_refusal(facemon):
    await facemon.refusal(ImageRequest(""), error_type="moderated", status=403)
"""
    result = run(pytester, source)
    assert result.ret == 1
    assert "moderated with status 403 is documented" in everything(result)


def test_a_refusal_for_a_reason_of_ours_is_unknown(pytester: pytest.Pytester) -> None:
    """401 where 400 was expected says that our key is wrong, not that the service is: unknown."""
    source = """
from facemon import ImageRequest

async def test_refusal(facemon):
    request = ImageRequest("a plain portrait")
    await facemon.refusal(request, error_type="invalid_request", status=400, key="sk-wrong-key-000")
"""
    result = run(pytester, source)
    assert result.ret == 11
    assert "(401)" in section(result)["unknown"]
    assert "sk-wrong" not in section(result)["unknown"]


def test_prices_formats_and_sizes_are_the_providers(pytester: pytest.Pytester) -> None:
    """What a check asks about the API comes from its provider; an undocumented size skips the check."""
    source = """
from facemon import FaceRequest

def test_it(facemon):
    assert facemon.price(FaceRequest(30, "male")) == 3
    assert set(facemon.formats) == {"png", "jpeg", "webp"}
    assert facemon.expected_size("1:1") == (1536, 1536)
    assert facemon.target == "mock"

def test_undocumented(facemon):
    facemon.expected_size("7:5")
"""
    result = run(pytester, source, "-rs")
    assert result.parseoutcomes() == {"passed": 1, "skipped": 1}
    assert "documents no size for 7:5" in everything(result)


def test_json_carries_a_picture_too(pytester: pytest.Pytester) -> None:
    """`json=True` asks for the reply as JSON, and the picture in it is a picture."""
    source = """
async def test_it(facemon):
    result = await facemon.generate(age=30, gender="male", json=True)
    assert ("accept", "application/json") in result.attempts[0].exchange.request_headers
    assert result.image.data.startswith(b"\\x89PNG")
"""
    assert run(pytester, source).ret == 0


def test_a_face_that_cannot_be_asked_is_the_checks_own_mistake(pytester: pytest.Pytester) -> None:
    """An age outside the specification is refused before anything is sent: nothing is known of the service."""
    source = "async def test_it(facemon):\n    await facemon.generate(age=31, gender='male')\n"
    result = run(pytester, source)
    assert result.ret == 11
    assert "age 31 is not accepted" in everything(result)
    assert not records(pytester.path)


def test_the_balance_of_a_wrong_key_is_unknown(pytester: pytest.Pytester) -> None:
    """A refused key on the balance route: unknown, as on every other route."""
    source = "async def test_it(facemon):\n    await facemon.balance(key='sk-wrong-key-000')\n"
    result = run(pytester, source)
    assert result.ret == 11
    assert "(401)" in section(result)["unknown"]


def test_a_generation_that_failed_is_a_failed_check(pytester: pytest.Pytester) -> None:
    """Its reason is one line with the record's id, and no traceback through facemon."""
    source = """
async def test_it(facemon):
    await facemon.generate(age=30, gender="male")
"""
    result = run(pytester, source, "--facemon-fault", "moderated")
    assert result.ret == 1
    (record,) = records(pytester.path)
    told = everything(result)
    assert "moderated after 1 attempt: HTTP 403: Your request was flagged" in told
    assert f"(record {record.id})" in told
    assert "facade.py" not in told
