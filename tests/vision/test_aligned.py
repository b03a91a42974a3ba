"""The face upright and at one size."""

from math import cos, radians, sin

import numpy as np
import pytest
from PIL import Image

from facemon.vision import aligned
from facemon.vision import subject as subject_module
from facemon.vision.aligned import (
    aligned_face,
    aligned_luminance,
    cheeks,
    face_halves,
    face_luminance,
    face_mask,
)
from facemon.vision.face import Face
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unscored

GREEN, RED, BLUE, GREY = (0, 255, 0), (255, 0, 0), (0, 0, 255), (90, 90, 90)


def spotted(roll=0.0, apart=60.0, middle=(160.0, 120.0), scale=1.0):
    """A grey picture with a red left eye, a green right one and a blue chin, and the face that these make.

    scale: how much larger the picture is than the pixels in which the face was found.
    """
    across, down = cos(radians(roll)), sin(radians(roll))
    places = {
        colour: (middle[0] + apart * (x * across - y * down), middle[1] + apart * (x * down + y * across))
        for colour, x, y in ((RED, -0.5, 0), (GREEN, 0.5, 0), (BLUE, 0, 1.5))
    }
    rows, columns = np.mgrid[:300, :320] + 0.5
    pixels = np.full((300, 320, 3), GREY, np.uint8)
    for colour, (x, y) in places.items():
        pixels[np.hypot(columns - x, rows - y) < apart / 8] = colour
    left, right, chin = ((x * scale, y * scale) for x, y in places.values())
    face = Face((0, 0, 9, 9), left, right, chin, 1.0, None, pixels)
    return face, Image.new("RGB", (round(320 * scale), round(300 * scale)))


def seen(monkeypatch, *faces, picture=None):
    """A picture in which the detector sees these faces."""
    monkeypatch.setattr(subject_module, "_find_faces", lambda _: faces)
    subject = Subject(b"")
    subject.__dict__["rgb"] = picture
    return subject


@pytest.mark.parametrize("roll", [-35, 0, 10, 80])
@pytest.mark.parametrize("apart", [25, 60])
@pytest.mark.parametrize("scale", [1.0, 4.0])
def test_eyes_and_chin_come_to_the_same_places(monkeypatch, roll, apart, scale):
    """However large the face, however it leans, and whatever it was reduced by before."""
    face, picture = spotted(roll, apart, scale=scale)
    view = aligned_face(seen(monkeypatch, face, picture=picture))
    assert view.shape == (192, 160, 3) and view.dtype == np.uint8
    found = [tuple(view[place]) for place in ((64, 48), (64, 112), (64 + 96, 80))]
    assert found == [RED, GREEN, BLUE]
    assert tuple(view[100, 80]) == GREY


def test_luminance_is_that_of_the_view(monkeypatch):
    """In grey values, for the whole view or the face alone."""
    face, picture = spotted()
    subject = seen(monkeypatch, face, picture=picture)
    grey = aligned_luminance(subject)
    assert grey.shape == (192, 160) and grey[64, 48] == pytest.approx(76.2, abs=0.1)
    assert face_luminance(subject).shape == (int(face_mask().sum()),)


@pytest.mark.parametrize("count", [0, 2])
def test_without_one_face_there_is_no_view(monkeypatch, count):
    """None or two faces: unscored, each time it is asked for."""
    face, picture = spotted()
    subject = seen(monkeypatch, *[face] * count, picture=picture)
    for _ in range(2):
        with pytest.raises(Unscored, match="no face was found" if not count else "2 faces"):
            subject.view(aligned_face)


def test_the_face_lies_within_the_view():
    """Eyes and mouth belong to it, the corners do not; its halves are mirror images and make it up."""
    mask, (left, right) = face_mask(), face_halves()
    assert mask.shape == (192, 160) and mask[64, 48] and mask[64, 112] and mask[128, 80]
    assert not mask[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    assert not (left & right).any() and ((left | right) == mask).all()
    assert abs(int(left.sum()) - int(right.sum())) < 0.02 * mask.sum()


def test_cheeks_are_squares_of_the_face_on_either_side():
    """Of 0.3 eye distances, below the eyes and above the mouth, mirror images of each other."""
    (rows, left), (other_rows, right) = cheeks()
    assert rows == other_rows and rows.stop - rows.start == left.stop - left.start == 20
    assert rows.start > aligned.EYE_LINE and rows.stop < aligned.EYE_LINE + aligned.EYE_DISTANCE
    assert left.start + right.stop == left.stop + right.start == aligned.WIDTH
    assert face_mask()[rows, left].all() and face_mask()[rows, right].all()
