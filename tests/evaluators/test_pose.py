"""Does the face look at the camera, upright?"""

from math import cos, radians, sin

import numpy as np
import pytest

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.pose import Pose
from facemon.vision import subject as subject_module
from facemon.vision.face import Face
from facemon.vision.subject import Subject


def judged(monkeypatch, yaw=0.0, roll=0.0, faces=1):
    """The answer on a face turned and leaning so many degrees."""
    turn, lean = radians(yaw), radians(roll)
    flat = [(-50 * cos(turn), 0), (50 * cos(turn), 0), (43 * sin(turn), 70)]
    points = [(300 + x * cos(lean) - y * sin(lean), 200 + x * sin(lean) + y * cos(lean)) for x, y in flat]
    face = Face((0, 0, 9, 9), *points, 1.0, None, np.zeros((9, 9, 3), np.uint8))
    monkeypatch.setattr(subject_module, "_find_faces", lambda _: (face,) * faces)
    return Pose().evaluate(Subject(b""), Asked())


@pytest.mark.parametrize("angle", [-14, -5, 0, 8, 14])
@pytest.mark.parametrize("kind", ["yaw", "roll"])
def test_a_slight_turn_costs_nothing(monkeypatch, kind, angle):
    """Full marks within 15 degrees to either side, for both angles."""
    found = judged(monkeypatch, **{kind: angle})
    assert (found.score, found.unit) == (100, "degrees") and found.raw == pytest.approx(abs(angle), abs=1e-6)


@pytest.mark.parametrize(("angle", "score"), [(25, 96.98), (45, 75), (60, 50)])
@pytest.mark.parametrize("kind", ["yaw", "roll"])
def test_the_squared_cosine_of_what_exceeds_that(monkeypatch, kind, angle, score):
    """By hand: cos² of 10, 30 and 45 degrees."""
    assert judged(monkeypatch, **{kind: -angle}).score == pytest.approx(score, abs=0.01)


@pytest.mark.parametrize(
    ("angles", "reason"),
    [
        ({"yaw": 44, "roll": -40}, ""),
        ({"yaw": -60, "roll": 20}, "the head is turned aside by 60 degrees"),
        ({"yaw": 20, "roll": 50}, "the head is leaning by 50 degrees"),
        ({"roll": 180}, "the head is leaning by 180 degrees"),
    ],
)
def test_the_larger_angle_decides_from_45_degrees_on(monkeypatch, angles, reason):
    """And the reason names it."""
    found = judged(monkeypatch, **angles)
    assert (found.passed, found.reason) == (not reason, reason)


def test_the_score_falls_with_the_angle(monkeypatch):
    """In steps of three degrees up to ninety, without a rise."""
    scores = [judged(monkeypatch, yaw=angle).score for angle in range(0, 90, 3)]
    assert scores == sorted(scores, reverse=True) and scores[-1] < 10


@pytest.mark.parametrize("faces", [0, 2])
def test_without_exactly_one_face_it_is_unscored(monkeypatch, faces):
    """Another evaluator says how many faces there are."""
    with pytest.raises(Unscored):
        judged(monkeypatch, faces=faces)


def test_the_simulators_portraits(portraits, encode):
    """Drawn portraits look at the camera; laid on a slant of 22 degrees one is seen to lean by as much."""
    for portrait in portraits:
        assert Pose().evaluate(Subject(encode(portrait)), Asked()).score >= 98
    slanted = portraits[0].rotate(22, fillcolor=(150, 150, 150))
    assert Pose().evaluate(Subject(encode(slanted)), Asked()).raw == pytest.approx(22, abs=5)
