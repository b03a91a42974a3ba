"""Is the face lit evenly from left and right?"""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.illumination import Illumination
from facemon.vision import subject as subject_module
from facemon.vision.face import Face
from facemon.vision.subject import Subject

SKIN = np.random.default_rng(1).normal(150, 15, (192, 160))


def judged(monkeypatch, light, faces=1):
    """The answer on skin of one kind under this light, a factor for each of 160 columns."""
    grey = np.clip(SKIN * light, 0, 255).astype(np.uint8)
    colours = np.repeat(grey[..., None], 3, axis=2)
    face = Face((0, 0, 159, 191), (48.0, 64.0), (112.0, 64.0), (80.0, 110.0), 1.0, None, colours)
    monkeypatch.setattr(subject_module, "_find_faces", lambda _: (face,) * faces)
    subject = Subject(b"")
    subject.__dict__["rgb"] = Image.fromarray(colours)
    return Illumination().evaluate(subject, Asked())


@pytest.mark.parametrize("exposure", [0.3, 1.0, 1.4])
def test_even_light_has_full_marks(monkeypatch, exposure):
    """Little of it or much."""
    found = judged(monkeypatch, np.full(160, exposure))
    assert (
        found.score > 98 and found.raw > 0.95 and found.unit == "of the grey values in common left and right"
    )


def test_light_from_one_side_is_heard_step_by_step_and_never_fails(monkeypatch):
    """The stronger the shadow, the less the halves have in common; it informs."""
    found = [
        judged(monkeypatch, np.linspace(1 + slope, 1 - slope, 160)) for slope in (0, 0.1, 0.2, 0.4, 0.6, 0.8)
    ]
    scores = [one.score for one in found]
    assert all(later < before for before, later in pairwise(scores)) and scores[-1] < 60
    assert all(one.passed and one.reason == "" for one in found)


def test_left_and_right_are_alike(monkeypatch):
    """Light from the other side gives the same score."""
    light = np.linspace(1.3, 0.7, 160)
    assert judged(monkeypatch, light).score == pytest.approx(judged(monkeypatch, light[::-1]).score, abs=1)


def test_one_half_in_darkness(monkeypatch):
    """Nothing in common is no marks at all."""
    found = judged(monkeypatch, np.repeat([1.0, 0.0], 80))
    assert found.raw < 0.02 and found.score < 35


@pytest.mark.parametrize("faces", [0, 2])
def test_without_exactly_one_face_it_is_unscored(monkeypatch, faces):
    """Another evaluator says how many faces there are."""
    with pytest.raises(Unscored):
        judged(monkeypatch, np.ones(160), faces)


def test_the_simulators_portraits(portraits, encode):
    """Drawn portraits are lit well, as far as this tells."""
    assert all(Illumination().evaluate(Subject(encode(one)), Asked()).score > 70 for one in portraits[:2])
