"""What a check reads out of the judged pictures: sentences, and never a guess."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from facemon.evaluators import EVALUATORS
from facemon.model import (
    MonitoringData,
    Performance,
    Quality,
    RequestParams,
    ResourceUse,
    Score,
    ScoreVerdict,
)
from facemon.monitor import MonitoringResult
from facemon.plugin import looking
from facemon.plugin.run import OwnFault

ID = "019a2037-6ecc-717c-afb0-e93fccd72379"


def passed(name: str, weight: float = 0.0) -> Score:
    """An answer without a fault."""
    return Score(name, "1", ScoreVerdict.PASSED, 90.0, weight=weight)


def failed(name: str, reason: str, weight: float = 0.0) -> Score:
    """A fault."""
    return Score(name, "1", ScoreVerdict.FAILED, 10.0, reason=reason, weight=weight)


def blind(name: str, reason: str = "no face was found", weight: float = 0.0) -> Score:
    """A question that could not be answered."""
    return Score(name, "1", ScoreVerdict.UNSCORED, reason=reason, weight=weight)


def judged(*scores: Score) -> MonitoringResult:
    """A picture of a woman of 30 with these scores."""
    record = MonitoringData(
        id=ID,
        timestamp=datetime(2025, 9, 15, tzinfo=UTC),
        request_params=RequestParams(30, "female"),
        performance=Performance(0.1),
        quality=Quality(scores),
        errors=(),
        attempts=(),
        resources=ResourceUse(0.0, 0),
    )
    return MonitoringResult(record, None, None)


async def test_a_fault_is_a_sentence_with_who_was_asked_for() -> None:
    """Age, gender, seed and record first, then every reason; a sound picture beside it says nothing."""
    bad = judged(failed("exposure", "burnt to white", 0.1), failed("noise", "noise of 17", 0.1))
    (sentence,) = await looking.faults([judged(passed("exposure", 0.1)), bad], looking.of_quality)
    assert sentence == f"30, female, seed None, record {ID[:13]}: burnt to white; noise of 17"


async def test_each_question_has_its_own_faults() -> None:
    """Who is shown is no question of quality, and how well it is shown none of adherence."""
    result = judged(failed("gender", "looks male"), passed("exposure", 0.1), passed("prompt_adherence"))
    assert await looking.faults([result], looking.of_quality) == []
    (sentence,) = await looking.faults([result], looking.of_adherence)
    assert sentence.endswith(": looks male")


async def test_a_picture_without_a_face_is_a_fault_of_adherence_too() -> None:
    """Nobody can say how old no face looks; what is known to be wrong stands in for the answer."""
    result = judged(
        failed("face_count", "no face was found", 0.1), blind("gender"), blind("prompt_adherence")
    )
    (sentence,) = await looking.faults([result], looking.of_adherence)
    assert sentence.endswith(": no face was found")


@pytest.mark.parametrize("asked", [looking.of_quality, looking.of_adherence])
async def test_a_picture_that_nobody_could_judge_is_our_own_fault(asked: Callable[[Score], bool]) -> None:
    """With no fault to be seen, a missing answer tells nothing of the service: neither sound nor unsound."""
    scores = (
        blind("pose", "the face detector could not be loaded", 0.1),
        blind("gender", "the networks are gone"),
    )
    with pytest.raises(OwnFault, match=r"not judged \((pose: the face|gender: the networks)"):
        await looking.faults([judged(*scores)], asked)


async def test_a_picture_without_scores_is_our_own_fault() -> None:
    """An empty list of evaluators passes nothing."""
    with pytest.raises(OwnFault, match="no scores"):
        await looking.faults([judged(passed("format"))], looking.of_quality)


async def test_scores_on_their_way_are_waited_for() -> None:
    """The faults are those of the judged picture, not of the one that has no scores yet."""
    pending = replace(judged().data, quality=Quality(pending=True))

    async def judge() -> MonitoringData:
        await asyncio.sleep(0)
        return pending.with_scores((failed("noise", "noise of 17", 0.1),))

    result = MonitoringResult(pending, None, None, asyncio.create_task(judge()))
    assert len(await looking.faults([result], looking.of_quality)) == 1


def test_the_questions_exist() -> None:
    """Every evaluator of adherence is there under its name and weighs nothing; quality has components."""
    assert set(looking.ADHERENCE) <= set(EVALUATORS)
    assert not any(EVALUATORS[name].weight for name in looking.ADHERENCE)
    assert sum(kind.weight for kind in EVALUATORS.values()) == pytest.approx(1)
