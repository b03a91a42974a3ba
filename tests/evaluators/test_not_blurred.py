"""Is it the blurred picture of moderation?"""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from facemon.evaluators.base import Asked
from facemon.evaluators.not_blurred import NotBlurred
from facemon.model import ScoreVerdict
from facemon.scoring import score
from facemon.simulator.portraits import encode as encode_like_the_service
from facemon.simulator.portraits import enlarge
from facemon.simulator.portraits.keys import FORMATS

PASSED, FAILED = ScoreVerdict.PASSED, ScoreVerdict.FAILED


def judged(data):
    """The one score."""
    return score(data, Asked(), [NotBlurred()])[0]


def blurred(image, radius=16):
    """As moderation returns it."""
    return image.filter(ImageFilter.GaussianBlur(radius))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("side", [512, 1024, 1536])
def test_a_person_passes_and_the_same_one_blurred_fails(person, encode, kind, side):
    """At every documented scale and in every format; a blurred picture is a finding, and no error type."""
    sharp = judged(encode(person.resize((side, side), Image.Resampling.BICUBIC), kind))
    soft = judged(encode(blurred(person).resize((side, side), Image.Resampling.BICUBIC), kind))
    assert (sharp.verdict, soft.verdict) == (PASSED, FAILED)
    assert sharp.raw > 11 > 3 > soft.raw and sharp.score > soft.score
    assert "blurred all over" in soft.reason and soft.error_type is None


@pytest.mark.parametrize("radius", [2, 4, 8])
def test_stronger_blur_never_scores_better(person, encode, radius):
    """The measure falls with the radius of the blur, down to where it is found."""
    assert judged(encode(blurred(person, radius))).raw <= judged(encode(blurred(person, radius / 2))).raw


def test_a_slightly_soft_picture_passes(person, encode):
    """A lens a little out of focus is no refusal."""
    assert judged(encode(blurred(person, 1))).verdict is PASSED


@pytest.mark.parametrize("kind", ["hot pixels", "gradient", "white"])
def test_noise_on_a_blurred_picture_is_no_detail(person, encode, kind):
    """Refused and noisy is still refused."""
    image = blurred(person).resize((1024, 1024), Image.Resampling.BICUBIC)
    random = np.random.default_rng(1)
    pixels, grain = np.asarray(image, float), random.normal(0, 12, (1024, 1024, 1))
    if kind == "hot pixels":
        pixels[random.random(pixels.shape[:2]) < 0.0005] = 255
    else:
        pixels += grain * (np.linspace(0, 1.3, 1024)[None, :, None] if kind == "gradient" else 1)
    noisy = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    assert judged(encode(noisy)).verdict is FAILED


def test_a_blurred_background_passes(person, encode):
    """A face before a blurred background is a portrait as it should be."""
    image = blurred(person)
    image.paste(person.crop((130, 80, 380, 400)), (130, 80))
    assert judged(encode(image)).verdict is PASSED


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_blank_is_left_to_another(encode, kind):
    """On one colour nothing could be blurred: unscored, so that one fault has one finding."""
    found = judged(encode(Image.new("RGB", (256, 256), "#7f7f7f"), kind))
    assert found.verdict is ScoreVerdict.UNSCORED and "blank" in found.reason


def test_too_small_to_tell(encode):
    """Below 6 by 6 there is no Laplacian."""
    for size in ((1, 1), (5, 9), (9, 5)):
        found = judged(encode(Image.effect_noise(size, 90)))
        assert found.verdict is ScoreVerdict.UNSCORED and found.reason == "smaller than 6 pixels"


@pytest.mark.parametrize("kind", FORMATS)
def test_the_simulators_portraits_plain_and_blurred(portraits, kind):
    """Each portrait passes as it is and fails as moderation's variant, at the size the core model serves."""
    for portrait in portraits[:2]:
        for image, verdict in ((portrait, PASSED), (blurred(portrait), FAILED)):
            assert judged(encode_like_the_service(enlarge(image, 1536, 1536), kind)).verdict is verdict


def test_a_picture_in_the_dark_is_not_simply_called_blurred(person, encode):
    """Without light there is no detail to see: the reason says so, and does not of a light one that is blurred."""
    dark, soft = (
        judged(encode(image))
        for image in (person.point([v // 12 for v in range(256)] * 3), blurred(person, 30))
    )
    assert dark.verdict is FAILED and "too dark" in dark.reason
    assert soft.verdict is FAILED and "too dark" not in soft.reason
