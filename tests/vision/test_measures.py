"""Classical measures against values that are known beforehand."""

import numpy as np
import pytest
from PIL import Image

from facemon.vision.measures import (
    TILE,
    blocking,
    detail_energy,
    impulse_level,
    laplacian_variance,
    noise_level,
    ring_energies,
    sigmoid,
    without_impulses,
)


def random(shape=(300, 300), sigma=1.0, mean=127.0, seed=1):
    """White noise."""
    return (mean + np.random.default_rng(seed).normal(0, sigma, shape)).astype(np.float32)


def enlarged(grey, factor, kernel=Image.Resampling.BICUBIC):
    """The same with more pixels."""
    size = grey.shape[1] * factor, grey.shape[0] * factor
    return np.asarray(Image.fromarray(grey).resize(size, kernel))


def in_blocks(step, shape=(320, 320), origin=(0, 0)):
    """Blocks of 8 pixels, each lighter or darker than the next by about `step`, with fine noise on them."""
    cells = np.random.default_rng(2).normal(0, step, (shape[0] // 8 + 1, shape[1] // 8 + 1))
    blocks = cells.repeat(8, axis=0).repeat(8, axis=1)[origin[0] :, origin[1] :][: shape[0], : shape[1]]
    return (random(blocks.shape) + blocks).astype(np.float32)


# --- the spectrum of tiles ---


def test_the_rings_hold_the_variance():
    """Parseval: white noise of variance 25 has 25 in all columns, a fifth of it in the corners beyond the rings."""
    energies = ring_energies(random(sigma=5))
    assert energies.shape[1] == 18 and energies.dtype == np.float32
    assert float(energies.sum(axis=1).mean()) == pytest.approx(25, rel=0.08)
    assert float(energies[:, -1].mean()) == pytest.approx(25 * 0.19, rel=0.1)


@pytest.mark.parametrize("ring", [2, 5, 10, 15])
def test_a_wave_is_in_its_ring(ring):
    """A wave of amplitude 10 has a variance of 50, in the ring of its frequency and its neighbours."""
    wave = 10 * np.sin(2 * np.pi * ring * np.arange(200) / TILE)
    energies = ring_energies(np.tile(wave.astype(np.float32), (200, 1))).mean(axis=0)
    assert int(np.argmax(energies)) == ring
    assert float(energies[ring - 1 : ring + 2].sum()) == pytest.approx(50, rel=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (31, 500), (500, 31)])
def test_no_tile_fits(shape):
    """A picture smaller than a tile has none, and raises nothing."""
    assert ring_energies(np.zeros(shape, np.float32)).shape == (0, 18)


@pytest.mark.parametrize("sigma", [1, 10, 40])
@pytest.mark.parametrize("grain", [1, 2, 3])
def test_noise_is_no_detail(sigma, grain):
    """White or coarse, weak or strong: what is everywhere is not detail."""
    noise = enlarged(random(sigma=sigma), grain, Image.Resampling.NEAREST)[:300, :300]
    assert float(detail_energy(ring_energies(noise))[1:].sum()) < 0.03 * sigma**2


def test_detail_under_noise_is_found_again():
    """The energy of what stands in places changes little when noise is added, and becomes no more."""
    clean = np.full((300, 300), 127, np.float32)
    clean[100:200, 100:200] += random((100, 100), 8, mean=0, seed=4).cumsum(axis=0).cumsum(axis=1)
    alone = detail_energy(ring_energies(clean))
    noisy = detail_energy(ring_energies(clean + random(sigma=8, mean=0)))
    assert 0.8 * alone.sum() < noisy.sum() < 1.02 * alone.sum()


def test_nothing_above_a_drowned_frequency_counts():
    """Where one ring is all noise, what seems to stand out in a finer one is chance."""
    energies = np.ones((20, 18), np.float32)
    energies[0] = 100
    energies[0, [7, 17]] = 1
    found = detail_energy(energies)
    assert (found[1:7] > 0).all() and not found[7:].any() and found[0] == 0


def test_noise_of_one_tile_is_no_detail():
    """White noise here and none there stands out, but not above what its own corners tell."""
    noise = random(sigma=1)
    noise[100:200, 100:200] = random((100, 100), 20, seed=3)
    energies = ring_energies(noise)
    assert float(detail_energy(energies).sum()) < 0.1 * float(energies[:, :-1].mean(axis=0).sum())


# --- impulses ---


def test_impulses_are_clipped_by_hand():
    """A single light pixel takes its neighbours' largest value; what lies within their range stays."""
    grey = np.arange(25, dtype=np.uint8).reshape(5, 5)
    assert (without_impulses(grey) == grey[1:-1, 1:-1]).all()
    grey[2, 2] = 255
    assert without_impulses(grey)[1, 1] == 17 and without_impulses(grey, 16)[1, 1] == 33
    assert without_impulses(grey).dtype == np.uint8


def test_impulses_are_measured():
    """One pixel in 98 by 98 that lies 98 above its neighbours has a deviation of 1; noise alone has none."""
    grey = np.zeros((100, 100), np.float32)
    grey[50, 50] = 98
    assert impulse_level(grey, 0) == pytest.approx(1) and impulse_level(grey, 30) == 0
    assert impulse_level(random(sigma=10), 10) < 0.1


def test_noise_has_no_laplacian():
    """After the clip white noise of 10 leaves a hundredth of its Laplacian's variance; a fine pattern keeps its own."""
    assert laplacian_variance(without_impulses(random(sigma=10))) < 20
    stripes = np.tile(np.repeat([0, 40], 2), (300, 75)).astype(np.float32)
    assert laplacian_variance(stripes) == pytest.approx(1600)


# --- noise ---


@pytest.mark.parametrize("sigma", [2, 10, 40])
def test_white_noise_is_measured(sigma):
    """The standard deviation comes out as it went in."""
    assert noise_level(random(sigma=sigma)) == pytest.approx(sigma, rel=0.05)


@pytest.mark.parametrize("grain", [2, 3])
def test_coarse_grains_are_heard(grain):
    """Grains of two and three pixels have at least a third of their deviation left."""
    grains = enlarged(random(sigma=40), grain, Image.Resampling.NEAREST)[:300, :300]
    assert noise_level(grains) > 40 / 3


def test_edges_and_lines_are_no_noise():
    """A ramp, a step and hair-like lines over a third of the surface leave the level at nothing."""
    grey = np.tile(np.linspace(0, 200, 300, dtype=np.float32), (300, 1))
    grey[:, 150:] += 50
    grey[:100:3] -= 60
    assert noise_level(grey) < 0.5


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (2, 2), (3, 5)])
def test_noise_of_almost_nothing(shape):
    """The smallest pieces have a level of 0 or one that is finite."""
    assert noise_level(np.zeros(shape, np.float32)) == 0


# --- blocks ---


def test_blocks_by_hand():
    """Steps of 20 between flat blocks, of 0 elsewhere: 20.1 over 0.1, in both directions."""
    row = np.repeat([0, 20], 8)
    grey = np.add.outer(np.tile(row, 4), np.tile(row, 4)).astype(np.float32)
    assert blocking(grey) == pytest.approx(20.1 / 0.1)


@pytest.mark.parametrize("origin", [(0, 0), (3, 0), (5, 2), (7, 7)])
def test_blocks_are_found_wherever_they_begin(origin):
    """A crop of a compressed picture is as compressed as the whole."""
    assert blocking(in_blocks(6, origin=origin)) > 3


def test_stronger_blocks_weigh_more():
    """The measure rises with the steps, from one without."""
    found = [blocking(in_blocks(step)) for step in (0, 1, 2, 4, 8)]
    assert found == sorted(found) and found[0] < 1.05


@pytest.mark.parametrize("factor", [2, 4, 8])
@pytest.mark.parametrize(
    "kernel", [Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS]
)
def test_enlarging_makes_no_blocks(factor, kernel):
    """Interpolation leaves a pattern of its period, in which no place stands out alone."""
    assert blocking(enlarged(random((60, 60), 30), factor, kernel)) < 1.5


@pytest.mark.parametrize("shape", [(9, 9), (16, 16), (9, 640)])
def test_one_colour_has_no_blocks(shape):
    """Nothing divided by nothing is 1 here."""
    assert blocking(np.full(shape, 200, np.float32)) == 1


# --- the curve ---


def test_the_logistic_function():
    """Half at the middle, and no overflow far from it."""
    assert sigmoid(3, 3, 0.1) == 0.5 and sigmoid(4, 3, 1) == pytest.approx(0.7311, abs=1e-4)
    assert (sigmoid(-1e9, 0, 1e-3), sigmoid(1e9, 0, 1e-3)) == (pytest.approx(0), 1)
