"""Was it enlarged from a small picture?"""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageFilter

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.resolution import Resolution
from facemon.simulator.portraits.photograph import photograph
from facemon.vision.detail import Detail
from facemon.vision.subject import Subject

KERNELS = [Image.Resampling.BICUBIC, Image.Resampling.LANCZOS, Image.Resampling.BILINEAR]


@pytest.fixture(scope="module")
def portrait():
    """One face, 768 by 640 pixels."""
    return photograph(30, "female", 6, 768, 640)


def judged(encode, image):
    """The answer."""
    return Resolution().evaluate(Subject(encode(image, compress_level=1)), Asked())


def enlarged_from(image, shorter_side, kernel=Image.Resampling.BICUBIC):
    """The same picture from so few pixels."""
    scale = shorter_side / min(image.size)
    small = round(image.width * scale), round(image.height * scale)
    return image.resize(small, Image.Resampling.LANCZOS).resize(image.size, kernel)


def with_energy(energy, shorter_side=512.0):
    """The answer about a face with this energy in the rings."""
    detail = Detail(np.array(energy, float), 96.0, shorter_side)
    return Resolution().evaluate(SimpleNamespace(view=lambda _: detail), Asked())


def test_the_raw_value_is_where_nine_tenths_lie():
    """All detail in ring 6 of a view of 512: between 5.5 and 6.5 periods in 32 pixels, at nine tenths 6.4.

    A picture of N pixels holds N / 2 periods, so that is 2 * 6.4 * 512 / 32 = 204.8 pixels.
    """
    energy = np.zeros(17)
    energy[6] = 5
    found = with_energy(energy)
    assert found.raw == pytest.approx(204.8) and found.unit == "pixels on the shorter side"


@pytest.mark.parametrize("shorter_side", [20.0, 512.0, 4000.0])
def test_no_detail_at_all_is_no_resolution(shorter_side):
    """An empty face scores 0, at any scale, and so does one whose only detail is coarse shape."""
    assert with_energy(np.zeros(17), shorter_side).score == 0
    assert with_energy([0, 9] + [0] * 15, 300.0).raw == 0


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("side", [64, 128])
def test_a_thumbnail_blown_up_fails(encode, portrait, kernel, side):
    """Whatever smooth kernel enlarged it; the figure is far below the 512 of the drawing, and the reason has it."""
    found = judged(encode, enlarged_from(portrait, side, kernel))
    assert not found.passed and found.score < 10 and found.raw < 1.4 * 128
    assert (
        found.reason == f"enlarged or soft: it holds the detail of {found.raw:.0f} pixels on its shorter side"
    )


def test_the_simulators_own_drawings_are_clean(encode, portrait):
    """Drawn at 512 pixels and enlarged with grain, they hold all that is asked for."""
    found = judged(encode, portrait)
    assert found.passed and found.score >= 90 and found.reason == ""


def test_blur_over_everything_is_a_lack_of_resolution(encode, portrait):
    """A picture blurred as moderation does holds no more detail than a thumbnail."""
    assert judged(encode, portrait.filter(ImageFilter.GaussianBlur(8))).score == 0


@pytest.mark.parametrize("side", [128, 180, 256, 640])
@pytest.mark.parametrize("sigma", [5, 15, 30])
def test_noise_is_no_detail(encode, portrait, side, sigma):
    """However few pixels it came from, noise adds at most 2 points."""
    image = enlarged_from(portrait, side)
    noise = np.random.default_rng(1).normal(0, sigma, (640, 768, 1))
    noisy = Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))
    assert judged(encode, noisy).score <= judged(encode, image).score + 2


@pytest.mark.parametrize("size", [(1, 1), (300, 300), (900, 3)])
def test_unscored_without_a_face(encode, size):
    """The detail that counts is the face's."""
    with pytest.raises(Unscored, match="no face"):
        judged(encode, Image.new("RGB", size, "#8090a0"))
