"""Is it grainy?"""

import numpy as np
import pytest
from PIL import Image

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.noise import Noise
from facemon.simulator.portraits.defects import noisy as as_the_fault
from facemon.simulator.portraits.photograph import photograph
from facemon.vision.subject import Subject


@pytest.fixture(scope="module")
def portrait():
    """One face, 640 by 640 pixels."""
    return photograph(70, "female", 8, 640, 640)


def judged(encode, image, kind="PNG", **options):
    """The answer."""
    return Noise().evaluate(Subject(encode(image, kind, **options)), Asked())


def noisy(image, sigma, grain=1):
    """The picture with noise in grains of so many pixels."""
    shape = -(-image.height // grain), -(-image.width // grain)
    noise = np.random.default_rng(1).normal(0, sigma, shape).repeat(grain, axis=0).repeat(grain, axis=1)
    pixels = np.asarray(image) + noise[: image.height, : image.width, None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("sigma", [8, 15, 30])
def test_the_raw_value_is_the_deviation_of_the_noise(encode, portrait, sigma):
    """In grey values, as it was added."""
    found = judged(encode, noisy(portrait, sigma))
    assert found.raw == pytest.approx(sigma, rel=0.12) and found.unit == "grey values"


@pytest.mark.parametrize("grain", [1, 2, 3])
def test_noise_of_every_grain_fails(encode, portrait, grain):
    """A deviation of 40 grey values fails whether the grains are one pixel or three; the reason has the figure."""
    found = judged(encode, noisy(portrait, 40, grain))
    assert not found.passed and found.score < 40
    assert found.reason == f"noise of {found.raw:.0f} grey values"


@pytest.mark.parametrize(("kind", "options"), [("JPEG", {"quality": 90}), ("WEBP", {"quality": 85})])
def test_the_fault_is_heard_through_lossy_formats(encode, portrait, kind, options):
    """What is served as JPEG or WebP is still noisy."""
    assert not judged(encode, as_the_fault(portrait, 1), kind, **options).passed


def test_noise_on_one_side_only_counts(encode, portrait):
    """It is not averaged away: half the picture with it has the root of half its energy."""
    image = portrait.copy()
    image.paste(noisy(portrait, 30).crop((0, 0, 320, 640)), (0, 0))
    found = judged(encode, image)
    assert not found.passed and found.raw == pytest.approx(30 / 2**0.5, rel=0.15)


def test_impulses_are_heard_by_their_share(encode, portrait):
    """Hot pixels, which no median sees: the more of them, the more noise, and two in a hundred fail."""
    pixels, place = np.asarray(portrait), np.random.default_rng(3).random((640, 640, 1))
    found = [
        judged(encode, Image.fromarray(np.where(place < share, 255, pixels).astype(np.uint8)))
        for share in (0, 0.0005, 0.005, 0.02)
    ]
    levels = [one.raw for one in found]
    assert levels == sorted(set(levels)) and not found[-1].passed


def test_a_clean_portrait_has_full_marks(encode, portrait):
    """Wrinkles, hair and the simulator's grain of two grey values are no noise."""
    found = judged(encode, portrait)
    assert found.passed and found.score == 100 and found.reason == ""


def test_without_a_face_the_middle_of_the_picture_is_judged(encode):
    """Noise is noise on anything."""
    wall = Image.new("RGB", (400, 300), "#8090a0")
    assert judged(encode, wall).score == 100 and not judged(encode, noisy(wall, 25)).passed


@pytest.mark.parametrize("size", [(1, 1), (15, 400), (400, 15)])
def test_unscored_when_too_small(encode, size):
    """In fewer than 16 pixels noise cannot be told from the picture."""
    with pytest.raises(Unscored, match="smaller than 16"):
        judged(encode, Image.new("RGB", size, "#8090a0"))
