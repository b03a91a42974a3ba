"""The detail of a face by frequency, and the pieces of a picture that are measured as they were served."""

from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from facemon.vision import subject as subject_module
from facemon.vision.detail import face_detail, middle, skin
from facemon.vision.face import Face
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unscored


def seen(monkeypatch, image, box=(100, 100, 340, 340), eyes=96.0, faces=1):
    """A subject of this picture in which a face is found at that place, with that distance between the eyes."""
    middle_of_it = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    left, right = (middle_of_it[0] - eyes / 2, middle_of_it[1]), (middle_of_it[0] + eyes / 2, middle_of_it[1])
    face = Face(box, left, right, middle_of_it, 1.0, None, np.asarray(image))
    monkeypatch.setattr(subject_module, "_find_faces", lambda _: (face,) * faces)
    subject = Subject(b"")
    subject.__dict__["rgb"] = image
    return subject


def waves(periods, side=440):
    """Vertical waves on the upper third of a grey square, with that many periods over its width."""
    row = 40 * np.sin(2 * np.pi * periods * np.arange(side) / side)
    grey = np.full((side, side), 127.0)
    grey[: side // 3] += row
    return Image.fromarray(np.rint(grey).astype(np.uint8)).convert("RGB")


@pytest.mark.parametrize("eyes", [96.0, 192.0])
def test_lengths_are_told_in_the_pixels_of_the_view(monkeypatch, eyes):
    """The eyes are brought to 96 pixels, and the picture's shorter side is told at that scale."""
    found = face_detail(seen(monkeypatch, waves(55), eyes=eyes))
    assert found.eye_distance == pytest.approx(96) and found.shorter_side == pytest.approx(440 * 96 / eyes)


def test_a_small_face_is_never_enlarged(monkeypatch):
    """Fewer pixels hold less detail, and interpolation would only hide it."""
    found = face_detail(seen(monkeypatch, waves(55), eyes=50))
    assert (found.eye_distance, found.shorter_side) == (50, 440)


@pytest.mark.parametrize("periods", [55, 110, 165])
def test_the_energy_lies_at_the_waves_frequency(monkeypatch, periods):
    """55 periods over 440 pixels are 4 in a tile of 32."""
    found = face_detail(seen(monkeypatch, waves(periods)))
    assert int(np.argmax(found.energy)) == periods * 32 // 440
    assert found.gradient == pytest.approx(found.energy * np.arange(17) ** 2)


def test_a_tiny_face_is_unscored(monkeypatch):
    """Where there are too few tiles, quiet ones cannot be told from others."""
    with pytest.raises(Unscored, match="too small"):
        face_detail(seen(monkeypatch, waves(55), box=(100, 100, 140, 140), eyes=16))


@pytest.mark.parametrize("faces", [0, 2])
def test_without_one_face_there_is_no_detail_of_it(monkeypatch, faces):
    """None or two: unscored, and the skin is then the picture's middle."""
    subject = seen(monkeypatch, waves(55), faces=faces)
    with pytest.raises(Unscored):
        face_detail(subject)
    assert skin(subject).shape == (384, 384)


@pytest.mark.parametrize(
    "box", [(-200, -200, 40, 40), (400, 400, 900, 900), (500, 500, 600, 600), (-90, 0, -10, 80)]
)
def test_a_box_beyond_the_picture_raises_nothing_but_unscored(monkeypatch, box):
    """Half outside or wholly outside: what is left is cut out, at least one pixel."""
    subject = seen(monkeypatch, waves(55), box=box)
    assert min(skin(subject).shape) >= 1
    with suppress(Unscored):
        assert np.isfinite(face_detail(subject).energy).all()


def test_skin_is_the_inner_face_as_it_was_served(monkeypatch):
    """70 % of the face's width around its middle, not reduced, and no more than 384 pixels."""
    assert skin(seen(monkeypatch, waves(55))).shape == (168, 168)
    big = seen(monkeypatch, waves(55, 1200), box=(100, 100, 1100, 1100))
    assert skin(big).shape == (384, 384)


@pytest.mark.parametrize(
    ("size", "shape"), [((1, 1), (1, 1)), ((900, 50), (50, 640)), ((700, 1000), (640, 640))]
)
def test_the_middle_is_capped(size, shape):
    """At most 640 by 640 pixels, and never more than there are."""
    subject = Subject(b"")
    subject.__dict__["rgb"] = Image.new("RGB", size, "#405060")
    assert middle(subject).shape == shape
