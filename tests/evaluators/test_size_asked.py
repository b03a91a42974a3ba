"""Has it the size that is documented for what was asked?"""

import pytest
from PIL import Image

from facemon.evaluators.base import Asked
from facemon.evaluators.size_asked import SizeAsked
from facemon.model import ScoreVerdict
from facemon.scoring import score


@pytest.mark.parametrize(
    ("given", "asked", "raw"),
    [
        ((40, 30), (40, 30), 1.0),
        ((39, 30), (40, 30), 0.975),
        ((40, 15), (40, 30), 0.5),
        ((30, 40), (40, 30), 1.0),
        ((20, 15), (40, 30), 0.25),
        ((80, 60), (40, 30), 4.0),
    ],
)
def test_only_the_exact_size_passes(encode, given, asked, raw):
    """One pixel less fails, and so does the same area turned; the reason names both sizes."""
    (found,) = score(encode(Image.new("RGB", given)), Asked(size=asked), [SizeAsked()])
    assert found.raw == pytest.approx(raw) and found.unit == "of the area asked" and found.error_type is None
    assert (found.verdict is ScoreVerdict.PASSED) == (given == asked) == (found.score == 100)
    if given != asked:
        assert found.reason == f"{given[0]}x{given[1]} where {asked[0]}x{asked[1]} was asked for"


def test_no_score_where_no_size_is_documented(encode):
    """v1 engines and raw fields may paint any size: there is nothing to compare."""
    assert score(encode(Image.new("L", (9, 9))), Asked(), [SizeAsked()]) == ()


def test_unscored_where_it_cannot_tell():
    """A picture that does not decode is another's finding."""
    assert score(b"", Asked(size=(9, 9)), [SizeAsked()])[0].verdict is ScoreVerdict.UNSCORED


def test_the_size_is_the_stored_one(encode):
    """A size is asked of the file: a picture that a viewer would turn is compared as it is stored."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encode(Image.new("RGB", (40, 30)), "JPEG", exif=exif)
    assert score(data, Asked(size=(40, 30)), [SizeAsked()])[0].verdict is ScoreVerdict.PASSED
