"""What a check reads out of the judged pictures: a sentence for each one that has a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Question
from facemon.judges import OPTIONAL
from facemon.model import MonitoringData, Score, ScoreVerdict
from facemon.monitor import MonitoringResult
from facemon.plugin.run import OwnFault

ADHERENCE = ("gender", "prompt_adherence")

SLIPS = 1  # faults that a set of portraits is forgiven
_NOBODY = ("decodes", "face_count")


def of_quality(score: Score) -> bool:
    """Whether a score is a component of the portrait's quality."""
    return score.weight > 0


def of_the_optional(score: Score) -> bool:
    """Whether a score is of an evaluator that the settings added."""
    return score.evaluator in OPTIONAL


def of_adherence(score: Score) -> bool:
    """Whether a score says if the person is the one asked for."""
    return score.evaluator in ADHERENCE


async def faults(results: Iterable[MonitoringResult], asked: Callable[[Score], bool]) -> list[str]:
    """One sentence a picture that failed one of the questions; what to do about a fault stands behind its first.

    Raises OwnFault where pictures could not be judged and no more than a slip was found in the others: then nobody
    knows what the answer would be.
    """
    found: list[str] = []
    unjudged: list[str] = []
    advised: set[str] = set()
    for result in results:
        record = await result.scored()
        relevant = [score for score in record.quality.scores if asked(score)]
        failed = [score for score in relevant if score.verdict is ScoreVerdict.FAILED]
        # Without a face nobody can say how old it looks: that is a fault of the picture, not of ours.
        failed = failed or [score for score in record.quality.failed if score.evaluator in _NOBODY]
        if failed:
            cause = failed[0].evaluator  # what hides other faults stands before them
            todo = "" if cause in advised else f" → {advice(cause)}"
            advised.add(cause)
            reasons = "; ".join(score.reason for score in failed)
            found.append(f"{who(record)}, record {record.id}: {reasons}{todo}")
        elif not relevant or _blind(relevant):
            unjudged += [f"{score.evaluator}: {score.reason}" for score in _blind(relevant)] or ["no scores"]
    if unjudged and len(found) <= SLIPS:
        raise OwnFault(f"a picture was not judged ({unjudged[0]})")
    return found


def advice(name: str) -> str:
    """What to do about a picture in which this evaluator found a fault; one of a user's own may be in no table."""
    return getattr(EVALUATORS.get(name), "advice", Question.advice)


def who(record: MonitoringData) -> str:
    """Who was asked for and by which seed, such as `30 female seed 7`: the picture, as a person tells it from others.

    The seed is the one that the service reports, else the one that was asked for.
    """
    params = record.request_params
    face = f"{params.age} {params.gender}" if params.age else "a prompt"
    seed = (record.image.seed if record.image else None) or params.seed
    return f"{face} seed {seed}" if seed else f"{face}, seed not known"


def _blind(scores: Iterable[Score]) -> list[Score]:
    return [score for score in scores if score.verdict is ScoreVerdict.UNSCORED]
