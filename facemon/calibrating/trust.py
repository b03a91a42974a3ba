"""Whether labels and networks agree, by the raw counts: what is drawn towards the published figures hides a mistake.

A picture agrees with its label when the network says that gender, or an age of at most 10 years from the labelled one
(the step between the ages that the service paints). Labels that were dealt out blindly agree in half of the pictures
for two genders in equal shares, and in 44 % for the ages 20, 30, … 70 (16 of 36 pairs). So an error is measured only
where agreement in more than half of such pictures is certain: where the exact lower bound of its rate (Clopper and
Pearson, Biometrika 26, 1934; one-sided, 95 %) lies above 0.5. Where all agree that takes 5 pictures, as 0.5^5 = 0.03
is the first power below 0.05; with one that does not agree 8, with two 11.

The labels are contradicted where no more than half of at least 5 agree, and where none of 3 or 4 does: networks that
are right in three quarters of all pictures, the fewest that a calibration may state, fail in 3 of 3 once in 64 times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from facemon.calibrating.judging import Judged
from facemon.calibrating.rate import Rate
from facemon.slo.intervals import rate_bounds
from facemon.vision.calibration import MOST_GENDER_ERROR, MOST_SPREAD

AGREES_WITHIN = 10  # years
_GUESSING = 0.5
FEWEST = 5  # pictures from which an error can be measured, if all agree


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether one error (of age, of gender) may be measured by these labels.

    agree: pictures where label and network agree, of those with one face and that label · contradiction: why the labels
    cannot be right, or the networks know nothing of such pictures; in words, None where that is not so · missing: how
    many more pictures it takes, if all of them agree, until the error can be measured; 0 where it can be, and where
    the labels are contradicted.
    """

    agree: Rate
    contradiction: str | None
    missing: int

    @property
    def holds(self) -> bool:
        """The error is measured by these labels; else the published one stays."""
        return self.contradiction is None and not self.missing

    def as_json(self) -> dict[str, Any]:
        """Agreement with its interval, and what follows from it."""
        return {
            "agree": self.agree.as_json(),
            "contradiction": self.contradiction,
            "pictures_missing": self.missing,
            "calibrated": self.holds,
        }


def trust_ages(errors: Sequence[float]) -> Trust:
    """By what the network said minus the label, in years, one a picture.

    Contradicted also where the root mean square of the errors is above the largest spread that a calibration may hold.
    """
    agree = Rate(sum(abs(error) <= AGREES_WITHIN for error in errors), len(errors))
    if _contradicted(agree):
        of = f"{agree.misses} of {agree.trials}"
        return Trust(agree, f"in {of} pictures the age is more than {AGREES_WITHIN} years from its label", 0)
    rms = float(np.sqrt(np.mean(np.square(errors)))) if errors else 0.0
    if agree.trials >= FEWEST and rms > MOST_SPREAD:
        return Trust(
            agree, f"the ages are {rms:.0f} years from their labels, at most {MOST_SPREAD:g} is usable", 0
        )
    return Trust(agree, None, missing(agree))


def trust_genders(mistaken: Mapping[str, Rate]) -> Trust:
    """By the mistaken pictures of each labelled gender.

    Contradicted also where an error can be measured and is above a quarter, the largest that a calibration may hold,
    and where it is certainly above that (exact lower bound, 95 %) for one gender, as where all are called women.
    """
    agree = Rate(
        sum(rate.misses for rate in mistaken.values()), sum(rate.trials for rate in mistaken.values())
    )
    for gender, rate in mistaken.items():
        if rate_bounds(rate.hits, rate.trials)[0] > MOST_GENDER_ERROR:
            of = f"{rate.hits} of {rate.trials}"
            return Trust(agree, f"in {of} pictures labelled {gender} the network sees the other gender", 0)
    needed = 0 if _contradicted(agree) else missing(agree)
    # Before that a single mistake is soon more than a quarter, and contradicts nothing yet.
    if not needed and agree.misses > MOST_GENDER_ERROR * agree.trials:
        of = f"{agree.misses} of {agree.trials}"
        return Trust(agree, f"in {of} pictures the network sees another gender than the label's", 0)
    return Trust(agree, None, needed)


def doubtful(faces: Iterable[Judged]) -> tuple[str, ...]:
    """The pictures that do not agree with their label, each in words: mistaken genders first, then by the age error."""
    wrong = [one for one in faces if one.mistaken or abs(one.age_error or 0) > AGREES_WITHIN]
    wrong.sort(key=lambda one: (not one.mistaken, -abs(one.age_error or 0), one.label.name))
    return tuple(_in_words(one) for one in wrong)


def _in_words(one: Judged) -> str:
    said = "male" if (one.said_male or 0) >= _GUESSING else "female"
    age, gender = one.label.age, one.label.gender
    labelled = ", ".join(str(part) for part in (age, gender) if part is not None)
    return f"{one.label.name} is labelled {labelled}, and the network says {one.said_age:.0f}, {said}"


def missing(agree: Rate) -> int:
    """How many pictures that agree must be added until the lower bound of the rate lies above 0.5."""
    more = 0
    while rate_bounds(agree.hits + more, agree.trials + more)[0] <= _GUESSING:
        more += 1
    return more


def _contradicted(agree: Rate) -> bool:
    if agree.hits > _GUESSING * agree.trials:
        return False
    return agree.trials >= FEWEST or rate_bounds(agree.hits, agree.trials)[1] < 1 - MOST_GENDER_ERROR
