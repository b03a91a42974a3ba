"""Is the face neither too dark nor burnt to white?"""

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.exposure import Exposure
from facemon.vision import subject as subject_module
from facemon.vision.face import Face
from facemon.vision.subject import Subject


def judged(monkeypatch, pixels, faces=1):
    """The answer on these pixels, shape (192, 160), seen as a face."""
    colours = np.repeat(np.asarray(pixels, np.uint8)[..., None], 3, axis=2)
    face = Face((0, 0, 159, 191), (48.0, 64.0), (112.0, 64.0), (80.0, 110.0), 1.0, None, colours)
    monkeypatch.setattr(subject_module, "_find_faces", lambda _: (face,) * faces)
    subject = Subject(b"")
    subject.__dict__["rgb"] = Image.fromarray(colours)
    return Exposure().evaluate(subject, Asked())


def skin(darkest, lightest):
    """A face with an even share of each grey value between these."""
    values = np.random.default_rng(1).permutation(np.linspace(darkest, lightest, 192 * 160))
    return values.reshape(192, 160)


@pytest.mark.parametrize(("darkest", "lightest"), [(15, 120), (40, 150), (80, 200), (120, 240)])
def test_skin_of_every_colour_in_good_light(monkeypatch, darkest, lightest):
    """Dark skin has lights on it too: its mean of a quarter of white is no fault."""
    found = judged(monkeypatch, skin(darkest, lightest))
    assert found.passed and found.score > 98 and found.reason == ""


@pytest.mark.parametrize("gain", [0.15, 0.2, 0.25])
@pytest.mark.parametrize(("darkest", "lightest"), [(15, 120), (120, 240)])
def test_any_of_them_without_light_fails(monkeypatch, darkest, lightest, gain):
    """Light skin in a quarter of the light fails as dark skin does; the reason has the highlights."""
    found = judged(monkeypatch, skin(darkest * gain, lightest * gain))
    assert not found.passed and found.score < 40
    assert found.reason == f"the face is too dark: its highlights reach {100 * found.raw:.0f} % of white"


@pytest.mark.parametrize(("share", "passes"), [(0.01, True), (0.05, True), (0.3, False), (0.8, False)])
def test_a_burnt_face_fails_and_a_shining_forehead_does_not(monkeypatch, share, passes):
    """The share of white pixels decides; the reason has it."""
    pixels = skin(100, 200)
    pixels[np.random.default_rng(2).random(pixels.shape) < share] = 255
    found = judged(monkeypatch, pixels)
    assert found.passed == passes == (found.score > 50)
    if not passes:
        assert found.reason.endswith("% of the face is burnt to white") and found.score < 5


def test_hair_and_wall_do_not_count(monkeypatch):
    """Only the face itself: a black frame around it and a white one are the same."""
    black, white = np.zeros((192, 160)), np.full((192, 160), 255)
    for frame in (black, white):
        frame[18:178, 24:136] = 150  # the ellipse's own bounds
    assert judged(monkeypatch, black).raw == pytest.approx(150 / 255, abs=0.01)
    assert judged(monkeypatch, white).score < judged(monkeypatch, black).score, (
        "the corners of the bounds are skin"
    )


@pytest.mark.parametrize("faces", [0, 2])
def test_without_exactly_one_face_it_is_unscored(monkeypatch, faces):
    """Another evaluator says how many faces there are."""
    with pytest.raises(Unscored):
        judged(monkeypatch, skin(90, 200), faces)


@pytest.mark.parametrize("gains", [np.linspace(1, 0.1, 11), np.linspace(1, 4, 13)], ids=["darker", "lighter"])
def test_the_simulators_portraits_step_by_step(portraits, gains):
    """Each drawn portrait has full marks; darker or lighter in ten steps it never gains, and ends far below 50.

    As long as the detector finds the face at all.
    """
    for portrait in portraits:
        scores = []
        for gain in gains:
            subject = Subject(b"")
            subject.__dict__["rgb"] = portrait.point(lambda value, by=gain: min(255, round(value * by)))
            if len(subject.faces) == 1:
                scores.append(Exposure().evaluate(subject, Asked()).score)
        assert scores[0] > 98 and scores[-1] < 20
        assert all(later <= before + 0.5 for before, later in pairwise(scores))
