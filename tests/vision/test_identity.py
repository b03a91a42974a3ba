"""The network of the extra `identity`, and what happens without it."""

import io
import sys

import numpy as np
import pytest
from PIL import Image

from facemon.errors import ConfigError
from facemon.simulator.portraits.encoding import encode, render
from facemon.simulator.portraits.keys import PictureKey
from facemon.vision.identity import IdentityDescriptor
from facemon.vision.subject import Subject
from facemon.vision.trouble import ModelUnavailable, Unscored


@pytest.fixture(scope="module")
def descriptor():
    """The network itself, where its package is installed."""
    pytest.importorskip("face_recognition_models")
    return IdentityDescriptor()


def test_one_person_is_nearer_than_two(descriptor):
    """Another encoding of a picture is nearer than a man is to a woman; the same picture is the same vector."""
    woman, man = (
        render(PictureKey(age, gender, 5, 512, 512, "png")) for age, gender in ((20, "female"), (70, "male"))
    )
    again = encode(Image.open(io.BytesIO(woman)), "jpeg")
    vectors = [descriptor.describe(Subject(data)) for data in (woman, again, man, woman)]
    encoding, person, same = (float(np.linalg.norm(vectors[0] - each)) for each in vectors[1:])
    assert vectors[0].shape == (128,) and vectors[0].dtype == np.float32
    assert same == 0 and encoding < descriptor.half_distance and encoding < person


def test_no_face_is_unscored(descriptor):
    """As every question that needs a face."""
    with pytest.raises(Unscored, match="no face"):
        descriptor.describe(Subject(encode(Image.new("RGB", (300, 300)), "png")))


def test_without_the_package_it_says_what_to_install(monkeypatch):
    """The missing extra is named when the descriptor is chosen, not when the first picture comes."""
    monkeypatch.setitem(sys.modules, "face_recognition_models", None)
    with pytest.raises(ConfigError, match=r'needs its package: pip install "facemon\[identity\]"'):
        IdentityDescriptor()


def test_a_broken_file_is_an_unavailable_model(monkeypatch, tmp_path):
    """A model that does not load is a fault of ours, in our own words."""
    broken = tmp_path / "model.dat"
    broken.write_bytes(b"no network")
    package = type("Package", (), {"face_recognition_model_location": staticmethod(lambda: str(broken))})
    monkeypatch.setitem(sys.modules, "face_recognition_models", package)
    with pytest.raises(ModelUnavailable, match="identity network could not be loaded"):
        IdentityDescriptor()
