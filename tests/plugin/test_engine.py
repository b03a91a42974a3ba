"""What a process holds open for its checks, and when it stops asking."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

import facemon.plugin
from facemon.config import Settings
from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Answer, Asked, Question
from facemon.judges import evaluators_of, forget
from facemon.plugin.engine import Engine
from facemon.plugin.options import settings_of
from facemon.vision.calibration import Calibration
from facemon.vision.subject import Subject
from tests.plugin.test_bench import SAMPLE, everything, records, run, section


def engine(give_up_after: int) -> Engine:
    """An engine that nobody opened; it belongs to the event loop that it is made in."""
    nothing: Any = SimpleNamespace()
    return Engine(Settings(give_up_after=give_up_after), nothing, nothing, nothing, nothing)


def result(error_type: str | None) -> Any:
    """What a generation left behind."""
    return SimpleNamespace(error=None if error_type is None else SimpleNamespace(error_type=error_type))


@pytest.mark.parametrize(
    ("limit", "outcomes", "gives_up"),
    [
        (2, "", False),
        (2, "x", False),
        (2, "xx", True),
        (2, "x.x", False),
        (2, "xx.", False),
        (2, ".x.xx", True),
        (1, "x", True),
        (0, "x" * 100, False),
    ],
)
async def test_it_gives_up_after_failures_in_a_row(limit: int, outcomes: str, gives_up: bool) -> None:
    """N failures in a row end it, a success in between starts the count anew, 0 means never."""
    asked = engine(limit)
    for outcome in outcomes:
        asked.note(result("timeout" if outcome == "x" else None))
    if gives_up:
        with pytest.raises(pytest.skip.Exception, match=rf"not tried: {limit} generations .* \(timeout\)"):
            asked.check_hope()
    else:
        asked.check_hope()


def test_what_is_not_tried_is_skipped_with_the_reason(pytester: pytest.Pytester) -> None:
    """After two failures in a row nothing more is sent; the rest is skipped and says why; the run fails."""
    options = (
        "--facemon-samples",
        "5",
        "--facemon-fault",
        "moderated",
        "--facemon-give-up-after",
        "2",
        "-rs",
    )
    run_ = run(pytester, SAMPLE, *options)
    assert run_.parseoutcomes() == {"failed": 2, "skipped": 3}
    assert "not tried: 2 generations in a row failed (moderated)" in everything(run_)
    assert len(records(pytester.path)) == 2
    assert run_.ret == 1


def test_a_success_in_between_keeps_it_going(pytester: pytest.Pytester) -> None:
    """Failures that are not in a row do not end the run."""
    faults = ("--facemon-fault", "moderated:on=1", "--facemon-fault", "moderated:on=3")
    run_ = run(pytester, SAMPLE, *faults, "--facemon-samples", "4", "--facemon-give-up-after", "2")
    assert run_.parseoutcomes() == {"failed": 2, "passed": 2}


def test_giving_up_on_what_is_unknown_stays_unknown(pytester: pytest.Pytester) -> None:
    """A refused key ends the run early, and neither the refusals nor the skips make it a failure or a pass."""
    options = ("--facemon-samples", "4", "--facemon-fault", "unauthorized", "--facemon-give-up-after", "2")
    run_ = run(pytester, SAMPLE, *options)
    assert run_.parseoutcomes() == {"unknown": 2, "skipped": 2}
    assert run_.ret == 11
    assert "(401)" in section(run_)["unknown"]


def test_a_refusal_or_a_drill_is_no_failure_in_a_row(pytester: pytest.Pytester) -> None:
    """Deliberate refusals are meant to fail: they do not use up the patience with the service."""
    source = """
from facemon import ImageRequest

async def test_it(facemon):
    for _ in range(3):
        await facemon.refusal(ImageRequest(""), error_type="invalid_request", status=400)
    await facemon.generate(age=30, gender="male")
"""
    assert run(pytester, source, "--facemon-give-up-after", "2").ret == 0


def test_a_check_that_skips_for_lack_of_hope_is_no_pass(pytester: pytest.Pytester) -> None:
    """Two failures that checks expected, then nothing is tried: the rest is not counted as passed."""
    source = """
from facemon import FaceRequest

async def test_expected(facemon):
    for _ in range(2):
        assert (await facemon.attempt(FaceRequest(30, "male"))).error

async def test_rest(facemon):
    await facemon.generate(age=30, gender="male")
"""
    run_ = run(pytester, source, "--facemon-give-up-after", "2", "--facemon-fault", "unauthorized")
    assert run_.parseoutcomes() == {"passed": 1, "skipped": 1}
    assert run_.ret == 11


LOOP_SCOPE = ("-o", "asyncio_default_fixture_loop_scope=session")  # pytest-asyncio warns when nobody says it


class Ready(Question):
    """An optional evaluator that needs nothing."""

    name, source, extra = "safety", "nowhere", "safety"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        return self.answer(100, 100, "marks", "")


MONITORS = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
async def test_plain(facemon, number):
    assert (await (await facemon.generate(age=30, gender="male")).scored()).quality.scores[-1].evaluator == "safety"

@pytest.mark.facemon(attempt_timeout=9)
async def test_marked(facemon):
    await facemon.generate(age=30, gender="male")

async def test_drilled(facemon):
    async with facemon.drill("moderated") as drill:
        await drill.attempt(FaceRequest(30, "male"))
"""


def test_an_optional_evaluator_is_loaded_once_and_in_no_loop(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All monitors and drills of a run share it; while a model loads, no connection waits for it."""
    made: list[bool] = []

    class Loaded(Ready):
        def __init__(self, calibration: Calibration) -> None:
            super().__init__(calibration)
            made.append(asyncio._get_running_loop() is None)

    monkeypatch.setitem(EVALUATORS, "safety", Loaded)
    source = "from facemon import FaceRequest\n" + MONITORS
    for target, env in (("mock", {}), (None, {"FACEMON_TARGET": "mock"})):
        made.clear()
        forget()
        run_ = run(pytester, source, target=target, env={"FACEMON_EVALUATORS": "safety", **env})
        assert run_.parseoutcomes() == {"passed": 4}, everything(run_)
        assert made == [True]


def test_a_controller_keeps_no_model_for_itself(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It loads them to refuse what cannot be had; then its workers judge, and it lets go of them."""
    monkeypatch.setenv("FACEMON_EVALUATORS", "safety")
    monkeypatch.setitem(EVALUATORS, "safety", Ready)
    forget()
    config = pytester.parseconfigure("--facemon-target=mock", *LOOP_SCOPE)
    settings = settings_of(config)
    kept = evaluators_of(settings)[-1]
    assert evaluators_of(settings)[-1] is kept
    facemon.plugin.pytest_xdist_setupnodes(config)
    assert evaluators_of(settings)[-1] is not kept


LOADED = """
import sys

async def test_first(facemon):
    assert {"dlib", "onnxruntime"} <= set(sys.modules)
"""


@pytest.mark.slow
def test_models_are_loaded_before_the_first_request(pytester: pytest.Pytester) -> None:
    """Loading takes seconds of a busy machine's processor, by which requests under way would look slow."""
    assert run(pytester, LOADED, apart=True).parseoutcomes() == {"passed": 1}
