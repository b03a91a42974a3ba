"""Has the face tones from dark to light?"""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.dynamic_range import DynamicRange
from facemon.vision import subject as subject_module
from facemon.vision.face import Face
from facemon.vision.subject import Subject


def judged(monkeypatch, tones, faces=1):
    """The answer on a face made of so many tones, in equal shares, from light to dark in stripes."""
    rows = np.linspace(60, 200, tones).round()[np.arange(192) % tones]
    colours = np.broadcast_to(rows[:, None, None], (192, 160, 3)).astype(np.uint8)
    face = Face((0, 0, 159, 191), (48.0, 64.0), (112.0, 64.0), (80.0, 110.0), 1.0, None, colours)
    monkeypatch.setattr(subject_module, "_find_faces", lambda _: (face,) * faces)
    subject = Subject(b"")
    subject.__dict__["rgb"] = Image.fromarray(colours)
    return DynamicRange().evaluate(subject, Asked())


@pytest.mark.parametrize(("tones", "bits"), [(1, 0), (2, 1), (8, 3), (16, 4)])
def test_few_tones_fail(monkeypatch, tones, bits):
    """The raw measure is their entropy, the score a sixth of that each bit; the reason has the figure."""
    found = judged(monkeypatch, tones)
    assert (found.raw, found.unit) == (pytest.approx(bits, abs=0.03), "bits")
    assert found.score == pytest.approx(100 * bits / 6, abs=0.5) and not found.passed
    assert found.reason == f"few tones in the face: entropy of {bits}.0 bits"


@pytest.mark.parametrize("tones", [64, 90, 128])
def test_from_six_bits_on_more_tones_win_nothing(monkeypatch, tones):
    """So noise on a good picture wins nothing either."""
    found = judged(monkeypatch, tones)
    assert found.score == pytest.approx(100, abs=0.5) and found.passed and found.reason == ""


@pytest.mark.parametrize("faces", [0, 2])
def test_without_exactly_one_face_it_is_unscored(monkeypatch, faces):
    """Another evaluator says how many faces there are."""
    with pytest.raises(Unscored):
        judged(monkeypatch, 64, faces)


def test_the_simulators_portraits_lose_their_contrast(portraits):
    """Each has full marks; flattened towards grey in ten steps it never gains, and fails at an eighth."""
    for portrait in portraits:
        scores = []
        for contrast in np.geomspace(1, 1 / 8, 11):
            subject = Subject(b"")
            subject.__dict__["rgb"] = portrait.point(
                lambda value, by=contrast: round(127 + (value - 127) * by)
            )
            if len(subject.faces) == 1:
                scores.append(DynamicRange().evaluate(subject, Asked()).score)
        assert scores[0] > 98 and scores[-1] < 75
        assert all(later <= before + 1 for before, later in pairwise(scores))
