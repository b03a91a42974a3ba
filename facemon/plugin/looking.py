"""What a check reads out of the judged pictures: a sentence for each one that has a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable

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
    """One sentence a picture that failed one of the questions.

    Raises OwnFault where pictures could not be judged and no more than a slip was found in the others: then nobody
    knows what the answer would be.
    """
    found: list[str] = []
    unjudged: list[str] = []
    for result in results:
        record = await result.scored()
        relevant = [score for score in record.quality.scores if asked(score)]
        failed = [score for score in relevant if score.verdict is ScoreVerdict.FAILED]
        # Without a face nobody can say how old it looks: that is a fault of the picture, not of ours.
        failed = failed or [score for score in record.quality.failed if score.evaluator in _NOBODY]
        if failed:
            found.append(f"{_who(record)}: {'; '.join(score.reason for score in failed)}")
        elif not relevant or _blind(relevant):
            unjudged += [f"{score.evaluator}: {score.reason}" for score in _blind(relevant)] or ["no scores"]
    if unjudged and len(found) <= SLIPS:
        raise OwnFault(f"a picture was not judged ({unjudged[0]})")
    return found


def _blind(scores: Iterable[Score]) -> list[Score]:
    return [score for score in scores if score.verdict is ScoreVerdict.UNSCORED]


def _who(record: MonitoringData) -> str:
    params = record.request_params
    seed = record.image.seed if record.image else None
    return f"{params.age}, {params.gender}, seed {seed}, record {record.id[:13]}"
