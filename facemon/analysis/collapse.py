"""Mode collapse: other seeds, but not other people. The verdict on a set of portraits, with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facemon.analysis.diversity import Diversity, NearDuplicate
from facemon.vision.calibration import Threshold

THRESHOLD = Threshold(
    50,
    "half as many people as pictures; 8 to 30 drawn people of one age and gender scored 94 at least in 400 draws, "
    "30 real people 100",
)
_SHOWN = 5  # pairs named in a sentence; all of them are in `Diversity.near_duplicates`


@dataclass(frozen=True, slots=True)
class CollapseVerdict:
    """passed: no sign of mode collapse · threshold: for the diversity score · reason: the evidence if it failed."""

    passed: bool
    threshold: Threshold
    reason: str = ""


def judge(found: Diversity, threshold: Threshold = THRESHOLD) -> CollapseVerdict:
    """Whether pictures that were asked for with different seeds show different people.

    They do not where two of them are the same picture, which by chance happens in one set of a hundred at most, or
    where the diversity score lies below the threshold. Pictures that were asked for with the same seed, age and
    gender are the same picture by contract: leave out all of them but one.
    """
    few = found.score < threshold.score
    if not few and not found.near_duplicates:
        return CollapseVerdict(True, threshold)
    reason = f"{found.effective_people:.1f} effective people in {found.people} pictures"
    if few:
        reason += f" (diversity of {found.score:.0f}, at least {threshold.score:g} expected)"
    if found.near_duplicates:
        reason += (
            f"; the same picture (at most {found.near_bits} bits apart): {_named(found.near_duplicates)}"
        )
    return CollapseVerdict(False, threshold, reason)


def _named(pairs: Sequence[NearDuplicate]) -> str:
    named = ", ".join(f"{pair.first} = {pair.second} ({pair.bits})" for pair in pairs[:_SHOWN])
    more = len(pairs) - _SHOWN
    return f"{named} and {more} more" if more > 0 else named
