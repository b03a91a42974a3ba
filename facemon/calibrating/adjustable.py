"""Which thresholds a calibration may set: what is proposed from pictures is what a file may hold, and no more."""

from __future__ import annotations

from facemon.evaluators import EVALUATORS

# Right or wrong: there is no score between that good pictures could move the threshold to.
_YES_OR_NO = ("decodes", "format", "size", "face_count")
# They follow from the measured errors of age and gender: a percentile of their scores would count those twice.
_FOLLOW_FROM_THE_ERRORS = ("age", "gender", "prompt_adherence")


def adjustable() -> tuple[str, ...]:
    """The names, in the table's order: evaluators that fail pictures by a degree.

    One without a threshold of its own only informs, for want of evidence that a low score means a bad picture. The
    scores of good pictures are no such evidence, so a calibration does not make it fail any.
    """
    fixed = (*_YES_OR_NO, *_FOLLOW_FROM_THE_ERRORS)
    return tuple(
        name for name, kind in EVALUATORS.items() if kind.default_threshold is not None and name not in fixed
    )
