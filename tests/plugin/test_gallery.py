"""The pictures in Allure's report: each once, small where nothing is wrong, as evidence where a check failed."""

from __future__ import annotations

import asyncio
import io
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from facemon.model import MonitoringData
from facemon.plugin import gallery
from tests.plugin.test_bench import run
from tests.plugin.test_evidence import allure_results, attachments

SHARED = """
async def test_first(facemon):
    await facemon.portraits()

async def test_second(facemon):
    await facemon.portraits()
    assert OPINION
"""
FAILED = (
    SHARED.replace("OPINION", "False")
    + """
async def test_third(facemon):
    await facemon.portraits()
    assert False
"""
)
SMALL, JUDGED, CAME = "picture, made smaller", "as it was judged", "picture, as it came"
ELSEWHERE = "pictures that are attached to another check"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ages instead of six, and no latency."""
    monkeypatch.setattr("facemon.plugin.facade.AGES", (30, 60))
    monkeypatch.setattr("facemon.simulator.core.draw_latency", lambda *_: 0.0)


def reported(pytester: pytest.Pytester, source: str, *options: str) -> dict[str, Counter[str]]:
    """What is attached to each check: kinds of attachments, whomever they show, and how many there are."""
    run(pytester, source, "--alluredir=allure", *options)
    return {
        name: Counter(entry["name"].rpartition(": ")[2] for entry in attachments(result))
        for name, result in allure_results(pytester.path / "allure").items()
    }


def pictures(folder: Path) -> list[Path]:
    """The files of a report that hold pictures."""
    return [path for path in folder.iterdir() if path.suffix in (".jpg", ".png")]


def test_a_shared_picture_is_attached_once(pytester: pytest.Pytester) -> None:
    """To the first check that has it; the second says where it is, and has its metadata all the same."""
    found = reported(pytester, SHARED.replace("OPINION", "True"))
    assert found["test_first"][SMALL] == 4
    assert (found["test_second"][SMALL], found["test_second"][ELSEWHERE]) == (0, 1)
    assert found["test_second"]["metadata and attempts"] == 4
    assert len(pictures(pytester.path / "allure")) == 4


def test_the_other_check_is_named(pytester: pytest.Pytester) -> None:
    """A line a picture: whom it shows, and the check that it is attached to."""
    run(pytester, SHARED.replace("OPINION", "True"), "--alluredir=allure")
    folder = pytester.path / "allure"
    (entry,) = [one for one in attachments(allure_results(folder)["test_second"]) if one["name"] == ELSEWHERE]
    lines = (folder / entry["source"]).read_text().splitlines()
    assert [line.split(" seed ")[0] for line in lines] == ["30 male", "30 female", "60 male", "60 female"]
    assert all(line.endswith("test_it.py::test_first") for line in lines)


def test_a_failed_check_has_the_judgements_once(pytester: pytest.Pytester) -> None:
    """Drawn for the first check that failed, whoever asked for the pictures; sound pictures do not come in full."""
    found = reported(pytester, FAILED)
    assert [found[name][JUDGED] for name in ("test_first", "test_second", "test_third")] == [0, 4, 0]
    assert found["test_third"][ELSEWHERE] == 1
    assert not any(kinds[CAME] for kinds in found.values())


def test_faulty_pictures_come_as_they_came_and_not_all_of_them(pytester: pytest.Pytester) -> None:
    """Of four that have a fault three are attached in full, with their own type, and all four as they were judged."""
    found = reported(pytester, FAILED, "--facemon-fault", "overexposed")
    assert (found["test_second"][CAME], found["test_second"][JUDGED]) == (3, 4)
    assert not found["test_third"][CAME]
    folder = pytester.path / "allure"
    kinds = {
        (entry["name"].rpartition(": ")[2], entry["type"])
        for entry in attachments(allure_results(folder)["test_second"])
    }
    assert (CAME, "image/png") in kinds and (JUDGED, "image/jpeg") in kinds


def test_what_is_not_evidence_is_small(pytester: pytest.Pytester) -> None:
    """No side of it beyond 512 pixels, 100 000 bytes at most; a judgement has 250 000 at most."""
    run(pytester, FAILED, "--alluredir=allure")
    sizes = {}
    for path in pictures(pytester.path / "allure"):
        with Image.open(io.BytesIO(path.read_bytes())) as image:
            sizes[path] = max(image.size)
    assert sorted(sizes.values())[:4] == [512] * 4
    assert all(path.stat().st_size < (100_000 if side == 512 else 250_000) for path, side in sizes.items())


def test_nothing_is_drawn_while_a_check_runs(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other generations' times are taken in the loop: it stands still, and the record has its scores."""
    seen = []

    def annotated(_data: bytes, record: MonitoringData) -> bytes | None:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        seen.append(bool(record.quality.scores))
        return None

    monkeypatch.setattr(gallery, "annotated", annotated)
    found = reported(pytester, FAILED)
    assert seen == [True] * 4
    assert not any(kinds[JUDGED] for kinds in found.values())


def test_a_check_of_many_pictures_shows_its_last(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded: of five pictures the last two are held, which are those before the failure."""
    monkeypatch.setattr(gallery, "_HELD", 2)
    source = """
async def test_it(facemon):
    for seed in range(1, 6):
        await facemon.generate(age=30, gender="male", seed=seed)
    assert False
"""
    run(pytester, source, "--alluredir=allure")
    (result,) = allure_results(pytester.path / "allure").values()
    names = [entry["name"] for entry in attachments(result)]
    assert [name for name in names if name.endswith(JUDGED)] == [
        f"30 male seed 4: {JUDGED}",
        f"30 male seed 5: {JUDGED}",
    ]


@pytest.mark.parametrize("phase", ["setup", "teardown"])
def test_a_face_of_a_fixture_that_failed_is_judged_too(pytester: pytest.Pytester, phase: str) -> None:
    """A user's own fixture may ask and fail, before the check or after it."""
    source = """
import pytest_asyncio

@pytest_asyncio.fixture(loop_scope="session")
async def face(facemon):
    if PHASE == "teardown":
        yield
    await facemon.generate(age=30, gender="male")
    assert False
    yield

async def test_it(face):
    pass
"""
    found: Any = reported(pytester, source.replace("PHASE", repr(phase)))
    assert found["test_it"][JUDGED] == 1
