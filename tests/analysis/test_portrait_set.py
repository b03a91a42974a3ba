"""Drawn portraits from bytes to verdict: different seeds pass, the same face never does."""

import io

import pytest
from PIL import Image

from facemon.analysis.collapse import judge
from facemon.analysis.portrait_set import compare
from facemon.simulator.portraits.encoding import encode, render
from facemon.simulator.portraits.keys import PictureKey
from facemon.vision.descriptors import ClassicalDescriptor
from facemon.vision.trouble import ModelUnavailable, Unscored

FORMATS = ("png", "jpeg", "webp")


@pytest.fixture(scope="module")
def portraits():
    """Eight seeds of the age and gender whose drawings are most alike."""
    return [render(PictureKey(60, "male", seed, 512, 512, "png")) for seed in range(8)]


def named(pictures):
    """Each with its place as its name."""
    return [(f"picture {place}", data) for place, data in enumerate(pictures)]


def test_different_seeds_are_different_people(portraits):
    """Eight people of one age and gender pass with a wide margin, no two of them one picture."""
    found = compare(named(portraits), ClassicalDescriptor())
    assert judge(found).passed and found.score > 80 and found.people == 8 and not found.near_duplicates


def test_the_same_face_in_any_format_collapses(portraits):
    """One person's pixels as PNG, JPEG and WebP: one person, every pair named."""
    picture = Image.open(io.BytesIO(portraits[0]))
    found = compare(named([encode(picture, kind) for kind in FORMATS]), ClassicalDescriptor())
    assert not judge(found).passed and found.effective_people == pytest.approx(1)
    assert len(found.near_duplicates) == 3


def test_a_few_people_in_many_pictures_collapse(portraits):
    """Ten pictures of three people in mixed formats: at most three are counted, and the verdict names pairs."""
    pictures = [encode(Image.open(io.BytesIO(portraits[i % 3])), FORMATS[i % 2]) for i in range(10)]
    found = compare(named(pictures), ClassicalDescriptor())
    verdict = judge(found)
    assert found.effective_people <= 3.0001 and len(found.near_duplicates) == 12
    assert not verdict.passed and "picture 0 = picture 3" in verdict.reason


def test_what_cannot_be_compared_is_reported(portraits):
    """No face, no picture: left out with name and reason; the others are compared."""
    blank = encode(Image.new("RGB", (300, 300)), "png")
    found = compare([("blank", blank), ("broken", b"x"), *named(portraits[:2])], ClassicalDescriptor())
    assert found.people == 2
    (blank_name, why_blank), (broken_name, why_broken) = found.unscored
    assert (blank_name, why_blank, broken_name) == ("blank", "no face was found", "broken")
    assert "no PNG" in why_broken


def test_two_faces_are_needed(portraits):
    """One face, however many pictures without, is no set."""
    with pytest.raises(Unscored, match="at least two"):
        compare([("one", portraits[0]), ("broken", b"x")], ClassicalDescriptor())


def test_a_missing_model_is_no_picture_without_a_face(portraits):
    """A fault of ours is raised, not written down as a fault of each picture."""

    class Broken(ClassicalDescriptor):
        def describe(self, subject):
            raise ModelUnavailable("network", OSError("gone"))

    with pytest.raises(ModelUnavailable):
        compare(named(portraits[:2]), Broken())
