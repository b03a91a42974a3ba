"""Does lossy compression show?"""

import io
from itertools import pairwise

import pytest
from PIL import Image

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.compression import Compression
from facemon.simulator.portraits.photograph import photograph
from facemon.vision.subject import Subject


@pytest.fixture(scope="module")
def portrait():
    """One face, 640 by 640 pixels."""
    return photograph(20, "male", 9, 640, 640)


def judged(encode, image, kind="PNG", **options):
    """The answer."""
    return Compression().evaluate(Subject(encode(image, kind, **options)), Asked())


def compressed(image, quality):
    """As it comes out of a JPEG file of this quality."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")


@pytest.mark.parametrize(
    ("kind", "options"), [("PNG", {}), ("JPEG", {"quality": 90}), ("WEBP", {"quality": 85})]
)
def test_what_the_service_sends_is_clean(encode, portrait, kind, options):
    """Every format at the quality of the service has more than 90 points."""
    found = judged(encode, portrait, kind, **options)
    assert found.passed and found.score > 90 and found.reason == ""


@pytest.mark.parametrize("quality", [5, 10])
@pytest.mark.parametrize(
    ("kind", "options"), [("PNG", {}), ("JPEG", {"quality": 90}), ("WEBP", {"quality": 85})]
)
def test_heavy_compression_fails_in_whatever_file(encode, portrait, quality, kind, options):
    """The pixels tell, not the file that holds them now; the reason has the figure."""
    found = judged(encode, compressed(portrait, quality), kind, **options)
    assert found.score < 0.7 * Compression.default_threshold.score  # with a margin
    assert not found.passed and found.unit == "times the step elsewhere"
    assert found.reason == (
        f"JPEG compression shows: the edges of its blocks are {found.raw:.1f} times as steep as the rest"
    )


def test_the_lower_the_quality_the_lower_the_score(encode, portrait):
    """From 95 to 5: no score above the one before."""
    scores = [judged(encode, compressed(portrait, quality)).score for quality in range(95, 0, -10)]
    assert all(later <= earlier for earlier, later in pairwise(scores)) and scores[-1] == 0


def test_a_crop_is_as_compressed_as_the_whole(encode, portrait):
    """The blocks are found wherever they begin."""
    crop = compressed(portrait, 10).crop((3, 5, 603, 600))
    assert judged(encode, crop).score < 30


def test_a_picture_of_one_colour_is_clean(encode):
    """Nothing was lost on it."""
    assert judged(encode, Image.new("RGB", (400, 300), "#8090a0"), "JPEG", quality=5).score == 100


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 15)])
def test_unscored_when_too_small(encode, size):
    """In fewer than 16 pixels there are no two blocks beside each other."""
    with pytest.raises(Unscored, match="smaller than 16"):
        judged(encode, Image.new("RGB", size, "#8090a0"))
