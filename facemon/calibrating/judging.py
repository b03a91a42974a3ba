"""One labelled picture judged: what the networks say of its face, and what each evaluator says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facemon.calibrating.labels import Labelled
from facemon.evaluators.base import Answer, Asked, Evaluator, NotAsked, Unscored
from facemon.vision.models import attribute_networks, face_finder
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unreadable


@dataclass(frozen=True, slots=True)
class Judged:
    """A picture that decodes. faces: how many were found · said_age, in years, said_male: of the one face, if it is
    one · answers: by evaluator, those that could judge it, with the published errors.
    """

    label: Labelled
    faces: int
    said_age: float | None
    said_male: float | None
    answers: dict[str, Answer]


def load_models() -> None:
    """See that faces can be judged in this process. Raises ModelUnavailable."""
    face_finder()
    attribute_networks()


def judge(picture: Labelled, evaluators: Sequence[Evaluator]) -> Judged | str:
    """One picture, or why it cannot be read. Raises ModelUnavailable."""
    try:
        subject = Subject(picture.path.read_bytes())
        faces = len(subject.faces)
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    except Unreadable as error:
        return f"it does not decode ({error})"
    said = subject.attributes if faces == 1 else None
    return Judged(
        picture,
        faces,
        None if said is None else said.age,
        None if said is None else said.male,
        dict(_answers(subject, Asked(age=picture.age, gender=picture.gender), evaluators)),
    )


def _answers(subject: Subject, asked: Asked, evaluators: Sequence[Evaluator]) -> Iterator[tuple[str, Answer]]:
    for evaluator in evaluators:
        try:
            yield evaluator.name, evaluator.evaluate(subject, asked)
        except (NotAsked, Unscored, Unreadable):
            continue
