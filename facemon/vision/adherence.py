"""How probable it is that a picture shows the person who was asked for: pure functions on what the networks say."""

from __future__ import annotations

from math import erf, sqrt
from typing import TYPE_CHECKING

import numpy as np

from facemon.vision.calibration import AgeError, Calibration

if TYPE_CHECKING:
    from facemon.vision.models import Attributes

TOLERANCE = 10.0  # years to either side of the age asked for: the step between the ages that can be asked
_NARROWEST = 1.0  # years: the network's own classes are a year wide


def apparent_age(attributes: Attributes, error: AgeError) -> float:
    """The expected age in years, its bias removed; never below 0."""
    return max(0.0, attributes.age - error.bias_at(attributes.age))


def age_probability(attributes: Attributes, error: AgeError, asked: float) -> float:
    """P(the age lies within 10 years of `asked`).

    The network's distribution over the years 0 to 80, moved by the bias and convolved with a normal distribution, so
    that its variance is at least the measured one. The network's own doubt is a part of what was measured, not an
    addition to it: the normal brings the part that is missing, spread² - own variance.
    """
    years = np.arange(len(attributes.ages))
    own = float(attributes.ages @ (years - attributes.age) ** 2)
    width = sqrt(max(error.spread**2 - own, _NARROWEST**2))
    distances = years - error.bias_at(attributes.age) - asked
    within = [
        _normal((TOLERANCE - d) / width) - _normal((-TOLERANCE - d) / width) for d in distances.tolist()
    ]
    return _share(float(attributes.ages @ np.array(within)))


def gender_probability(attributes: Attributes, error: float, asked: str) -> float:
    """P(the gender is `asked`, male or female): (1 - e) p + e (1 - p), with e the share that the network mistakes.

    The network says 0.999 of most faces and is wrong in 27 of 1000: its own p tells which gender it takes the face
    for, and how far from its border; the measured share tells how far that can be trusted. Its answer is read as a
    message that arrives turned round with probability e (a binary symmetric channel), so the result stays within e
    and 1 - e, 0.5 remains 0.5, and both genders are treated alike.
    """
    says = attributes.male if asked == "male" else 1 - attributes.male
    return _share((1 - error) * says + error * (1 - says))


def person_probability(attributes: Attributes, calibration: Calibration, age: float, gender: str) -> float:
    """P(the age is within 10 years of the one asked, and the gender is the one asked).

    The product: two networks that look at the same face, whose errors are taken to be independent.
    """
    return age_probability(attributes, calibration.age, age) * gender_probability(
        attributes, calibration.gender_error, gender
    )


def _normal(z: float) -> float:
    return 0.5 * (1 + erf(z / sqrt(2)))


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)  # sums of 81 terms miss 1 by a few units of the last place
