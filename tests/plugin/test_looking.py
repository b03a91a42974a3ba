"""What a check reads out of the judged pictures: sentences, and never a guess."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Question
from facemon.model import (
    ImageMetadata,
    MonitoringData,
    Performance,
    Phases,
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
    """Age, gender, seed and the whole id first, then every reason and what to do; a sound picture says nothing."""
    bad = judged(failed("exposure", "burnt to white", 0.1), failed("noise", "noise of 17", 0.1))
    (sentence,) = await looking.faults([judged(passed("exposure", 0.1)), bad], looking.of_quality)
    todo = EVALUATORS["exposure"].advice
    assert sentence == f"30 female, seed not known, record {ID}: burnt to white; noise of 17 → {todo}"


async def test_what_to_do_is_said_once() -> None:
    """At the first picture with a fault of its kind: twelve of them are one thing to do."""
    dark, turned = judged(failed("exposure", "too dark", 0.1)), judged(failed("pose", "turned", 0.1))
    first, second, third = await looking.faults([dark, dark, turned], looking.of_quality)
    assert EVALUATORS["exposure"].advice in first
    assert second.endswith(": too dark")
    assert third.endswith(f": turned → {EVALUATORS['pose'].advice}")


def test_an_evaluator_of_a_users_own_has_advice_too() -> None:
    """One that is in no table gets what is said of any picture."""
    assert looking.advice("my_own") == Question.advice


@pytest.mark.parametrize(
    ("reported", "asked", "expected"),
    [
        (7, None, "30 female seed 7"),
        (7, 8, "30 female seed 7"),
        (None, 8, "30 female seed 8"),
        (None, None, "30 female, seed not known"),
    ],
)
def test_a_picture_is_named_by_its_seed(reported: int | None, asked: int | None, expected: str) -> None:
    """The one that the service reports, else the one that was asked for."""
    image = ImageMetadata(
        *("p", "core", "x", "", None, None, reported, None, None, 8, 9, "png", "ab", 300, 3.0, 0.6, Phases())
    )
    record = replace(judged().data, image=image, request_params=RequestParams(30, "female", asked))
    assert looking.who(record) == expected


def test_a_raw_prompt_has_no_age() -> None:
    """It is a prompt, and says nothing of a person."""
    assert looking.who(replace(judged().data, request_params=RequestParams(seed=7))) == "a prompt seed 7"


async def test_each_question_has_its_own_faults() -> None:
    """Who is shown is no question of quality, and how well it is shown none of adherence."""
    result = judged(failed("gender", "looks male"), passed("exposure", 0.1), passed("prompt_adherence"))
    assert await looking.faults([result], looking.of_quality) == []
    (sentence,) = await looking.faults([result], looking.of_adherence)
    assert ": looks male → " in sentence


async def test_a_picture_without_a_face_is_a_fault_of_adherence_too() -> None:
    """Nobody can say how old no face looks; what is known to be wrong stands in for the answer."""
    result = judged(
        failed("face_count", "no face was found", 0.1), blind("gender"), blind("prompt_adherence")
    )
    (sentence,) = await looking.faults([result], looking.of_adherence)
    assert ": no face was found → " in sentence


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
