"""The facade's sets of pictures: painted once, judged, compared; and what becomes of a model that is missing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from facemon.judges import forget
from facemon.vision import models
from tests.plugin.test_bench import everything, records, run, section

CHECKS = Path(__file__).parents[2] / "checks"
AS_CHECKS = "python_files = check_*.py\npython_functions = check_*\n"

SET = """
async def test_quality(facemon):
    portraits = await facemon.portraits()
    assert [(p.data.request_params.age, p.data.request_params.gender) for p in portraits] == [
        (30, "male"), (30, "female"), (60, "male"), (60, "female")
    ]
    assert await facemon.quality_faults(portraits) == []

async def test_adherence(facemon):
    assert await facemon.adherence_faults(await facemon.portraits()) == []
"""
PEOPLE = """
from facemon import FaceRequest

async def test_people(facemon):
    faces = [FaceRequest(40, "female", seed=seed) for seed in range(1, 5)]
    verdict = await facemon.different_people(await facemon.generate_together(faces))
    assert verdict.passed, verdict.reason
"""
FAULTS = """
async def test_faults(facemon):
    results = [await facemon.generate(age=30, gender="female", seed=1)]
    print("QUALITY", await facemon.quality_faults(results))
    print("ADHERENCE", await facemon.adherence_faults(results))
"""


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two ages instead of six, and no latency: what is shown here does not depend on their number."""
    monkeypatch.setattr("facemon.plugin.facade.AGES", (30, 60))
    monkeypatch.setattr("facemon.simulator.core.draw_latency", lambda *_: 0.0)


@pytest.fixture
def no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has loaded no model yet, on a machine where their files are gone."""

    def gone(name: str) -> str:
        raise FileNotFoundError(f"no such file: {name}")

    monkeypatch.setattr(models, "_path", gone)
    monkeypatch.setattr(models, "_FINDER", models._Once(models.FaceFinder))
    monkeypatch.setattr(models, "_NETWORKS", models._Once(models.AttributeNetworks))


def test_portraits_are_painted_and_paid_for_once(pytester: pytest.Pytester) -> None:
    """Two checks look at the same pictures, one of each age and gender; both have them among their evidence."""
    result = run(pytester, SET, "--junitxml=junit.xml")
    assert result.ret == 0, everything(result)
    assert section(result)["credits"].startswith("12 booked")
    kept = {record.id for record in records(pytester.path)}
    assert len(kept) == 4
    text = Path("junit.xml").read_text()
    assert [text.count(f'name="facemon_record" value="{record}"') for record in kept] == [2] * 4


def said(result: pytest.RunResult, word: str) -> str:
    """What a check printed after this word."""
    return next(line.partition(f"{word} ")[2] for line in result.outlines if f"{word} [" in line)


@pytest.mark.parametrize(
    ("fault", "quality", "adherence"),
    [
        ("wrong_gender", "[]", "looks male"),
        ("wrong_age", "[]", "where 30 and female was asked for"),
        ("overexposed", "burnt to white", "[]"),
        ("no_face", "no frontal face was found", "no frontal face was found"),
        ("two_faces", "2 faces, where one was asked for", "2 faces, where one was asked for"),
    ],
)
def test_faults_are_told_apart(pytester: pytest.Pytester, fault: str, quality: str, adherence: str) -> None:
    """How well somebody is shown, and who: each of the simulator's faults is seen by the one that it is about."""
    result = run(pytester, FAULTS, "-s", "--facemon-fault", fault)
    for word, expected in (("QUALITY", quality), ("ADHERENCE", adherence)):
        assert expected in said(result, word), everything(result)


def test_other_seeds_are_other_people(pytester: pytest.Pytester) -> None:
    """Four seeds pass; one face for all of them is a failed check, with the evidence in its sentence."""
    assert run(pytester, PEOPLE).ret == 0
    result = run(pytester, PEOPLE, "--facemon-fault", "same_face")
    assert result.ret == 1
    assert "1.0 effective people in 4 pictures" in everything(result)
    assert "the same picture (at most" in everything(result)


@pytest.mark.parametrize("count", [0, 1])
def test_a_set_of_fewer_than_two_is_the_callers_mistake(pytester: pytest.Pytester, count: int) -> None:
    """A ValueError in one sentence: nothing is said of a service that was not asked for a second picture."""
    source = f"""
import pytest

async def test_it(facemon):
    results = [await facemon.generate(age=30, gender="male") for _ in range({count})]
    with pytest.raises(ValueError, match="number of results {count} is not accepted: give at least two pictures"):
        await facemon.different_people(results)
"""
    assert run(pytester, source).parseoutcomes() == {"passed": 1}


def test_people_cannot_be_compared_without_faces(pytester: pytest.Pytester) -> None:
    """Pictures without a face are the service's fault: the check fails in a sentence, without a traceback."""
    result = run(pytester, PEOPLE, "--facemon-fault", "no_face")
    assert result.ret == 1
    assert "at least two pictures with a face, not 0" in everything(result)
    assert "facade.py" not in everything(result)


def test_a_descriptor_that_is_not_installed_is_refused_before_a_picture_is_paid_for(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is missing on our own machine is a wrong setting: the sentence says what to install, and no run begins."""
    forget()
    monkeypatch.setitem(sys.modules, "face_recognition_models", None)
    result = run(pytester, PEOPLE, "--facemon-descriptor=identity")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "facemon[identity]" in everything(result)
    assert not section(result)
    assert not (pytester.path / ".facemon").exists()


def test_models_that_cannot_be_loaded_make_the_run_unknown(
    pytester: pytest.Pytester, no_models: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each check that needs one is `U` with the cause, none failed, what needs none passes, and the exit code is 11."""
    source = SET.replace("test_", "check_") + PEOPLE.replace("test_", "check_")
    pytester.makepyfile(check_own=source + "\nasync def check_plain(facemon):\n    await facemon.balance()\n")
    shipped = [str(CHECKS / f"check_{name}.py") for name in ("face_quality", "prompt_adherence", "diversity")]
    result = run(pytester, None, "check_own.py", *shipped, ini=AS_CHECKS)
    assert result.ret == 11, everything(result)
    assert result.parseoutcomes() == {"passed": 1, "skipped": 1, "unknown": 7}
    told = section(result)
    assert told["verdict"].startswith("UNKNOWN")
    assert told["errors"] == "none"
    cause = "the face detector could not be loaded (FileNotFoundError: no such file: shape_predictor"
    assert all(cause in line for line in told["unknown"].splitlines())
    assert len(told["unknown"].splitlines()) <= 5  # a line a cause, not one an evaluator


def test_a_network_that_cannot_be_loaded_leaves_the_rest(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without age and gender the portrait's quality is judged as ever; who it shows is unknown."""

    found = models._path

    def damaged(name: str) -> Any:
        if name.endswith(".onnx"):
            raise OSError("damaged")
        return found(name)

    monkeypatch.setattr(models, "_path", damaged)
    monkeypatch.setattr(models, "_NETWORKS", models._Once(models.AttributeNetworks))
    result = run(pytester, SET)
    assert result.ret == 11
    assert result.parseoutcomes() == {"passed": 1, "unknown": 1}
    assert "age and gender networks could not be loaded (OSError: damaged)" in section(result)["unknown"]
