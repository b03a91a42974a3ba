"""The models: loaded once, the same for everybody, and a failure that says what is missing."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from facemon.simulator.portraits import draw_portrait
from facemon.vision import models
from facemon.vision.models import (
    AttributeNetworks,
    FaceFinder,
    attribute_networks,
    face_finder,
    installed_version,
)
from facemon.vision.trouble import ModelUnavailable


@pytest.fixture(scope="module")
def pixels():
    """A portrait of 256 by 256 pixels."""
    return np.ascontiguousarray(np.asarray(draw_portrait(40, "male", 3).resize((256, 256))))


def test_each_is_loaded_once_for_all_threads(monkeypatch):
    """Eight threads that ask at once get one and the same, loaded one time."""
    loads, ready = [], threading.Barrier(8)

    def load():
        loads.append(1)
        return object()

    once = models._Once(load)

    def get(_):
        ready.wait(20)
        return once.get()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(map(id, pool.map(get, range(8))))) == 1
    assert loads == [1]


def test_a_failure_to_load_is_not_tried_again():
    """The same failure for everybody: a missing file does not cost a search a picture."""
    loads = []

    def load():
        loads.append(1)
        raise ModelUnavailable("face detector", OSError("gone"))

    once = models._Once(load)
    for _ in range(3):
        with pytest.raises(ModelUnavailable, match="gone"):
            once.get()
    assert loads == [1]


@pytest.mark.parametrize(
    ("kind", "name"), [(FaceFinder, "face detector"), (AttributeNetworks, "age and gender networks")]
)
def test_a_missing_package_is_named(monkeypatch, kind, name):
    """Without the package that holds the models, the failure names the model and the package."""
    monkeypatch.setattr(models, "_PACKAGE", "no_such_package.models")
    with pytest.raises(ModelUnavailable, match=f"the {name} could not be loaded .*no_such_package"):
        kind()


def test_a_face_is_found_with_its_landmarks(pixels):
    """One face, its five points within its box widened by a tenth, the eyes above the nose."""
    (face,) = face_finder().find(pixels)
    left, top, right, bottom = face.box
    margin = (right - left) / 10
    assert face.points.shape == (5, 2) and face.confidence > 0
    assert left - margin < face.points[:, 0].min() and face.points[:, 0].max() < right + margin
    assert top - margin < face.points[:4, 1].mean() < face.points[4, 1] < bottom + margin


@pytest.mark.parametrize("shape", [(1, 1), (1, 256), (256, 1), (79, 79), (256, 256)])
def test_nothing_is_found_on_one_colour(shape):
    """Neither a face nor an error, however small the picture."""
    assert face_finder().find(np.full((*shape, 3), 127, np.uint8)) == ()


def test_the_largest_face_comes_first(pixels):
    """Sorted by width, so that the first is the one that a portrait is about."""
    large = np.repeat(np.repeat(pixels, 2, axis=0), 2, axis=1)
    both = np.full((512, 768, 3), 200, np.uint8)
    both[:256, :256], both[:, 256:] = pixels, large
    faces = face_finder().find(both)
    widths = [face.box[2] - face.box[0] for face in faces]
    assert len(faces) >= 2 and widths == sorted(widths, reverse=True)


def test_answers_do_not_depend_on_threads(pixels):
    """The same pixels get the same faces and the same probabilities, to the last bit, from any thread."""

    def look(_):
        (face,) = face_finder().find(pixels)
        read = attribute_networks().read(face_finder(), pixels, face)
        return face.box, face.points.tobytes(), face.confidence, read.ages.tobytes(), read.male

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(look, range(12)))) == 1


def test_installed_version():
    """The version of a package that is there, and None for one that is not."""
    assert installed_version("pillow") and installed_version("no-such-package") is None
