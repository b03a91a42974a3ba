"""What was measured, of the age and of one evaluator's scores, as a report tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from facemon.calibrating.fitting import mean_interval
from facemon.calibrating.rate import Rate
from facemon.vision.calibration import Threshold


@dataclass(frozen=True, slots=True)
class AgeFigures:
    """Of the pictures with one face and a labelled age. errors: said - labelled age of each, in years · by_decade: the
    same, by decade of what was said.
    """

    errors: tuple[float, ...]
    by_decade: dict[int, tuple[float, ...]]

    def as_json(self) -> dict[str, Any]:
        """Mean absolute error with its 95 % interval (bootstrap; null below 10 pictures), and each decade's bias."""
        absolute = np.abs(self.errors).tolist()
        return {
            "pictures": len(self.errors),
            "mean_absolute_error": float(np.mean(absolute)) if absolute else None,
            "interval": mean_interval(absolute),
            "bias": float(np.mean(self.errors)) if absolute else None,
            "bias_by_decade": {
                str(decade): {"pictures": len(errors), "bias": float(np.mean(errors))}
                for decade, errors in self.by_decade.items()
            },
        }


@dataclass(frozen=True, slots=True)
class ScoreFigures:
    """One evaluator on the pictures with one face that it could judge, one score each, whether labelled or not; failed:
    below the threshold that holds without calibration.
    """

    failed: Rate
    scores: tuple[float, ...]
    threshold: Threshold | None
    proposed: Threshold | None

    def as_json(self) -> dict[str, Any]:
        """The distribution of the scores, and both thresholds."""
        lowest, first, middle = np.percentile(self.scores, [0, 1, 50], method="lower").tolist()
        return {
            "pictures": len(self.scores),
            "failed": self.failed.as_json(),
            "lowest": lowest,
            "percentile_1": first,
            "median": middle,
            "threshold": self.threshold and self.threshold.score,
            "proposed": self.proposed and self.proposed.score,
        }
