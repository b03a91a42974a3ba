"""The variants: each goes wrong in the way its name says, and always in the same one."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image

from facemon.simulator.portraits import PictureKey
from facemon.simulator.portraits.encoding import render
from facemon.simulator.portraits.variants import VARIANTS

SUBJECT = (50, "female", 4)


def _paint(variant: str, width: int = 768, height: int = 768, seed: int = 4) -> np.ndarray:
    return np.asarray(VARIANTS[variant](50, "female", seed, width, height), np.float32)


def _detail(pixels: np.ndarray) -> float:
    """Variance of the Laplacian of the picture reduced to a third."""
    grey = np.asarray(Image.fromarray(pixels.astype(np.uint8)).convert("L").reduce(3), np.float32)
    inner = grey[1:-1, :-2] + grey[1:-1, 2:] + grey[:-2, 1:-1] + grey[2:, 1:-1] - 4 * grey[1:-1, 1:-1]
    return float(inner.var())


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("size", [(336, 144), (144, 336), (99, 64)])
def test_every_variant_has_its_exact_size(variant: str, size: tuple[int, int]) -> None:
    """RGB of the size asked for, whatever the ratio."""
    image = VARIANTS[variant](*SUBJECT, *size)
    assert (image.size, image.mode) == (size, "RGB")


def test_every_variant_is_the_same_in_every_process() -> None:
    """The same key gives the same bytes, here and in another process; no two variants are alike."""
    program = (
        "import sys; from hashlib import sha256\n"
        "from facemon.simulator.portraits.encoding import render\n"
        "from facemon.simulator.portraits.keys import PictureKey\n"
        "from facemon.simulator.portraits.variants import VARIANTS\n"
        "for name in VARIANTS:\n"
        "    key = PictureKey(50, 'female', 4, 160, 160, 'png', name)\n"
        "    sys.stdout.write(sha256(render(key)).hexdigest() + chr(10))"
    )
    elsewhere = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    here = [sha256(render(PictureKey(*SUBJECT, 160, 160, "png", name))).hexdigest() for name in VARIANTS]
    assert elsewhere.stdout.split() == here
    assert len(set(here)) == len(VARIANTS)


def test_focus_and_resolution_take_detail_away() -> None:
    """Out of focus is softer than plain and sharper than moderation's blur; a thumbnail lacks detail at full size."""
    assert _detail(_paint("blurred")) < _detail(_paint("out_of_focus")) < _detail(_paint("plain")) / 4
    plain, enlarged = (np.abs(np.diff(_paint(name), axis=1)).mean() for name in ("plain", "upscaled"))
    assert enlarged < plain / 2


def test_noise_is_strong_and_survives_reduction() -> None:
    """40 grey values at the served pixels, and more detail than plain at a third of the size."""
    difference = (_paint("noisy") - _paint("plain"))[192:576, 192:576]
    assert 30 < difference.std() < 45
    assert _detail(_paint("noisy")) > 4 * _detail(_paint("plain"))


def test_exposures_move_the_light() -> None:
    """A fifth of the light, or half of the face's middle burnt to white."""
    assert _paint("underexposed").mean() == pytest.approx(0.2 * _paint("plain").mean(), abs=1)
    assert (_paint("overexposed")[300:440, 320:450].min(axis=2) >= 254).mean() > 0.4


def test_compression_shows_its_blocks() -> None:
    """The steps between blocks of 8 pixels are larger than those inside them."""
    steps = np.abs(np.diff(_paint("heavily_compressed"), axis=1)).mean(axis=(0, 2))
    at_edges = np.arange(1, 768) % 8 == 0
    assert steps[at_edges].mean() > 2 * steps[~at_edges].mean()


def test_a_cut_face_lies_at_the_edge() -> None:
    """One edge, as the seed says, runs through a head from hair to chin; the other sees the wall alone."""
    for seed, cut, far in ((4, -1, 0), (5, 0, -1)):
        columns = _paint("face_cut_off", seed=seed)[100:600].mean(axis=2)
        assert columns[:, cut].std() > 4 * columns[:, far].std()


def test_a_scene_without_a_face_is_lively() -> None:
    """Neither blank nor blurred: it has more contrast than a wall and as much detail as a portrait."""
    assert _paint("no_face").std() > 20
    assert _detail(_paint("no_face")) > _detail(_paint("plain")) / 4


def test_a_profile_is_no_frontal_face() -> None:
    """A face from the front nearly equals its mirror image; from the side it has hair where the other has skin."""
    plain, profile = (
        np.abs(head - head[:, ::-1]).mean()
        for head in (_paint(name)[230:480, 200:568] for name in ("plain", "profile"))
    )
    assert profile > 2 * plain


def test_two_faces_have_a_half_each() -> None:
    """Down to the chin there is wall in the middle of the picture, and a head in the middle of either half."""
    left, middle, right = (
        _paint("two_faces")[60:460, column].mean(axis=1).std() for column in (192, 384, 576)
    )
    assert min(left, right) > 3 * middle
