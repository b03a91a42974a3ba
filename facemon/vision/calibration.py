"""What the scores are worth: thresholds with their evidence, and the measured error of age and gender.

A calibration file (JSON) is written by `facemon evaluators calibrate` from a user's own labelled pictures and read by
the scores afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

DECADES = tuple(range(0, 90, 10))  # the network says 0 to 80 years, where 80 means 80 and older
# With larger errors the networks tell nothing of such pictures: beyond both, even a face that leaves no doubt would
# fail prompt_adherence (P(|error| ≤ 10) = 0.31, times 0.75 is 0.23).
MOST_SPREAD, MOST_GENDER_ERROR = 25.0, 0.25


@dataclass(frozen=True, slots=True)
class Threshold:
    """A picture whose score lies below `score` fails. basis: the evidence for that, in a sentence."""

    score: float
    basis: str


@dataclass(frozen=True, slots=True)
class AgeError:
    """How far the model's age is from the age that people would say, in years.

    bias: what the model says too much, by decade of its answer (0, 10, … 80) · spread: standard deviation around that.
    """

    spread: float
    bias: Mapping[int, float] = field(default_factory=dict)

    def bias_at(self, age: float) -> float:
        """What the model says too much when it says `age`: linear between the middles of the decades, so that a
        year's difference never jumps.
        """
        if not self.bias:
            return 0.0
        decades = sorted(self.bias)
        middles = [decade + 5 for decade in decades]
        return float(np.interp(age, middles, [self.bias[decade] for decade in decades]))


@dataclass(frozen=True, slots=True)
class Calibration:
    """source: what it rests on, in words · gender_error: share of faces whose gender the model mistakes."""

    source: str
    age: AgeError
    gender_error: float
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)


# Gender: 97.3 % right on Labelled Faces in the Wild, published with the model (github.com/davisking/dlib-models).
# Age: nothing is published for this network. Networks of its kind err by 5.2 to 5.5 years on average on portraits of
# known age (CACD, UTKFace: Cao, Mirjalili and Raschka, Pattern Recognition Letters 140, 2020), which is a standard
# deviation of 6.5 to 6.9 where the errors are normal (mean × √(π/2)); rounded up, as theirs were measured on pictures
# of the kind that they were trained on. No bias is known, so none is removed.
UNCALIBRATED = Calibration("published figures", AgeError(spread=7.0), gender_error=0.027)
