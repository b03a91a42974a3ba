"""The diversity of blocks of pairs: the same faces again fail, new ones pass, and no undescribed one helps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from facemon.analysis.diversity import diversity
from facemon.release.comparison import Comparison, GateVerdict, compare
from facemon.release.diversity_measure import BLOCK, DiversityMeasure
from facemon.release.looks import Look, Looked, Pair, Undescribed
from facemon.release.margins import DEFAULTS, Margin, margins_of
from facemon.release.mean_difference import MeanDifference
from facemon.release.measure import MetricComparison
from facemon.slo.judging import ALPHA, Verdict
from tests.release.pairs import failed, pair, pairs, person, record

MARGIN = Margin("diversity_score", None, 10.0)
GOOD = record()
UNSEEN = Undescribed("no face was found")
Paints = Callable[[int], Looked]


def asked(count: int, candidate: Paints, baseline: Paints = person) -> list[Pair]:
    """New faces; whom each side paints for a seed."""
    return [
        replace(each, looks=(baseline(seed), candidate(seed)))
        for seed, each in enumerate(pairs(count, GOOD, GOOD), 1)
    ]


def one_of(people: int) -> Paints:
    """A service that has learnt so many people and no more."""
    return lambda seed: person(seed % people)


def told(compared: list[Pair]) -> MetricComparison:
    return measured(compared).told()


def measured(compared: list[Pair]) -> DiversityMeasure:
    measure = DiversityMeasure(MARGIN, ALPHA)
    for each in compared:
        measure.add(each)
    return measure


def score_of(looks: list[Look]) -> float:
    names = [str(place) for place in range(len(looks))]
    return diversity(np.stack([x.vector for x in looks]), np.stack([x.bits for x in looks]), names).score


@pytest.mark.parametrize("people", [1, 2, 6])
def test_a_candidate_that_shows_the_same_faces_is_failed_by_name(people: int) -> None:
    """Every picture is sound and fits its prompt: only diversity fails, and says where it is sure."""
    found = compare(asked(600, one_of(people)))
    assert found.verdict is Verdict.FAIL
    bad = [each for each in found.metrics if each.verdict is Verdict.FAIL]
    assert [each.margin.name for each in bad] == ["diversity_score"]
    assert bad[0].upper <= -10
    assert bad[0].baseline == pytest.approx(100, abs=0.1)
    assert bad[0].candidate == pytest.approx(100 * (people - 1) / 11, abs=0.1)


def test_the_figures_are_those_of_the_score_of_twelve() -> None:
    """Mean over the blocks of the published score of their portraits, of both sides."""
    compared = asked(2 * BLOCK, lambda seed: person(seed % 5), lambda seed: person(seed % 9))
    found = told(compared)
    for side, figure in ((0, found.baseline), (1, found.candidate)):
        looks = [each.looks[side] for each in compared]
        seen = [look for look in looks if isinstance(look, Look)]
        assert figure == pytest.approx((score_of(seen[:BLOCK]) + score_of(seen[BLOCK:])) / 2)
    assert found.difference == pytest.approx((found.candidate or 0) - (found.baseline or 0))


def test_only_full_blocks_are_told_and_what_is_missing_is_told_in_pairs() -> None:
    """Of 30 pairs 24 count; 37 blocks decide between two that are alike, so that 414 pairs are missing."""
    found = told(asked(30, person))
    assert (found.verdict, found.pairs) == (Verdict.INCONCLUSIVE, 24)
    assert found.needed == 37 * BLOCK - 30
    assert measured(asked(37 * BLOCK - 1, person)).verdict() is Verdict.INCONCLUSIVE
    assert measured(asked(37 * BLOCK, person)).verdict() is Verdict.PASS


def test_a_block_that_has_begun_is_not_nothing() -> None:
    """Too few pairs for a block are too few samples (10), not blindness (11), and what it takes is said."""
    found = told(asked(2, person))
    assert (found.verdict, found.pairs, found.candidate) == (Verdict.INCONCLUSIVE, 0, None)
    assert found.needed == 37 * BLOCK - 2
    assert told([]).verdict is Verdict.UNSCORED


def test_a_pair_without_both_pictures_belongs_to_no_block() -> None:
    """Whether pictures come is another metric's question."""
    lost = [pair(seed, GOOD, failed()) if seed % 2 else pair(seed, GOOD, GOOD) for seed in range(1, 49)]
    found = told(lost)
    assert (found.pairs, found.unjudged) == (24, 0)
    assert found.difference == pytest.approx(0)


def test_a_face_that_was_asked_for_twice_counts_once() -> None:
    """It is the same by contract: neither side loses by it, and a collapse is not hidden by it."""
    twice = [each for each in asked(120, person) for _ in range(2)]
    assert told(twice).candidate == pytest.approx(100, abs=0.1)
    hidden = [each for each in asked(120, one_of(1)) for _ in range(2)]
    assert told(hidden).candidate == pytest.approx(0, abs=0.1)


def test_one_face_again_and_again_says_nothing() -> None:
    """A single face has no diversity: no data, and no pass."""
    assert told(asked(1, person) * 600).pairs == 0
    assert measured(asked(1, person) * 600).verdict() is Verdict.UNSCORED


def test_a_seed_left_to_the_service_is_a_new_face() -> None:
    """Nobody said that it should be the same."""
    unseeded = [
        replace(each, baseline=replace(each.baseline, request_params=replace(GOOD.request_params, seed=None)))
        for each in asked(BLOCK, person)
    ]
    assert told(unseeded).candidate == pytest.approx(100, abs=0.1)


def test_an_undescribed_picture_never_helps_a_candidate_to_pass() -> None:
    """One that shows no face on half of its pictures does not pass, though the others are as diverse as can be."""

    def hides(seed: int) -> Looked:
        return person(seed) if seed % BLOCK < 6 else UNSEEN

    found = told(asked(100 * BLOCK, hides))
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.candidate == pytest.approx(100, abs=0.1)  # of those that were described
    assert found.lower < -50
    assert found.unjudged == 600


def test_a_baseline_that_nobody_described_is_taken_at_its_best() -> None:
    """Beside one of five people, which may have others on the rest, a candidate of five people does not pass."""

    def hides(seed: int) -> Looked:
        return person(seed % 5) if seed % BLOCK < 8 else UNSEEN

    open_one = told(asked(100 * BLOCK, one_of(5), hides))
    assert open_one.verdict is Verdict.INCONCLUSIVE
    seen = told(asked(100 * BLOCK, one_of(5), one_of(5)))
    assert seen.verdict is Verdict.PASS


@pytest.mark.parametrize("missing", [1, 4, 11, 12])
def test_undescribed_pictures_are_bounded_by_every_way_they_could_look(missing: int) -> None:
    """Whoever is on them, the real score lies between the worst and the best that it is taken for."""
    chance = np.random.default_rng(missing)
    described = [person(int(who)) for who in chance.integers(4, size=BLOCK - missing)]
    compared = [
        replace(each, looks=(person(1), look))
        for each, look in zip(pairs(BLOCK, GOOD, GOOD), [*described, *[UNSEEN] * missing], strict=True)
    ]
    as_candidate = _for_pass(compared)
    as_baseline = _for_pass([replace(each, looks=each.looks[::-1]) for each in compared])
    for _ in range(20):
        real = score_of([*described, *(person(int(who)) for who in chance.integers(8, size=missing))])
        assert as_candidate <= real + 1e-9
        assert as_baseline <= -real + 1e-9


def _for_pass(block: list[Pair]) -> float:
    """What a block counts when the question is whether to pass, in points; the other side shows one person only."""
    measure = measured(block)
    return 100 * measure._difference._gained_at_worst[0]


def test_an_undescribed_picture_never_fails_a_candidate() -> None:
    """One that hides most of its faces and is as diverse as its baseline in the others is not failed for it."""

    def hides(seed: int) -> Looked:
        return person(seed) if seed % 4 == 0 else UNSEEN

    assert measured(asked(200 * BLOCK, hides)).verdict() is Verdict.INCONCLUSIVE
    assert measured(asked(200 * BLOCK, lambda _: UNSEEN)).verdict() is Verdict.UNSCORED


def test_pictures_that_nobody_can_describe_are_unknown_and_not_open() -> None:
    """Where the model is missing the gate says so after five pairs; where the picture is faulty, that has been seen."""
    unseen = compare(asked(100, lambda _: UNSEEN, lambda _: UNSEEN), [MARGIN])
    assert (unseen.verdict, unseen.pairs) == (Verdict.UNSCORED, 5)
    assert "a picture has no score (diversity_score: no face was found), 5 times in a row" in unseen.blind
    bad = [
        replace(each, candidate=record(sound=False, adherence=None)) for each in asked(100, lambda _: UNSEEN)
    ]
    found = compare(bad)
    assert not found.blind
    assert found.verdict is Verdict.FAIL


def test_records_that_nobody_looked_at_are_no_pass() -> None:
    """Without a look there is no diversity, however well everything else is."""
    found: GateVerdict = compare([Pair(GOOD, GOOD)] * 600)
    assert found.verdict is Verdict.UNSCORED
    assert "it was not judged" in found.blind


def test_it_costs_the_other_metrics_a_share_of_the_fails() -> None:
    """Bonferroni over one metric more: a fail takes a little longer with it than without it."""
    bad = record(sound=False)
    alone = margins_of(["diversity_score=off"])
    assert compare(pairs(60, GOOD, bad), alone).pairs <= compare(pairs(60, GOOD, bad)).pairs
    assert len(Comparison(DEFAULTS).verdict().metrics) == len(alone) + 1


@pytest.mark.parametrize("wrong", [Verdict.PASS, Verdict.FAIL])
def test_at_the_margin_it_is_seldom_wrong_however_often_one_looks(wrong: Verdict) -> None:
    """Scores whose means are 10 points apart, 150 gates of 150 blocks: at most 5 % (and what chance adds) are wrong."""
    chance = np.random.default_rng(5)
    decided = 0
    for _ in range(150):
        blocks = MeanDifference(MARGIN, ALPHA)
        old = 100 * chance.beta(30, 2, 150)
        new = 100 * chance.beta(30, 2, 150) - 10
        for before, after in zip(old, new, strict=True):
            blocks.add(float(before), float(after))
            if blocks.verdict() is not Verdict.INCONCLUSIVE:
                break
        decided += blocks.verdict() is wrong
    assert decided <= 14  # 5 % are 7.5; more than 14 come once in 100 at that rate
