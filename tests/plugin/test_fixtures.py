"""The fixtures: the sample, the marker of one check, and what counts as use."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from facemon.plugin.fixtures import uses_facemon
from tests.plugin.test_bench import PLAIN, SAMPLE, everything, records, run, section


def test_the_sample_is_spread_evenly_over_ages_and_genders(pytester: pytest.Pytester) -> None:
    """24 faces are two of each of the twelve cells, and each check's name says which it is."""
    result = run(pytester, SAMPLE, "--co", "-q", "--facemon-samples", "24")
    names = [line.partition("[")[2].rstrip("]") for line in result.outlines if "test_a_face[" in line]
    assert len(set(names)) == 24
    cells = Counter(name.rpartition("-")[0] for name in names)
    assert cells == {
        f"{age}-{gender}": 2 for age in (20, 30, 40, 50, 60, 70) for gender in ("male", "female")
    }


@pytest.mark.slow
def test_a_small_sample_goes_on_where_the_last_run_ended(pytester: pytest.Pytester) -> None:
    """Three runs of 4 ask for each age and gender once, as a split over their window needs; a fourth begins anew."""
    for _ in range(4):
        run(pytester, SAMPLE, "--facemon-samples", "4", apart=True)
    kept = sorted(records(pytester.path), key=lambda record: record.id)
    cells = [(record.request_params.age, record.request_params.gender) for record in kept]
    assert len(set(cells[:12])) == 12
    assert cells[12:] == cells[:4]


@pytest.mark.slow
def test_workers_agree_where_a_small_sample_begins(pytester: pytest.Pytester) -> None:
    """All workers collect the same checks, also after other runs: xdist runs nothing otherwise."""
    for _ in range(2):
        result = run(pytester, SAMPLE, "--facemon-samples", "5", "-n", "2", apart=True)
        assert result.parseoutcomes() == {"passed": 5}


def test_a_fixture_asked_for_by_another_fixture_is_use(pytester: pytest.Pytester) -> None:
    """A check that takes facemon through a fixture of its own is a check: its record and its verdict are there."""
    source = """
import pytest_asyncio

@pytest_asyncio.fixture
async def face(facemon):
    return await facemon.generate(age=30, gender="male")

async def test_it(face):
    assert face.image is not None
"""
    result = run(pytester, source)
    assert result.ret == 0
    assert section(result)["pictures"].startswith("1 of 1 ")


def test_the_store_is_there_for_a_check(pytester: pytest.Pytester) -> None:
    """`facemon_store` holds the record of a generation as soon as the check has it."""
    source = """
async def test_it(facemon, facemon_store):
    result = await facemon.generate(age=30, gender="male")
    kept = await facemon_store.get(result.data.id)
    assert kept.id == result.data.id
    assert kept.check.endswith("test_it")
"""
    assert run(pytester, source).ret == 0


EXPLORED = """
async def test_it(facemon_explored):
    assert (await facemon_explored.generate(age=30, gender="male")).image
"""


def test_examples_are_explored_where_they_cost_nothing(pytester: pytest.Pytester) -> None:
    """On the simulator and the mock `facemon_explored` is `facemon`."""
    result = run(pytester, EXPLORED)
    assert result.parseoutcomes() == {"passed": 1}
    assert len(records(pytester.path)) == 1


GIVEN = """
import pytest
from hypothesis import given, settings, strategies as st

@given(seed=st.integers(1, 4294967294))
@settings(max_examples=3, deadline=None, derandomize=True, database=None)
async def test_any_seed(facemon_explored, seed):
    assert (await facemon_explored.generate(age=30, gender="male", seed=seed)).image

@pytest.mark.facemon(model="ultra", response_time_limit=9)
@given(seed=st.integers(1, 4294967294))
@settings(max_examples=2, deadline=None, derandomize=True, database=None)
async def test_marked(facemon_explored, seed):
    assert facemon_explored.response_time_limit == 9
    assert (await facemon_explored.generate(age=30, gender="male", seed=seed)).image

async def test_plain(facemon_explored):
    assert facemon_explored.response_time_limit == 3
    await facemon_explored.generate(age=30, gender="male")
"""


def test_a_users_own_exploration_needs_no_suppressed_health_check(pytester: pytest.Pytester) -> None:
    """With hypothesis' plugin, which looks for fixtures that a function keeps from example to example."""
    result = run(pytester, GIVEN, "-p", "hypothesispytest", "--junitxml=junit.xml")
    assert result.parseoutcomes() == {"passed": 3}, everything(result)
    assert result.ret == 0


def test_each_explored_check_has_its_own_records_and_settings(pytester: pytest.Pytester) -> None:
    """The fixture is the session's, but who asked is the check that runs, and its marker holds for it alone."""
    run(pytester, GIVEN, "-p", "hypothesispytest", "--junitxml=junit.xml")
    kept = records(pytester.path)
    asked = [(str(record.check).rpartition("::")[2], record.request_params.model) for record in kept]
    assert asked == [("test_any_seed", "core")] * 3 + [("test_marked", "ultra")] * 2 + [
        ("test_plain", "core")
    ]
    cases = ET.parse("junit.xml").iter("testcase")
    told = {case.attrib["name"]: str(ET.tostring(case)).count("facemon_record") for case in cases}
    assert told == {"test_any_seed": 3, "test_marked": 2, "test_plain": 1}


def test_a_fixture_that_explores_belongs_to_its_check(pytester: pytest.Pytester) -> None:
    """A face asked for while a check is set up is that check's, not the one's before it."""
    source = """
import pytest_asyncio

@pytest_asyncio.fixture(loop_scope="session")
async def face(facemon_explored):
    return await facemon_explored.generate(age=30, gender="male")

async def test_first(face):
    pass

async def test_second(face):
    pass
"""
    assert run(pytester, source).ret == 0
    checks = [str(record.check).rpartition("::")[2] for record in records(pytester.path)]
    assert checks == ["test_first", "test_second"]


def test_examples_are_not_explored_for_money(pytester: pytest.Pytester) -> None:
    """Elsewhere the check is skipped with the reason, before anything is sent; and nothing seen is unknown."""
    result = run(
        pytester,
        EXPLORED,
        "-rs",
        target="http://127.0.0.1:9",
        env={"STABILITY_API_KEY": "sk-canary-Qx7vWz2K"},
    )
    assert result.parseoutcomes() == {"skipped": 1}
    assert "each example costs money" in everything(result)
    assert result.ret == 11
    assert not records(pytester.path)


@pytest.mark.parametrize(
    ("names", "marked", "expected"),
    [
        (("facemon",), False, True),
        (("request", "facemon_store"), False, True),
        ((), True, True),
        ((), False, False),
        (("facemonger", "tmp_path"), False, False),
    ],
)
def test_use_is_a_fixture_or_the_marker(names: tuple[str, ...], marked: bool, expected: bool) -> None:
    """Only our own names count, not those that begin like them."""
    item: Any = SimpleNamespace(fixturenames=names, get_closest_marker=lambda _: object() if marked else None)
    assert uses_facemon(item) is expected


def test_an_item_without_fixtures_is_no_use(pytester: pytest.Pytester) -> None:
    """Items of other plugins (a doctest, a file) have no fixture names; they pass us by."""
    pytester.makefile(".txt", test_doc=">>> 1 + 1\n2\n")
    result = run(pytester, PLAIN, "--doctest-glob=*.txt")
    assert result.ret == 0
    assert not section(result)


MARKED = """
import pytest

async def test_before(facemon):
    await facemon.generate(age=30, gender="male")

@pytest.mark.facemon(model="ultra")
async def test_marked(facemon):
    await facemon.generate(age=30, gender="male")

async def test_after(facemon):
    await facemon.generate(age=30, gender="male")
"""


def test_a_marker_changes_its_own_check_only(pytester: pytest.Pytester) -> None:
    """The marked check asks another model; those before and after it do not; all belong to one run and one budget."""
    result = run(pytester, MARKED)
    assert result.ret == 0
    kept = records(pytester.path)
    assert [record.request_params.model for record in kept] == ["core", "ultra", "core"]
    assert len({record.run_id for record in kept}) == 1
    assert section(result)["credits"].startswith("14 booked")  # 3 + 8 + 3


def test_a_markers_timeout_strikes_its_own_check_only(pytester: pytest.Pytester) -> None:
    """A time-out that no reply can keep fails the marked check; the other one has the run's."""
    source = """
import pytest

@pytest.mark.facemon(attempt_timeout=0.001, generation_timeout=0.002)
async def test_marked(facemon):
    await facemon.generate(age=30, gender="male")

async def test_other(facemon):
    await facemon.generate(age=30, gender="male")
"""
    result = run(pytester, source)
    assert result.parseoutcomes() == {"failed": 1, "passed": 1}
    assert [record.error_types for record in records(pytester.path)] == [("timeout",), ()]


def test_an_inner_marker_adds_to_an_outer_one(pytester: pytest.Pytester) -> None:
    """A module's marker and a check's own, of different settings: both hold, the nearer one wins where they differ."""
    source = """
import pytest

pytestmark = pytest.mark.facemon(response_time_limit=7)

@pytest.mark.facemon(attempt_timeout=9)
def test_both(facemon):
    assert facemon.response_time_limit == 7

@pytest.mark.facemon(response_time_limit=8)
async def test_nearer(facemon):
    assert facemon.response_time_limit == 8
    await facemon.generate(age=30, gender="male")  # a run that measured nothing would be unknown
"""
    assert run(pytester, source).ret == 0
