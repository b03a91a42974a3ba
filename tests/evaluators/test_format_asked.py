"""Is it in the format that was asked for?"""

import pytest
from PIL import Image

from facemon.evaluators.base import Asked
from facemon.evaluators.format_asked import FormatAsked
from facemon.model import ScoreVerdict
from facemon.scoring import score

FORMATS = ("png", "jpeg", "webp")


@pytest.mark.parametrize("asked", FORMATS)
@pytest.mark.parametrize("given", FORMATS)
def test_only_the_format_asked_passes(encode, asked, given):
    """The bytes decide; the reason names both formats; it is no broken picture."""
    (found,) = score(encode(Image.new("RGB", (9, 9)), given.upper()), Asked(format=asked), [FormatAsked()])
    if asked == given:
        assert (found.verdict, found.score, found.reason) == (ScoreVerdict.PASSED, 100, "")
    else:
        assert (found.verdict, found.score) == (ScoreVerdict.FAILED, 0)
        assert found.reason == f"{given} where {asked} was asked for" and found.error_type is None


def test_unscored_where_it_cannot_tell():
    """A picture that does not decode is another's finding."""
    assert score(b"", Asked(format="png"), [FormatAsked()])[0].verdict is ScoreVerdict.UNSCORED


@pytest.mark.parametrize("given", FORMATS)
def test_no_score_where_no_format_was_asked(encode, given):
    """There is nothing to compare, which is neither a pass nor a failure."""
    assert score(encode(Image.new("RGB", (9, 9)), given.upper()), Asked(), [FormatAsked()]) == ()
