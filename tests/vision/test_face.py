"""Plain geometry on a box and five landmarks."""

from math import cos, radians, sin

import numpy as np
import pytest

from facemon.vision.face import _NOSE_DEPTH, Face, placed
from facemon.vision.models import Sighting

PIXELS = np.zeros((10, 10, 3), np.uint8)


def turned(yaw=0.0, roll=0.0, apart=100.0, middle=(300.0, 200.0)):
    """A head whose eyes are so far apart, turned about its own axis, then leaning, seen from far away."""
    turn, lean = radians(yaw), radians(roll)
    flat = [
        (-apart / 2 * cos(turn), 0.0),
        (apart / 2 * cos(turn), 0.0),
        (_NOSE_DEPTH * apart * sin(turn), 0.7 * apart),
    ]
    points = [
        (middle[0] + x * cos(lean) - y * sin(lean), middle[1] + x * sin(lean) + y * cos(lean))
        for x, y in flat
    ]
    return Face((0, 0, 9, 9), *points, confidence=1.0, sighting=None, pixels=PIXELS)


@pytest.mark.parametrize("yaw", [-50, -20, -5, 0, 5, 30, 60])
@pytest.mark.parametrize("roll", [-40, 0, 15])
def test_angles_of_a_turned_head(yaw, roll):
    """Both angles are found again, with their signs, whatever the other is."""
    face = turned(yaw, roll)
    assert face.yaw == pytest.approx(yaw, abs=1e-6) and face.roll == pytest.approx(roll, abs=1e-6)


@pytest.mark.parametrize("yaw", [-45, 0, 20, 60])
def test_distance_between_the_eyes_as_from_the_front(yaw):
    """Turning brings the eyes together in the picture; the head is no smaller for that."""
    face = turned(yaw, 10, apart=80)
    assert face.eye_distance == pytest.approx(80 * cos(radians(yaw)))
    assert face.frontal_eye_distance == pytest.approx(80)
    assert face.chin_drop == pytest.approx(1.7 * 80)


def test_a_nose_far_aside_makes_no_giant():
    """Where landmarks contradict each other the distance is doubled at most."""
    face = Face((0, 0, 9, 9), (4.0, 5.0), (5.0, 5.0), (90.0, 6.0), 0.1, None, PIXELS)
    assert 80 < face.yaw < 90 and face.frontal_eye_distance == pytest.approx(2)


def test_eyes_in_one_place():
    """Landmarks that fell together divide nothing by nothing."""
    face = Face((0, 0, 9, 9), (5.0, 5.0), (5.0, 5.0), (5.0, 5.0), 0.1, None, PIXELS)
    assert (face.yaw, face.roll, face.frontal_eye_distance) == (0, 0, 0)


def test_a_sighting_is_placed_in_the_larger_picture():
    """Pixel n of the reduced picture covers n to n+1 times the scale; an eye is the middle of its two corners.

    The detector names the eye on the right first.
    """
    points = np.array([(7, 3), (5, 3), (1, 2), (3, 2), (4, 6)], float)
    face = placed(Sighting((0, 1, 8, 9), points, 0.7, None), PIXELS, 4.0)
    assert face.box == (0, 4, 36, 40) and face.size == (36, 36)
    assert (face.left_eye, face.right_eye, face.nose) == ((10, 10), (26, 14), (18, 26))
    assert face.eye_middle == (18, 12) and face.roll > 0 and face.confidence == 0.7
