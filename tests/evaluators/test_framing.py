"""Is the whole head in the picture, and large enough?"""

from itertools import pairwise
from math import cos, radians

import numpy as np
import pytest
from PIL import Image

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.framing import Framing
from facemon.vision import subject as subject_module
from facemon.vision.face import Face
from facemon.vision.subject import Subject

PIXELS = np.zeros((10, 10, 3), np.uint8)
CHIN = 1.7  # eye distances below the eyes


def judged(monkeypatch, middle, apart, size=(1000, 1000), yaw=0.0, faces=1):
    """The answer on a picture with a face whose eyes lie there, so far apart as from the front."""
    (x, y), half = middle, apart * cos(radians(yaw)) / 2
    nose = (x + 0.43 * apart * np.sin(radians(yaw)), y + 0.7 * apart)
    face = Face((0, 0, 9, 9), (x - half, y), (x + half, y), nose, 1.0, None, PIXELS)
    monkeypatch.setattr(subject_module, "_find_faces", lambda _: (face,) * faces)
    subject = Subject(b"")
    subject.__dict__["rgb"] = Image.new("RGB", size)
    return Framing().evaluate(subject, Asked())


@pytest.mark.parametrize("apart", [110, 150, 185, 250, 300])
@pytest.mark.parametrize("aside", [-80, 0, 80])
@pytest.mark.parametrize("yaw", [-30, 0, 10])
def test_portraits_of_every_plausible_size_have_full_marks(monkeypatch, apart, aside, yaw):
    """Eyes at a tenth to a third of the picture, near its middle, the head turned a little or not."""
    found = judged(monkeypatch, (500 + aside, 400), apart, yaw=yaw)
    assert found.passed and found.score > 90 and found.reason == ""
    assert (found.raw, found.unit) == (pytest.approx(apart), "pixels between the eyes")


@pytest.mark.parametrize(
    ("middle", "words"),
    [
        ((40, 450), "cut off on the left: -0.3 eye distances beside the eye"),
        ((150, 450), "cut off on the left: 0.2 eye distances beside the eye"),
        ((850, 450), "cut off on the right: 0.2 eye distances beside the eye"),
        ((500, 100), "cut off above: 0.3 of the way from eyes to chin over the eyes"),
        ((500, 720), "cut off below: 0.8 of the way from eyes to chin under the eyes"),
    ],
)
def test_a_head_that_leaves_the_picture_fails(monkeypatch, middle, words):
    """Half outside, or with a cheek, the forehead or the chin cut off: the reason says where and how far."""
    found = judged(monkeypatch, middle, 200)
    assert not found.passed and found.score < 35 and found.reason == words


@pytest.mark.parametrize("direction", [(-1, 0), (1, 0), (0, -1), (0, 1)])
def test_the_score_falls_on_the_way_out(monkeypatch, direction):
    """Moved towards an edge in twenty steps it never rises and ends far below the threshold."""
    places = [(500 + 25 * step * direction[0], 450 + 25 * step * direction[1]) for step in range(21)]
    scores = [judged(monkeypatch, place, 190).score for place in places]
    assert all(later <= before + 0.1 for before, later in pairwise(scores))
    assert scores[0] > 95 and scores[-1] < 10


def test_a_tiny_face_fails_for_its_pixels(monkeypatch):
    """In a picture of 128 pixels the same composition has hardly a pixel for an eye."""
    found = judged(monkeypatch, (64, 55), 23, size=(128, 128))
    assert not found.passed and found.reason == "only 23 pixels between the eyes"


def test_a_tiny_head_fails_in_a_large_picture(monkeypatch):
    """Pixels enough, but from eyes to chin a tenth of the picture: it shows something else than a portrait."""
    found = judged(monkeypatch, (500, 450), 100 / CHIN)
    assert not found.passed
    assert found.reason == "a small head: from eyes to chin 10 % of the picture's shorter side"


@pytest.mark.parametrize("size", [(1000, 1800), (1800, 1000)])
def test_only_the_shorter_side_counts_for_the_size(monkeypatch, size):
    """A head in a tall or wide picture is as large as in a square one."""
    assert judged(monkeypatch, (500, 450), 150, size=size).score > 95


@pytest.mark.parametrize("faces", [0, 2])
def test_without_exactly_one_face_it_is_unscored(monkeypatch, faces):
    """Another evaluator says how many faces there are."""
    with pytest.raises(Unscored):
        judged(monkeypatch, (500, 450), 180, faces=faces)


def test_the_simulators_portraits(portraits, encode):
    """Drawn portraits are composed as they should be, and fail once the upper edge runs close over the eyes."""
    for portrait in portraits[:2]:
        whole = Subject(encode(portrait))
        assert Framing().evaluate(whole, Asked()).score >= 90
        (_, y), distance = whole.face.eye_middle, whole.face.eye_distance
        close = portrait.crop((0, round(y - 0.5 * distance), 512, 512))
        found = Framing().evaluate(Subject(encode(close)), Asked())
        assert not found.passed and found.reason.startswith("cut off above")
