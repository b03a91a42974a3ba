"""Whether the person asked for is shown; and what all three owe that compare a face with the request."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from facemon.evaluators.age import Age
from facemon.evaluators.base import Asked, NotAsked, Unscored
from facemon.evaluators.gender import Gender
from facemon.evaluators.prompt_adherence import PromptAdherence
from facemon.vision.subject import Subject
from tests.evaluators.person import Looks, ask
from tests.vision.test_adherence import seen

EVERY = (Age, Gender, PromptAdherence)
AGES = range(20, 71, 10)


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (Age, Asked(gender="male")),
        (Gender, Asked(age=30)),
        (PromptAdherence, Asked(age=30)),
        (PromptAdherence, Asked(gender="male")),
        *((kind, Asked(prompt="a man")) for kind in EVERY),
    ],
)
def test_what_was_not_asked_is_not_judged(kind: Any, asked: Asked) -> None:
    """A raw prompt says no age and no gender: no score, and no face is looked for."""
    with pytest.raises(NotAsked):
        kind().evaluate(Looks(None), asked)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", EVERY)
def test_without_one_face_there_is_no_answer(kind: Any) -> None:
    """A wall has no age: unscored, with the reason; a missing face fails elsewhere."""
    buffer = io.BytesIO()
    Image.new("RGB", (300, 300), (90, 120, 130)).save(buffer, "PNG")
    with pytest.raises(Unscored, match="no face was found"):
        kind().evaluate(Subject(buffer.getvalue()), Asked(age=30, gender="male"))


@pytest.mark.parametrize("deviation", [1, 4, 8])
@pytest.mark.parametrize("age", AGES)
def test_whoever_was_asked_for_passes(age: int, deviation: float) -> None:
    """Judged up to 10 years from the age asked, and of the gender asked, however sure the network is."""
    for years in range(-10, 11):
        for gender, male in (("male", 0.9), ("female", 0.1)):
            look = Looks(seen(age + years, deviation, male))
            answer = PromptAdherence().evaluate(look, Asked(age=age, gender=gender))  # type: ignore[arg-type]
            assert answer.passed, (years, gender, answer)


@pytest.mark.parametrize("deviation", [1, 4, 8])
@pytest.mark.parametrize("age", AGES)
def test_another_person_fails(age: int, deviation: float) -> None:
    """At least 20 years off (30, and judged 10 from that), or the other gender."""
    asked = Asked(age=age, gender="female")
    older = [seen(other, deviation, 0.1) for other in range(81)]
    others = [said for said in older if abs(said.age - age) >= 20]
    others += [seen(age + years, deviation, 0.95) for years in range(-10, 11)]
    for said in others:
        answer = PromptAdherence().evaluate(Looks(said), asked)  # type: ignore[arg-type]
        assert not answer.passed, (said.age, said.male, answer)


def test_adherence_says_whom_it_saw() -> None:
    """The reason names what is seen, what was asked and how probable that is; the score is the probability."""
    answer = ask(PromptAdherence, 62, 1.0, Asked(age=30, gender="female"))
    assert answer.reason == "looks 62 and male, where 30 and female was asked for (probability 0.00)"
    assert (answer.unit, answer.score) == ("probability", pytest.approx(100 * (answer.raw or 0)))


def test_a_picture_without_doubt_stands_near_what_can_be_reached() -> None:
    """0.82 with the published errors: the docstring's figures."""
    raws = [ask(PromptAdherence, 45 + years, 1.0, Asked(age=45, gender="male")).raw for years in (0, 10, 20)]
    assert raws == pytest.approx([0.82, 0.48, 0.075], abs=0.01)
