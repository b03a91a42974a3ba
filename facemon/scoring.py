"""The evaluators asked one after the other about one picture, in a bounded pool, off the caller's path."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Asked, Evaluator, NotAsked, Unscored
from facemon.model import Score, ScoreVerdict
from facemon.vision.calibration import UNCALIBRATED, Calibration
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unreadable, in_words


def default_evaluators(calibration: Calibration = UNCALIBRATED) -> tuple[Evaluator, ...]:
    """One of each that needs no optional package."""
    return tuple(kind(calibration) for kind in EVALUATORS.values() if kind.extra is None)


def score(data: bytes, asked: Asked, evaluators: Sequence[Evaluator]) -> tuple[Score, ...]:
    """Every evaluator's answer on one picture. An evaluator that fails leaves `unscored` with the reason.

    One whose question was not asked leaves nothing.
    """
    subject = Subject(data)
    answers = (_ask(evaluator, subject, asked) for evaluator in evaluators)
    return tuple(answer for answer in answers if answer is not None)


class ScoringPool:
    """Judges pictures on a few threads (decoding lets go of Python's lock).

    At most `waiting` pictures are held for it; beyond that the submitter waits, so that memory stays bounded.
    """

    def __init__(self, evaluators: Sequence[Evaluator], *, threads: int = 1, waiting: int = 16) -> None:
        self._evaluators = tuple(evaluators)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="facemon-scoring")
        self._places = asyncio.Semaphore(waiting)

    @property
    def evaluators(self) -> tuple[Evaluator, ...]:
        """Whom it asks."""
        return self._evaluators

    async def submit(self, data: bytes, asked: Asked) -> asyncio.Future[tuple[Score, ...]]:
        """Hand a picture in; the future holds its scores once a thread had time for them."""
        await self._places.acquire()
        future = asyncio.get_running_loop().run_in_executor(self._pool, score, data, asked, self._evaluators)
        future.add_done_callback(lambda _: self._places.release())
        return future

    def close(self) -> None:
        """Let the threads end; what was submitted is finished."""
        self._pool.shutdown(wait=True)


def _ask(evaluator: Evaluator, subject: Subject, asked: Asked) -> Score | None:
    if evaluator.weight and not asked.face:
        return None  # a component of a portrait's quality, and this is no portrait
    try:
        answer = evaluator.evaluate(subject, asked)
    except NotAsked:
        return None
    except Unscored as why:
        return _unscored(evaluator, str(why))
    except Unreadable:
        return _unscored(evaluator, "the picture does not decode")
    except Exception as error:  # a monitor that falls over a scorer is worse than one score less
        return _unscored(evaluator, f"the evaluator failed ({in_words(error)})")
    return Score(
        evaluator=evaluator.name,
        version=evaluator.version,
        verdict=ScoreVerdict.PASSED if answer.passed else ScoreVerdict.FAILED,
        score=answer.score,
        raw=answer.raw,
        unit=answer.unit,
        reason=answer.reason,
        weight=evaluator.weight,
        error_type="invalid_image" if answer.breaks_picture else None,
    )


def _unscored(evaluator: Evaluator, reason: str) -> Score:
    return Score(
        evaluator.name, evaluator.version, ScoreVerdict.UNSCORED, reason=reason, weight=evaluator.weight
    )
