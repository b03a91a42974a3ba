"""How different a candidate's people are against those of its baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from facemon.analysis.diversity import diversity
from facemon.release.looks import Look, Looked, Pair
from facemon.release.margins import Margin
from facemon.release.mean_difference import MeanDifference
from facemon.release.measure import MetricComparison
from facemon.slo.judging import Verdict

BLOCK = 12
"""Pairs: a diversity is that of a set. Sets without a common pair are independent, as each face is drawn for itself."""


class DiversityMeasure:
    """The diversity score of every 12 pairs of pictures: the candidate's less the baseline's, and the mean of those.

    A face that was asked for twice in a block is the same by contract, and counts once. A picture that could not be
    described counts as one more of a person who is there already (the candidate's) or as one that resembles nobody
    (the baseline's) when the question is whether to pass, and not at all when it is whether to fail.
    """

    def __init__(self, margin: Margin, alpha_fail: float) -> None:
        self._difference = MeanDifference(margin, alpha_fail)
        self._block: list[Pair] = []
        self._unjudged = 0

    def add(self, pair: Pair) -> bool:
        if not (pair.baseline.succeeded and pair.candidate.succeeded):
            return True
        self._block.append(pair)
        if len(self._block) == BLOCK:
            self._weigh([each.looks for each in _different(self._block)])
            self._block = []
        judged = _described(pair.looks)
        self._unjudged += not judged
        return judged

    def _weigh(self, looks: Sequence[tuple[Looked, Looked]]) -> None:
        if len(looks) < 2:
            return  # one face asked for again and again says nothing of others
        both = [each for each in looks if _described(each)]
        if len(both) < 2:
            self._difference.add_unjudged()
            return
        old, new = (_seen(side) for side in zip(*looks, strict=True))
        before, after = (_score(_people(_seen(side)), len(both)) for side in zip(*both, strict=True))
        at_worst = None
        if len(both) < len(looks):
            at_worst = _at_best(old, len(looks)), _at_worst(new, len(looks))
        self._difference.add(before, after, at_worst)

    def verdict(self) -> Verdict:
        found = self._difference.verdict()
        begun = any(_described(pair.looks) for pair in self._block)
        return Verdict.INCONCLUSIVE if found is Verdict.UNSCORED and begun else found

    def told(self) -> MetricComparison:
        verdict, needed = self.verdict(), None
        if verdict is Verdict.INCONCLUSIVE:
            blocks = self._difference.needed()
            needed = None if blocks is None else BLOCK * blocks - len(self._block)
        return replace(
            self._difference.told(),
            verdict=verdict,
            pairs=BLOCK * self._difference.judged,
            unjudged=self._unjudged,
            needed=needed,
        )


def _different(pairs: Sequence[Pair]) -> list[Pair]:
    """Those that asked for a face which no earlier one asked for; a seed that was left to the service is a new one."""
    found: dict[object, Pair] = {}
    for place, pair in enumerate(pairs):
        said = pair.baseline.request_params
        face = (said.age, said.gender, said.seed) if said.seed is not None else place
        found.setdefault(face, pair)
    return list(found.values())


def _described(looks: tuple[Looked, Looked]) -> bool:
    return all(isinstance(look, Look) for look in looks)


def _seen(looks: Sequence[Looked]) -> list[Look]:
    return [look for look in looks if isinstance(look, Look)]


def _people(looks: Sequence[Look]) -> float:
    """The effective number of different people on them, from 1."""
    if len(looks) < 2:
        return 1.0
    return diversity(
        np.stack([look.vector for look in looks]),
        np.stack([look.bits for look in looks]),
        [""] * len(looks),
        half_distance=looks[0].half_distance,
    ).effective_people


def _score(people: float, pictures: int) -> float:
    return 100 * (people - 1) / (pictures - 1)


def _at_worst(looks: Sequence[Look], pictures: int) -> float:
    """The score of so many pictures if those that nobody described all show the one person who costs the most."""
    missing = pictures - len(looks)
    sets = [[*looks, *[look] * missing] for look in looks] if missing else [list(looks)]
    return _score(min(map(_people, sets), default=1.0), pictures)


def _at_best(looks: Sequence[Look], pictures: int) -> float:
    """The score of so many pictures if those that nobody described resemble nobody, nor each other.

    The eigenvalues of the similarities are then those of the described ones, and 1 for each of the others; the Vendi
    score is the exponential of their entropy.
    """
    if not looks:
        return 100.0
    seen = len(looks) / pictures
    entropy = seen * math.log(_people(looks) / seen) + (1 - seen) * math.log(pictures)
    return _score(math.exp(entropy), pictures)
