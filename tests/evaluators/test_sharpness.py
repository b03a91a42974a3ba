"""Is the face in focus?"""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.sharpness import Sharpness
from facemon.simulator.portraits.photograph import photograph
from facemon.vision.detail import Detail
from facemon.vision.subject import Subject


@pytest.fixture(scope="module")
def portrait():
    """One face, 640 by 640 pixels."""
    return photograph(50, "male", 4, 640, 640)


def judged(encode, image):
    """The answer."""
    return Sharpness().evaluate(Subject(encode(image, compress_level=1)), Asked())


def in_ring(ring, eye_distance=96.0):
    """The answer about a face whose detail lies in one ring."""
    energy = np.zeros(17)
    if ring:
        energy[ring] = 30.0
    detail = Detail(energy, eye_distance, 512.0)
    return Sharpness().evaluate(SimpleNamespace(view=lambda _: detail), Asked())


@pytest.mark.parametrize(("ring", "eyes"), [(4, 96.0), (4, 48.0), (16, 96.0)])
def test_the_raw_value_is_the_mean_frequency(ring, eyes):
    """Detail of one frequency: 4 periods in 32 pixels are 12 in 96."""
    found = in_ring(ring, eyes)
    assert found.raw == pytest.approx(ring * eyes / 32) and found.unit == "cycles per eye distance"


def test_no_detail_at_all_is_not_sharp():
    """A face without any feature scores 0, and nothing is divided by it."""
    assert (in_ring(0).score, in_ring(0).raw, in_ring(0).passed) == (0, 0, False)


def test_a_portrait_is_sharp_and_the_same_one_out_of_focus_is_not(encode, portrait):
    """Full marks as it is; blurred by 8 pixels of 1024 it fails, and the reason has the figure."""
    good, soft = judged(encode, portrait), judged(encode, portrait.filter(ImageFilter.GaussianBlur(5)))
    assert good.passed and good.score >= 90 and good.reason == ""
    assert not soft.passed and soft.score < 20
    assert soft.reason == f"the face is not sharp: its detail has {soft.raw:.1f} cycles per eye distance"


@pytest.mark.parametrize("radius", [0, 1.2, 2.5, 5])
@pytest.mark.parametrize("sigma", [5, 15, 30])
def test_noise_makes_nothing_sharper(encode, portrait, radius, sigma):
    """However sharp the face is, noise adds at most 2 points."""
    image = portrait.filter(ImageFilter.GaussianBlur(radius))
    noise = np.random.default_rng(1).normal(0, sigma, (640, 640, 1))
    noisy = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
    assert judged(encode, noisy).score <= judged(encode, image).score + 2


UNEVEN = {
    "hot pixels": lambda pixels, random, _: np.where(
        random.random(pixels.shape[:2])[..., None] < 0.0005, 255, pixels
    ),
    "speckle": lambda pixels, _, grain: pixels * (1 + 0.06 * grain),
    "gradient": lambda pixels, _, grain: pixels + np.linspace(0, 16, pixels.shape[1])[None, :, None] * grain,
}


@pytest.mark.parametrize("kind", UNEVEN)
def test_uneven_noise_is_no_detail(encode, portrait, kind):
    """Noise here and not there, in light more than in shade or in single pixels: a blurred face stays blurred.

    Neither gains more than 2 points.
    """
    soft = portrait.filter(ImageFilter.GaussianBlur(5))
    for image in (soft, portrait):
        random = np.random.default_rng(1)
        grain = random.normal(0, 1, (640, 640, 1))
        pixels = np.clip(UNEVEN[kind](np.asarray(image, float), random, grain), 0, 255).astype(np.uint8)
        noisy, before = judged(encode, Image.fromarray(pixels)), judged(encode, image)
        assert noisy.score <= before.score + 2 and noisy.raw <= before.raw + 0.13
        assert noisy.passed is before.passed is (image is portrait)


@pytest.mark.parametrize("gain", [0.4, 0.7])
def test_contrast_is_no_sharpness(encode, portrait, gain):
    """The same face in less light is as sharp."""
    darker = portrait.point([round(value * gain) for value in range(256)] * 3)
    assert judged(encode, darker).score == pytest.approx(judged(encode, portrait).score, abs=2)


def test_a_blurred_wall_costs_nothing(encode, portrait):
    """Only the face counts: before a blurred background it is as sharp as before."""
    image = portrait.filter(ImageFilter.GaussianBlur(8))
    image.paste(portrait.crop((140, 60, 500, 560)), (140, 60))
    assert judged(encode, image).score == pytest.approx(judged(encode, portrait).score, abs=2)


@pytest.mark.parametrize("size", [(1, 1), (300, 300), (3, 900)])
def test_unscored_without_a_face(encode, size):
    """There is no sharpness of a face that is not there."""
    with pytest.raises(Unscored, match="no face"):
        judged(encode, Image.new("RGB", size, "#8090a0"))
