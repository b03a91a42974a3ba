"""Classical measures on arrays of grey values: pure functions, each with its source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]
"""Grey values 0 to 255, shape (height, width)."""

TILE = 32  # pixels
_STEP = 24  # pixels from tile to tile: the window's flanks overlap
_QUIET = 0.25  # the share of tiles that is taken for empty of detail
# Under noise alone a ring's energy is hardly ever three times that of the quiet tiles.
_STANDS_OUT = 3.0
_CLEARLY = 0.15  # times the noise, on average over the tiles: detail that is beyond doubt
_NORMAL_MEDIAN = 0.6745  # the median of the absolute value of a standard normal variable
_SMALLEST_STEP = 0.1  # grey values: on one colour no step is larger than another


def _window() -> NDArray[np.float32]:
    row = np.hanning(TILE + 2)[1:-1]
    window = np.outer(row, row)
    return np.asarray(window / np.sqrt((window**2).mean()), np.float32)


def _ring_order() -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """The places of a tile's spectrum by ring, where each ring starts among them, and how often each counts."""
    down, across = np.fft.fftfreq(TILE, 1 / TILE)[:, None], np.fft.rfftfreq(TILE, 1 / TILE)[None]
    ring = np.rint(np.hypot(down, across)).astype(int).ravel()
    order = np.argsort(ring, kind="stable")[: np.count_nonzero(ring <= TILE // 2)]
    # A real picture's spectrum is symmetric: all columns but the first and the last stand for two.
    times = np.where((across == 0) | (across == TILE // 2), 1, 2).repeat(TILE, axis=0).ravel()[order]
    return order, np.searchsorted(ring[order], np.arange(TILE // 2 + 1)), (times / TILE**4).astype(np.float32)


_WINDOW = _window()
_ORDER, _STARTS, _TIMES = _ring_order()


def laplacian_variance(grey: Grey) -> float:
    """The variance of the 4-neighbour Laplacian, in squared grey values: little detail, little variance.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000. grey has at
    least 3 by 3 pixels.
    """
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    return float(laplacian.var())


def sigmoid(value: float, middle: float, width: float) -> float:
    """The logistic function of ISO/IEC 29794-5: 0.5 at `middle`, steeper the smaller `width`."""
    return float(1 / (1 + np.exp(np.clip((middle - value) / width, -500, 500))))


def ring_energies(grey: Grey) -> NDArray[np.float32]:
    """The energy of each tile at each frequency, in squared grey values, shape (tiles, 17).

    The periodogram of overlapping tiles under a Hann window (Welch 1967), summed over rings: ring r holds about r
    periods a tile, which is r / 32 a pixel. No tiles for a picture smaller than one.
    """
    if min(grey.shape) < TILE:
        return np.empty((0, TILE // 2 + 1), np.float32)
    tiles = np.lib.stride_tricks.sliding_window_view(grey, (TILE, TILE))[::_STEP, ::_STEP].reshape(
        -1, TILE, TILE
    )
    spectrum = np.fft.rfft2((tiles - tiles.mean((1, 2), keepdims=True)) * _WINDOW)
    power = (spectrum.real**2 + spectrum.imag**2).reshape(len(tiles), -1)[:, _ORDER] * _TIMES
    # No matrix product: the threads that it starts cost more than it.
    return np.asarray(np.add.reduceat(power, _STARTS, axis=1), np.float32)


def detail_energy(energies: NDArray[np.float32]) -> NDArray[np.float64]:
    """The mean energy in each ring that is no noise, shape (17,), from `ring_energies` of at least one tile.

    Soft thresholding (Donoho and Johnstone 1994), with the noise taken from the quiet tiles of the same ring: so it
    need not be white.
    """
    noise = np.quantile(energies, _QUIET, axis=0)
    detail = np.maximum(energies - _STANDS_OUT * noise, 0).mean(axis=0, dtype=np.float64)
    # Detail grows weaker with its frequency: above one where hardly anything stood out, what does is chance. Fading
    # out, not cut off, so that a little more noise makes a little less detail.
    clear = np.minimum(detail / np.maximum(_CLEARLY * noise, 1e-9), 1)
    detail[1:] *= np.minimum.accumulate(clear[1:])
    detail[0] = 0  # slow changes of light
    return np.asarray(detail, np.float64)


def noise_level(grey: Grey) -> float:
    """The standard deviation of the noise in grey values, for grains of one to about six pixels.

    The median absolute deviation of the diagonal detail of a Haar wavelet (Donoho and Johnstone 1994), which edges
    and texture hardly reach; the largest of three octaves, because coarse grains have no detail in the first.
    """
    level = 0.0
    for _ in range(3):
        if min(grey.shape) < 2:
            break
        grey = grey[: grey.shape[0] // 2 * 2, : grey.shape[1] // 2 * 2]
        one, two, three, four = grey[::2, ::2], grey[::2, 1::2], grey[1::2, ::2], grey[1::2, 1::2]
        level = max(level, float(np.median(np.abs(one - two - three + four))) / 2 / _NORMAL_MEDIAN)
        grey = ((one + two + three + four) / 4).astype(np.float32)
    return level


def blocking(grey: Grey) -> float:
    """How much larger the mean step is at the edges of blocks of 8 pixels than at any other place; 1 without blocks.

    After Wang, Sheikh and Bovik, "No-reference perceptual quality assessment of JPEG compressed images", ICIP 2002;
    the edges may lie anywhere, and the second largest of the eight places is the comparison: a picture enlarged two
    or four times has several large ones, and no blocks. grey has at least 9 by 9 pixels.
    """
    # Sorted first: the edges need not lie at the same place across and down.
    second, largest = (np.sort(_steps_by_place(grey)) + np.sort(_steps_by_place(grey.T)))[-2:] / 2
    return float((largest + _SMALLEST_STEP) / (second + _SMALLEST_STEP))


def _steps_by_place(grey: Grey) -> NDArray[np.float64]:
    steps = np.abs(np.diff(grey, axis=1)).mean(axis=0, dtype=np.float64)
    return np.asarray(steps[: len(steps) // 8 * 8].reshape(-1, 8).mean(axis=0))
