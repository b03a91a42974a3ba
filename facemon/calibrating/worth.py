"""Whether a study is worth a calibration file, in sentences: why not, and what a person must look at then."""

from __future__ import annotations

from facemon.calibrating.study import Study
from facemon.calibrating.trust import Trust
from facemon.vision.calibration import MOST_SPREAD

_MOST_NAMED = 3  # pictures whose labels are in doubt


def counted(pictures: int) -> str:
    """The number with its noun."""
    return f"{pictures} picture{'' if pictures == 1 else 's'}"


def why_published(what: str, trust: Trust) -> str:
    """Why the calibration holds the published error of age or gender; empty where it holds the measured one."""
    if trust.contradiction:
        return f"the labels contradict the networks: {trust.contradiction}"
    if not trust.missing:
        return ""
    agree = trust.agree
    return (
        f"too few pictures with a labelled {what} ({agree.hits} of {agree.trials} agree with it): "
        f"{trust.missing} more that agree are needed to measure its error"
    )


def refusal(study: Study) -> str | None:
    """Why nothing of this study may be kept, or None where a part of it may.

    Nothing may where either label is contradicted, for the thresholds rest on the same folder: what is wrong with it
    is not known. A label that is too rare only leaves its own error as it is published.
    """
    if not study.detected.hits:
        return "in none of the pictures was exactly one face found"
    age, gender, fitted = study.trust_age, study.trust_gender, study.calibration
    by_age, by_gender = why_published("age", age), why_published("gender", gender)
    if age.contradiction or gender.contradiction:
        return by_age if age.contradiction else by_gender
    if fitted.age.spread > MOST_SPREAD:  # each decade's own bias can leave a little more than there was
        return f"the age spread is {fitted.age.spread:.1f} years, and at most {MOST_SPREAD:g} can be used"
    if age.holds or gender.holds or fitted.thresholds:
        return None
    return f"{by_age}; {by_gender}"


def what_to_check(study: Study) -> str:
    """What to do about a refusal, with the first pictures whose labels are in doubt."""
    if not study.doubtful:
        return "give more close portraits of one person each, with labels"
    named, more = study.doubtful[:_MOST_NAMED], len(study.doubtful) - _MOST_NAMED
    others = f"; and {more} more, which --json names" if more > 0 else ""
    return (
        f"check that each picture is a close portrait of the person on its label: {'; '.join(named)}{others}"
    )
