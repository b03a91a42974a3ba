"""Mode collapse: other seeds, but not other people. The verdict on a set of portraits, with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facemon.analysis.diversity import Diversity, NearDuplicate
from facemon.vision.calibration import Threshold
from facemon.vision.descriptors import ClassicalDescriptor

_SHOWN = 5  # pairs named in a sentence; all of them are in `Diversity.near_duplicates`


@dataclass(frozen=True, slots=True)
class CollapseVerdict:
    """passed: no sign of mode collapse · threshold: for the diversity score · reason: the evidence if it failed."""

    passed: bool
    threshold: Threshold
    reason: str = ""


def judge(found: Diversity, threshold: Threshold = ClassicalDescriptor.threshold) -> CollapseVerdict:
    """Whether pictures that were asked for with different seeds show different people.

    They do not where two of them are the same picture, which by chance happens in one set of a hundred at most, where
    the diversity score lies below the descriptor's threshold, or where most of them show nobody. Pictures that were
    asked for with the same seed, age and gender are the same picture by contract: leave out all of them but one.
    """
    few, nobody = found.score < threshold.score, len(found.unscored) > found.people
    if not few and not nobody and not found.near_duplicates:
        return CollapseVerdict(True, threshold)
    reason = f"{found.effective_people:.1f} effective people in {found.people} pictures"
    if few:
        reason += f" (diversity of {found.score:.0f}, at least {threshold.score:g} expected)"
    if found.near_duplicates:
        reason += (
            f"; the same picture (at most {found.near_bits} bits apart): {_named(found.near_duplicates)}"
        )
    if found.unscored:
        name, why = found.unscored[0]
        reason += f"; {len(found.unscored)} more could not be compared ({name}: {why})"
    return CollapseVerdict(False, threshold, reason)


def _named(pairs: Sequence[NearDuplicate]) -> str:
    named = ", ".join(f"{pair.first} = {pair.second} ({pair.bits})" for pair in pairs[:_SHOWN])
    more = len(pairs) - _SHOWN
    return f"{named} and {more} more" if more > 0 else named
