"""The drawing: always the same person for the same request, and nobody twice."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from facemon.simulator.portraits import draw_portrait
from facemon.simulator.portraits.casting import imagine
from facemon.simulator.portraits.painter import DRAWING_VERSION

AGES = (20, 30, 40, 50, 60, 70)
GENDERS = ("female", "male")
LARGEST_SEED = 4294967295
# Brightness of a few people, each on a grid of 4 × 4: long waves, a crop with earrings, a beard, a bald head.
RECORDED = {
    (20, "female", 3): [100, 107, 99, 101, 103, 144, 119, 105, 102, 147, 124, 101, 100, 107, 102, 94],
    (60, "female", 6): [112, 129, 119, 113, 115, 147, 132, 116, 113, 145, 131, 115, 99, 86, 85, 104],
    (40, "male", 3): [144, 126, 117, 148, 148, 145, 130, 154, 146, 147, 122, 150, 134, 106, 99, 134],
    (70, "male", 9): [72, 106, 102, 72, 74, 171, 151, 76, 73, 150, 133, 74, 74, 105, 104, 73],
}


def _deviation(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, np.int16) - np.asarray(other, np.int16)).mean())


def test_same_pixels_in_another_process() -> None:
    """The same age, gender and seed give the same pixels in every process."""
    program = (
        "from hashlib import sha256; from facemon.simulator.portraits import draw_portrait; import sys; "
        "sys.stdout.write(sha256(draw_portrait(40, 'female', 7).tobytes()).hexdigest())"
    )
    elsewhere = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert elsewhere.stdout == sha256(draw_portrait(40, "female", 7).tobytes()).hexdigest()


@pytest.mark.parametrize("subject", RECORDED)
def test_the_version_is_raised_with_the_drawing(subject: tuple[int, str, int]) -> None:
    """A changed drawing has a new version: if this fails, raise DRAWING_VERSION and record the new values."""
    assert DRAWING_VERSION == 6
    small = draw_portrait(*subject).convert("L").resize((4, 4), Image.Resampling.BOX)
    # Another processor may round another way: a level of tolerance.
    assert np.asarray(small).ravel().tolist() == pytest.approx(RECORDED[subject], abs=1)


@pytest.mark.parametrize("gender", GENDERS)
@pytest.mark.parametrize("age", [*AGES, 18, 90])
def test_everybody_can_be_drawn(age: int, gender: str) -> None:
    """Every age and gender that can be asked for gives a picture with contrast, with the largest seed too."""
    image = draw_portrait(age, gender, LARGEST_SEED)
    assert (image.size, image.mode) == ((512, 512), "RGB")
    assert np.asarray(image.convert("L")).std() > 20


def test_seeds_differ() -> None:
    """Two seeds, also neighbours, never give the same person or picture."""
    pictures = [draw_portrait(30, "male", seed) for seed in (0, 1, 2, LARGEST_SEED)]
    pairs = [(one, other) for one in pictures for other in pictures if one is not other]
    assert min(_deviation(*pair) for pair in pairs) > 5


def test_age_and_gender_change_the_person() -> None:
    """The same seed is another person at another age and gender: no picture stands for two requests."""
    first = draw_portrait(30, "male", 1)
    assert _deviation(first, draw_portrait(30, "female", 1)) > 5
    assert _deviation(first, draw_portrait(40, "male", 1)) > 5


@pytest.mark.parametrize("gender", GENDERS)
def test_decades_wear_in_order(gender: str) -> None:
    """Whatever the seed, a decade older is more worn, and from 50 on greyer."""
    for seed in range(40):
        signs = [imagine(age, gender, seed).ageing for age in AGES]
        assert all(younger.wear < older.wear for younger, older in pairwise(signs))
        assert max(sign.grey for sign in signs[:3]) < 0.25 < signs[4].grey < signs[5].grey


def test_hair_turns_grey_on_the_picture() -> None:
    """On average the hair over the forehead of the dark-haired loses its darkness between 30 and 70."""

    def brightness(age: int) -> float:
        crown = (200, 60, 312, 90)
        seeds = [seed for seed in range(30) if imagine(age, "female", seed).skin.darkness > 0.4][:4]
        drawn = [draw_portrait(age, "female", seed).crop(crown).convert("L") for seed in seeds]
        return float(np.mean([np.asarray(picture).mean() for picture in drawn]))

    assert brightness(70) > brightness(30) + 40


@pytest.mark.parametrize("size", [(1229, 512), (512, 1195), (100, 100)])
def test_any_ratio_shows_the_whole_person(size: tuple[int, int]) -> None:
    """The head is in the middle of every ratio, with wall on both sides of it and above."""
    width, height = size
    pixels = np.asarray(draw_portrait(50, "male", 3, width, height), np.float32)
    assert pixels.shape == (height, width, 3)
    short = min(size)
    wall = pixels[: short // 40, :].reshape(-1, 3).mean(axis=0)
    eye_level = round(height * (0.47 if width >= height else 0.40))
    line = np.abs(pixels[eye_level] - wall).max(axis=1)
    middle = slice(width // 2 - short // 10, width // 2 + short // 10)
    assert line[middle].mean() > 25
    assert max(line[: short // 10].mean(), line[-short // 10 :].mean()) < 25


def test_planes_stay_in_single_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """No step falls into float64, which would double time and memory: what is blended is float32."""
    from facemon.simulator.portraits import body, colours, face, strands

    seen: set[np.dtype[np.floating]] = set()

    def blend(picture: np.ndarray, paint: np.ndarray, cover: np.ndarray) -> None:
        seen.update({picture.dtype, np.asarray(cover).dtype})
        if isinstance(paint, np.ndarray):
            seen.add(paint.dtype)
        colours.blend(picture, paint, cover)

    for room in (body, face, strands):
        monkeypatch.setattr(room, "blend", blend)
    draw_portrait(60, "female", 2)
    draw_portrait(60, "male", 2)
    assert seen == {np.dtype(np.float32)}
