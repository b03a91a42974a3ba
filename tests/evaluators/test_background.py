"""Is it calm around the head?"""

import numpy as np
import pytest
from PIL import Image

from facemon.evaluators.background import Background
from facemon.evaluators.base import Asked, Unscored
from facemon.vision import subject as subject_module
from facemon.vision.face import Face
from facemon.vision.subject import Subject


def judged(monkeypatch, grey, middle=(128, 110), apart=46, scale=1, faces=1):
    """The answer on a picture `scale` times as large as these pixels, with a face there."""
    colours = np.repeat(np.asarray(grey, np.uint8)[..., None], 3, axis=2)
    (x, y), half = ((place * scale for place in middle), apart * scale / 2)
    face = Face((0, 0, 9, 9), (x - half, y), (x + half, y), (x, y + half), 1.0, None, colours)
    monkeypatch.setattr(subject_module, "_find_faces", lambda _: (face,) * faces)
    subject = Subject(b"")
    subject.__dict__["rgb"] = Image.new("RGB", (colours.shape[1] * scale, colours.shape[0] * scale))
    return Background().evaluate(subject, Asked())


def wall(busy=0.0, side=256):
    """A wall with so much deviation from grey."""
    return np.clip(np.random.default_rng(1).normal(127, busy, (side, side)), 0, 255)


def test_an_even_wall_has_full_marks(monkeypatch):
    """No gradient at all, or one of a few grey values from side to side."""
    found = judged(monkeypatch, wall())
    assert (found.raw, found.unit) == (0, "grey values of Sobel gradient")
    assert found.score == pytest.approx(99.75, abs=0.01)
    assert judged(monkeypatch, np.tile(np.linspace(100, 140, 256), (256, 1))).score > 98


def test_a_slope_by_hand(monkeypatch):
    """One grey value a pixel is a gradient of 8: 190 (1 - 1 / (1 + exp(0.02))), which is 95.95."""
    found = judged(monkeypatch, np.tile(np.arange(256), (256, 1)))
    assert found.raw == pytest.approx(8) and found.score == pytest.approx(95.95, abs=0.01)


def test_the_busier_the_lower_and_never_failing(monkeypatch):
    """It informs."""
    found = [judged(monkeypatch, wall(busy)) for busy in (0, 5, 10, 20, 40, 80)]
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True) and scores[-1] < 30
    assert all(one.passed and one.reason == "" for one in found)


@pytest.mark.parametrize("scale", [1, 4])
def test_head_and_shoulders_do_not_count(monkeypatch, scale):
    """What lies between the strips, or below the chin, may be as lively as it likes; what lies in them counts."""
    grey, busy = wall(), wall(80)
    grey[:, 40:216] = busy[:, 40:216]
    grey[190:] = busy[190:]
    assert judged(monkeypatch, grey, scale=scale).raw == 0
    grey[50:90, :20] = busy[50:90, :20]
    assert judged(monkeypatch, grey, scale=scale).raw > 5


@pytest.mark.parametrize("middle", [(-40, -60), (0, 0), (64, 64), (128, 128), (300, 500)])
@pytest.mark.parametrize("apart", [0, 1, 46, 400])
def test_wherever_the_face_is_there_is_an_answer(monkeypatch, middle, apart):
    """Filling the picture, half outside or beyond it: the strips are never empty, and no warning is raised."""
    assert 0 <= judged(monkeypatch, wall(20, 128), middle, apart).score <= 100


@pytest.mark.parametrize("faces", [0, 2])
def test_without_exactly_one_face_it_is_unscored(monkeypatch, faces):
    """Another evaluator says how many faces there are."""
    with pytest.raises(Unscored):
        judged(monkeypatch, wall(), faces=faces)


def test_the_simulators_portraits(portraits, encode):
    """Drawn portraits stand before a calm wall."""
    assert all(Background().evaluate(Subject(encode(one)), Asked()).score >= 90 for one in portraits[:2])
