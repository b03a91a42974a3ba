"""One labelled picture judged: what the networks say of its face, and what each evaluator says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from facemon.calibrating.labels import Labelled
from facemon.calibrating.words import in_words
from facemon.encoded import inspect
from facemon.evaluators.base import Answer, Asked, Evaluator, NotAsked, Unscored
from facemon.vision.calibration import DECADES
from facemon.vision.models import attribute_networks, face_finder
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unreadable

_MOST_MEGAPIXELS = 16  # what `facemon.vision.decoding` decodes: photographs of phones are often larger


@dataclass(frozen=True, slots=True)
class Judged:
    """A picture that decodes. faces: how many were found · said_age, in years, said_male (0 to 1): of the one face, if
    it is one · answers: by evaluator, those that could judge it, with the published errors.
    """

    label: Labelled
    faces: int
    said_age: float | None
    said_male: float | None
    answers: dict[str, Answer]

    @property
    def labelled_age(self) -> int | None:
        """As far as the network tells ages apart: its last year, 80, means that age and all above it."""
        return None if self.label.age is None else min(self.label.age, DECADES[-1])

    @property
    def age_error(self) -> float | None:
        """What the network said minus the label, in years."""
        if self.said_age is None or self.labelled_age is None:
            return None
        return self.said_age - self.labelled_age

    @property
    def mistaken(self) -> bool | None:
        """The network sees the other gender than the label's."""
        if self.said_male is None or self.label.gender is None:
            return None
        return (self.said_male >= 0.5) != (self.label.gender == "male")

    @property
    def left_out(self) -> str | None:
        """Why nothing but the rate of detection rests on this picture, or None where its face is measured."""
        if self.faces == 1:
            return None
        found = f"{self.faces} faces were found" if self.faces else "no face was found"
        return f"{found}, and exactly one is measured: it only counts in how many have one"


def load_models() -> None:
    """See that faces can be judged in this process. Raises ModelUnavailable."""
    face_finder()
    attribute_networks()


def judge(picture: Labelled, evaluators: Sequence[Evaluator]) -> Judged | str:
    """One picture, or why it cannot be read. Raises ModelUnavailable."""
    try:
        data = picture.path.read_bytes()
    except OSError as error:
        return f"it cannot be read: {in_words(error)}"
    subject = Subject(data)
    try:
        faces = len(subject.faces)
    except Unreadable as error:
        return _too_large(data) or f"it does not decode ({error})"
    said = subject.attributes if faces == 1 else None
    return Judged(
        picture,
        faces,
        None if said is None else said.age,
        None if said is None else said.male,
        dict(_answers(subject, Asked(age=picture.age, gender=picture.gender), evaluators)),
    )


def _too_large(data: bytes) -> str | None:
    """Of a picture that was refused: that it has too many pixels, or None where that is not why."""
    try:
        facts = inspect(data)
    except ValueError:
        return None
    if facts.width * facts.height <= _MOST_MEGAPIXELS * 1_000_000:
        return None
    return f"it is too large ({facts.width}x{facts.height} pixels): at most {_MOST_MEGAPIXELS} megapixels"


def _answers(subject: Subject, asked: Asked, evaluators: Sequence[Evaluator]) -> Iterator[tuple[str, Answer]]:
    for evaluator in evaluators:
        try:
            yield evaluator.name, evaluator.evaluate(subject, asked)
        except (NotAsked, Unscored, Unreadable):
            continue
