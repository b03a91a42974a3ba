"""Does the picture decode to its last byte?"""

import pytest
from PIL import Image

from facemon.evaluators.base import Asked
from facemon.evaluators.decodes import Decodes
from facemon.model import ScoreVerdict
from facemon.scoring import score


def judged(data):
    """The one score."""
    return score(data, Asked(), [Decodes()])[0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_whole_picture_passes(person, encode, kind):
    """A whole picture passes with its number of pixels."""
    found = judged(encode(person, kind))
    assert (found.verdict, found.score, found.raw, found.unit) == (
        ScoreVerdict.PASSED,
        100,
        512 * 512,
        "pixels",
    )
    assert found.error_type is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_cut_anywhere_fails(person, encode, kind):
    """Without its last byte, its last few, half of it, or all but a few: failed, and invalid_image."""
    data = encode(person.resize((160, 160)), kind)
    cuts = [*range(1, 40), *range(40, len(data), max(1, len(data) // 60)), len(data)]
    missed = [cut for cut in cuts if judged(data[:-cut]).error_type != "invalid_image"]
    assert missed == []
    found = judged(data[: len(data) // 2])
    assert (found.verdict, found.score) == (ScoreVerdict.FAILED, 0) and found.reason.startswith(
        "does not decode ("
    )


def test_what_follows_the_picture_does_no_harm(person, encode):
    """Bytes after the end belong to nobody."""
    for kind in ("PNG", "JPEG", "WEBP"):
        assert judged(encode(person, kind) + bytes(16)).verdict is ScoreVerdict.PASSED


def test_a_bomb_is_no_picture(encode, monkeypatch):
    """What would unpack to more than the limit is a broken picture, with the size in the reason."""
    monkeypatch.setattr("facemon.vision.decoding._MOST_PIXELS", 1000)
    found = judged(encode(Image.new("1", (100, 100))))
    assert found.error_type == "invalid_image" and "100x100 pixels" in found.reason
