"""Is there exactly one face?"""

import pytest
from PIL import Image

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.face_count import FaceCount
from facemon.vision import subject as subject_module
from facemon.vision.subject import Subject
from facemon.vision.trouble import ModelUnavailable, Unreadable


def judged(image):
    """The answer on this picture."""
    subject = Subject(b"")
    subject.__dict__["rgb"] = image
    return FaceCount().evaluate(subject, Asked())


@pytest.mark.parametrize("side", [128, 512, 1024])
def test_one_drawn_face_is_found(portraits, side):
    """In small pictures and in large ones: full marks, no reason."""
    for portrait in portraits:
        found = judged(portrait.resize((side, side), Image.Resampling.BICUBIC))
        assert (found.passed, found.score, found.raw, found.unit, found.reason) == (True, 100, 1, "face", "")


def test_two_people_side_by_side(portraits):
    """No marks; the reason has their number."""
    pair = Image.new("RGB", (1024, 512))
    pair.paste(portraits[0], (0, 0))
    pair.paste(portraits[1], (512, 0))
    found = judged(pair)
    assert (found.passed, found.score, found.raw) == (False, 0, 2)
    assert found.reason == "2 faces, where one was asked for"


def test_a_small_head_is_seen_at_the_second_look(portraits):
    """A head that fills a sixth of a large picture is found all the same."""
    wide = Image.new("RGB", (1536, 1536), (140, 150, 160))
    wide.paste(portraits[0].resize((700, 700)), (400, 400))
    assert judged(wide).passed


@pytest.mark.parametrize("size", [(1, 1), (2, 700), (700, 2), (400, 400), (16_000, 1)])
@pytest.mark.parametrize("colour", ["black", "#7f7f7f", "white"])
def test_nobody_on_an_empty_picture(size, colour):
    """Of any shape, one pixel included: no face, no exception."""
    found = judged(Image.new("RGB", size, colour))
    assert (found.passed, found.score, found.raw, found.reason) == (
        False,
        0,
        0,
        "no frontal face was found: there is none, it is turned away, or cut off",
    )


def test_a_picture_that_does_not_decode_is_not_judged():
    """That is another evaluator's finding."""
    with pytest.raises(Unreadable):
        FaceCount().evaluate(Subject(b"no picture"), Asked())


def test_without_the_detector_it_is_unscored(monkeypatch):
    """A missing model is no fault of the picture."""

    def missing():
        raise ModelUnavailable("face detector", ImportError("no dlib"))

    monkeypatch.setattr(subject_module, "face_finder", missing)
    with pytest.raises(Unscored, match="face detector could not be loaded"):
        judged(Image.new("RGB", (300, 300)))
