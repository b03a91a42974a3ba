"""The worse the picture, the lower its score: over every kind of degradation, in small steps."""

from __future__ import annotations

from itertools import pairwise

import pytest
from degradation import DEGRADATIONS, Degradation, Step, walk

from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Asked
from facemon.model import AGES, GENDERS
from facemon.scoring import default_evaluators
from facemon.simulator.portraits.photograph import photograph

RISE = 2.0  # points that a score may gain from one step to the next
SIZES = ((1024, 1024), (640, 768))
# All twelve cells at each size, each portrait with a seed of its own.
PORTRAITS = [
    (age, gender, 1 + 1000 * size + 10 * AGES.index(age) + GENDERS.index(gender), *SIZES[size])
    for size in range(len(SIZES))
    for age in AGES
    for gender in GENDERS
]


def no_rise(scores: list[float | None]) -> bool:
    """Whether none of those that are known lies above the one before."""
    known = [score for score in scores if score is not None]
    return all(later <= earlier + RISE for earlier, later in pairwise(known))


def assert_heard(steps: list[Step], degradation: Degradation) -> None:
    """The component starts at full marks or nearly, falls and ends far below its threshold, and the total with it."""
    parts, totals = [step.part.score for step in steps], [step.total for step in steps]
    threshold = EVALUATORS[degradation.component]().threshold
    assert parts[0] is not None and parts[0] >= 90 and totals[0] is not None, parts
    assert no_rise(parts), parts
    assert no_rise(totals), totals
    for step in steps:  # what cannot be judged any more must not look like a good picture
        assert step.part.score is not None or not step.total, (parts, totals)
    assert threshold is not None
    assert (parts[-1] or 0) < threshold.score / 2, parts
    assert (totals[-1] or 0) < totals[0] - 10, totals


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_a_small_portrait(name):
    """The quick one: each degradation is heard on one portrait of 512 by 512 pixels."""
    image, asked = photograph(40, "female", 7, 512, 512), Asked("png", (512, 512))
    assert_heard(walk(image, DEGRADATIONS[name], default_evaluators(), asked), DEGRADATIONS[name])


def pytest_generate_tests(metafunc):
    """All portraits with `--long`, else every fifth: both sizes, both genders, several ages."""
    if "portrait" in metafunc.fixturenames:
        chosen = PORTRAITS if metafunc.config.getoption("--long") else PORTRAITS[::5]
        metafunc.parametrize("portrait", chosen, ids=lambda key: "-".join(map(str, key)))


@pytest.mark.e2e
@pytest.mark.slow
def test_each_degradation_is_heard_on_every_portrait(portrait):
    """All twelve cells at two sizes: whatever is done to the picture, its component and the total go down with it."""
    age, gender, seed, width, height = portrait
    image = photograph(age, gender, seed, width, height)
    for degradation in DEGRADATIONS.values():
        steps = walk(image, degradation, default_evaluators(), Asked("png", (width, height)))
        assert_heard(steps, degradation)
