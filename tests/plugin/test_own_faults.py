"""What goes wrong on our own side, or in the way a check is written, is never told as the service's failure."""

from __future__ import annotations

import pytest

from tests.plugin.test_bench import everything, records, run, section


def test_faces_left_behind_by_a_failing_gather_are_kept_as_they_were(pytester: pytest.Pytester) -> None:
    """`asyncio.gather` gives up at the first failure; the others are paid for, finished and recorded."""
    source = """
import asyncio

async def test_it(facemon):
    await asyncio.gather(*(facemon.generate(age=30, gender="male") for _ in range(5)))
"""
    result = run(pytester, source, "--facemon-fault", "moderated:on=1")
    kept = records(pytester.path)
    assert len(kept) == 5
    assert sorted(kind for record in kept for kind in record.error_types) == ["moderated"]
    assert section(result)["pictures"].startswith("4 of 5 ")


def test_several_faces_are_all_waited_for(pytester: pytest.Pytester) -> None:
    """`generate_together` fails the check for one face that did not come, after all have come to an end."""
    source = """
from facemon import FaceRequest

async def test_it(facemon):
    await facemon.generate_together([FaceRequest(30, "male")] * 4)
"""
    result = run(pytester, source, "--facemon-fault", "moderated:on=2")
    assert result.ret == 1
    assert "moderated after 1 attempt" in everything(result)
    assert len(records(pytester.path)) == 4


def test_a_check_in_another_loop_is_told_so(pytester: pytest.Pytester) -> None:
    """A test that chose its own event loop is unknown with the remedy, and the test after it is not harmed."""
    source = """
import pytest

@pytest.mark.asyncio(loop_scope="function")
async def test_elsewhere(facemon):
    await facemon.generate(age=30, gender="male")

async def test_after(facemon):
    await facemon.generate(age=30, gender="male")
"""
    result = run(pytester, source)
    assert result.ret == 11
    assert 'loop_scope="session"' in everything(result)
    assert result.parseoutcomes()["passed"] == 1
    (record,) = records(pytester.path)
    assert record.succeeded


def test_a_store_that_fails_stops_the_spending(pytester: pytest.Pytester) -> None:
    """After the first record that could not be kept nothing more is asked, and the run is unknown."""
    conftest = """
import pytest
from facemon.errors import StoreError
from facemon.store import RecordStore

@pytest.fixture(autouse=True)
def full_disk(monkeypatch):
    async def add(self, record):
        raise StoreError("the disk is full")
    monkeypatch.setattr(RecordStore, "add", add)
"""
    pytester.makeconftest(conftest)
    source = """
import pytest

@pytest.mark.parametrize("number", range(5))
async def test_it(facemon, number):
    await facemon.generate(age=30, gender="male")
"""
    result = run(pytester, source)
    assert result.ret == 11
    outcomes = result.parseoutcomes()
    assert outcomes["skipped"] == 4
    assert section(result)["credits"].startswith("3 booked")
    assert "4 checks not tried: no record could be kept (the disk is full)" in everything(result)


def test_a_failure_on_the_way_is_said(pytester: pytest.Pytester) -> None:
    """A picture that came at the second attempt leaves no error at the end, and the first one's type is shown."""
    source = """
async def test_it(facemon):
    await facemon.generate(age=30, gender="male")
"""
    result = run(pytester, source, "--facemon-fault", "rate_limited_with_retry_after:times=1,retry_after=0")
    assert section(result)["errors"] == "none · tried again: rate_limited 1"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("await facemon.different_people([])", "InvalidInput: number of results 0 is not accepted"),
        ("len(face)", "TypeError: object of type 'MonitoringResult' has no len()"),
        ("await facemon.generate(age=31, gender='male')", "InvalidInput: age 31 is not accepted"),
    ],
)
def test_a_mistake_in_a_check_is_not_the_services(pytester: pytest.Pytester, line: str, said: str) -> None:
    """What a check raises by accident is unknown with its cause; the service was seen to be up."""
    source = f"""
async def test_it(facemon):
    face = await facemon.generate(age=30, gender="male")
    {line}
"""
    result = run(pytester, source)
    assert result.ret == 11
    told = section(result)
    assert told["state"].startswith("up")
    assert f"the check's own mistake: {said}" in told["unknown"]


@pytest.mark.parametrize(
    "line",
    ["assert False", "pytest.fail('no')", "raise TimeoutError", "pytest.raises(ValueError).__enter__()"],
)
def test_a_promise_that_was_not_kept_is_the_services(pytester: pytest.Pytester, line: str) -> None:
    """An assertion, pytest.fail, and a time limit of the check's own."""
    source = f"""
import pytest

async def test_it(facemon):
    face = await facemon.generate(age=30, gender="male")
    {line}
"""
    if "raises" in line:
        source = source.replace(line, "with pytest.raises(ValueError):\n        pass")
    result = run(pytester, source)
    assert result.ret == 1
    assert section(result)["state"].startswith("degraded")
