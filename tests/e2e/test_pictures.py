"""What the judges say of the simulator's pictures: the clean ones are what was asked, each spoilt one is heard."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import product

import pytest
from detection import ADHERENCE, MATRIX, QUALITY

from facemon.analysis.collapse import judge
from facemon.analysis.portrait_set import compare
from facemon.evaluators.base import Asked
from facemon.model import AGES, GENDERS, Score, ScoreVerdict
from facemon.scoring import default_evaluators, score
from facemon.simulator.faults import FAULTS
from facemon.simulator.portraits import PictureCache, PictureKey
from facemon.simulator.studio import touched_key
from facemon.vision.descriptors import ClassicalDescriptor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SIZE, FORMAT = (1536, 1536), "png"  # what the default model serves, in the default format
CELLS = list(product(AGES, GENDERS))
SEEDS = range(5001, 5021)
AGE_TOLERANCE = 10  # years
SPOILT = {row.fault: row.check for row in MATRIX if row.check in (QUALITY, ADHERENCE)}

Scores = dict[str, Score]


def judged(place: tuple[str | None, int, str, int]) -> tuple[Scores, tuple[str | None, int, str, int]]:
    """One picture as it is served, under a fault or none, and what all default evaluators say of it."""
    fault, age, gender, seed = place
    key = PictureKey(age, gender, seed, *SIZE, FORMAT)
    if fault is not None:
        key = touched_key(key, FAULTS[fault]().touch(None))  # type: ignore[attr-defined]
    data = PictureCache(None).get(key)
    found = score(data, Asked(FORMAT, SIZE, age, gender), default_evaluators())
    return {one.evaluator: one for one in found}, place


@pytest.fixture(scope="module")
def judge_all() -> Iterator[Callable[[Iterable[object]], list[tuple[Scores, tuple[object, ...]]]]]:
    """Judges pictures in two processes."""
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield lambda places: list(pool.map(judged, places, chunksize=4))


def as_asked(scores: Scores, age: int) -> bool:
    """Exactly one face, the gender asked for, and an apparent age within ten years."""
    if scores["face_count"].raw != 1:
        return False
    gender, apparent = scores["gender"], scores["age"].raw
    return (
        gender.raw is not None
        and gender.raw > 0.5
        and apparent is not None
        and abs(apparent - age) <= AGE_TOLERANCE
    )


def heard(scores: Scores, check: str) -> bool:
    """Whether the check that is there for it would count this picture as a fault."""
    failed = {name for name, one in scores.items() if one.verdict is ScoreVerdict.FAILED}
    if check == QUALITY:
        return any(scores[name].weight > 0 for name in failed)
    return bool(failed & {"gender", "prompt_adherence"})


def test_portraits_show_what_was_asked(
    judge_all: Callable[..., list[tuple[Scores, tuple[None, int, str, int]]]], long_run: bool
) -> None:
    """Twelve cells, twenty seeds each (five in the short run): 99 % are one face of that gender and age, and pass."""
    answers = judge_all(
        [
            (None, age, gender, seed)
            for (age, gender), seed in product(CELLS, SEEDS if long_run else SEEDS[:5])
        ]
    )
    missed = [
        (place, scores["age"].raw, scores["gender"].raw)
        for scores, place in answers
        if not as_asked(scores, place[1])
    ]
    assert len(missed) <= 0.01 * len(answers), missed
    failed = [
        (place, name, one.reason)
        for scores, place in answers
        for name, one in scores.items()
        if one.verdict is not ScoreVerdict.PASSED
    ]
    assert len({place for place, _, _ in failed}) <= 0.01 * len(answers), failed


@pytest.mark.parametrize("fault", sorted(SPOILT))
def test_a_spoilt_picture_is_heard(
    fault: str, judge_all: Callable[..., list[tuple[Scores, tuple[str, int, str, int]]]], long_run: bool
) -> None:
    """Under a fault of the picture at least 99 of 100 (all of 12 in the short run) fail what its check asks."""
    count = 100 if long_run else 12
    places = [(fault, *CELLS[number % len(CELLS)], 7001 + number) for number in range(count)]
    answers = judge_all(places)
    silent = [place for scores, place in answers if not heard(scores, SPOILT[fault])]
    assert len(silent) <= count // 100, silent


def test_the_same_face_for_every_seed_is_heard(long_run: bool) -> None:
    """Eight seeds, one face: the set is a collapse; eight seeds, eight faces: it is none; in each cell."""
    cache, descriptor = PictureCache(None), ClassicalDescriptor()
    touch = FAULTS["same_face"]().touch(None)  # type: ignore[attr-defined]
    for number, (age, gender) in enumerate(CELLS if long_run else CELLS[::3]):
        keys = [PictureKey(age, gender, 100 * number + seed, *SIZE, FORMAT) for seed in range(1, 9)]
        clean = compare([(str(key.seed), cache.get(key)) for key in keys], descriptor)
        spoilt = compare([(str(key.seed), cache.get(touched_key(key, touch))) for key in keys], descriptor)
        assert judge(clean).passed, (age, gender, judge(clean).reason)
        assert not judge(spoilt).passed
