"""Classical measures on arrays of grey values: pure functions, each with its source."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]
"""Grey values 0 to 255, shape (height, width)."""

TILE = 32  # pixels
_STEP = 24  # pixels from tile to tile: the window's flanks overlap
_QUIET = 0.25  # the share of tiles that is taken for empty of detail
# Under noise alone a ring's energy is hardly ever three times that of the quiet tiles.
_STANDS_OUT = 3.0
_ABOVE_OWN = 2.0  # the same above the noise of the tile itself, which its corners tell from many frequencies
_CLEARLY = 0.05  # times the noise, on average over the tiles: detail that is beyond doubt
_NORMAL_MEDIAN = 0.6745  # the median of the absolute value of a standard normal variable
_FAR = 4.0  # standard deviations
VISIBLE = 16  # grey values: a lesser impulse is texture
# The Laplacian's variance over the square of that median's deviation, in simulated noise after `without_impulses`.
_LAPLACIAN_OF_NOISE = 7.6
_SMALLEST_STEP = 0.1  # grey values: on one colour no step is larger than another


def _window() -> NDArray[np.float32]:
    row = np.hanning(TILE + 2)[1:-1]
    window = np.outer(row, row)
    return np.asarray(window / np.sqrt((window**2).mean()), np.float32)


def _ring_order() -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """The places of a tile's spectrum by ring, where each ring starts among them, and how often each counts."""
    down, across = np.fft.fftfreq(TILE, 1 / TILE)[:, None], np.fft.rfftfreq(TILE, 1 / TILE)[None]
    ring = np.minimum(np.rint(np.hypot(down, across)), TILE // 2 + 1).astype(int).ravel()
    order = np.argsort(ring, kind="stable")
    # A real picture's spectrum is symmetric: all columns but the first and the last stand for two.
    times = np.where((across == 0) | (across == TILE // 2), 1, 2).repeat(TILE, axis=0).ravel()[order]
    return order, np.searchsorted(ring[order], np.arange(TILE // 2 + 2)), (times / TILE**4).astype(np.float32)


_WINDOW = _window()
_ORDER, _STARTS, _TIMES = _ring_order()


def laplacian_variance(grey: Grey) -> float:
    """The variance of the 4-neighbour Laplacian, in squared grey values: little detail, little variance.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000; less that of
    white noise that went through `without_impulses`, tile by tile, which the median of the diagonal detail of a Haar
    wavelet tells (Donoho and Johnstone 1994). grey has at least 4 by 4 pixels.
    """
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    squares = _tiles(laplacian**2, TILE).mean(axis=1)
    noise = (np.median(np.abs(_tiles(_haar(inner)[0], TILE // 2)), axis=1) / _NORMAL_MEDIAN) ** 2
    return max(0.0, float((squares - _LAPLACIAN_OF_NOISE * noise).mean()))


def _tiles(values: Grey, side: int) -> Grey:
    """Shape (tiles, pixels of one); what does not fill a tile is left out, but for a picture smaller than one."""
    height, width = (min(side, length) for length in values.shape)
    rows, columns = values.shape[0] // height, values.shape[1] // width
    tiles = values[: rows * height, : columns * width].reshape(rows, height, columns, width).swapaxes(1, 2)
    return tiles.reshape(rows * columns, height * width)


def _haar(grey: Grey) -> tuple[Grey, Grey]:
    """The diagonal detail and the mean of each square of 2 by 2 pixels."""
    grey = grey[: grey.shape[0] // 2 * 2, : grey.shape[1] // 2 * 2]
    one, two, three, four = grey[::2, ::2], grey[::2, 1::2], grey[1::2, ::2], grey[1::2, 1::2]
    return one - two - three + four, np.asarray((one + two + three + four) / 4, np.float32)


def sigmoid(value: float, middle: float, width: float) -> float:
    """The logistic function of ISO/IEC 29794-5: 0.5 at `middle`, steeper the smaller `width`."""
    return float(1 / (1 + np.exp(np.clip((middle - value) / width, -500, 500))))


def ring_energies(grey: Grey) -> NDArray[np.float32]:
    """The energy of each tile at each frequency, in squared grey values, shape (tiles, 18).

    The periodogram of overlapping tiles under a Hann window (Welch 1967), summed over rings: ring r holds about r
    periods a tile, which is r / 32 a pixel; the last column is the corners beyond ring 16, where a picture has least
    detail and white noise a fifth of its energy. No tiles for a picture smaller than one.
    """
    if min(grey.shape) < TILE:
        return np.empty((0, TILE // 2 + 2), np.float32)
    tiles = np.lib.stride_tricks.sliding_window_view(grey, (TILE, TILE))[::_STEP, ::_STEP].reshape(
        -1, TILE, TILE
    )
    spectrum = np.fft.rfft2((tiles - tiles.mean((1, 2), keepdims=True)) * _WINDOW)
    power = (spectrum.real**2 + spectrum.imag**2).reshape(len(tiles), -1)[:, _ORDER] * _TIMES
    # No matrix product: the threads that it starts cost more than it.
    return np.asarray(np.add.reduceat(power, _STARTS, axis=1), np.float32)


def detail_energy(energies: NDArray[np.float32], reduction: float = 1.0) -> NDArray[np.float64]:
    """The mean energy in each ring that is no noise, shape (17,), from `ring_energies` of at least one tile.

    Soft thresholding (Donoho and Johnstone 1994). The noise of a ring is that of the quiet tiles in it, so that it need
    not be white; and at least that of white noise as strong as the tile's own corners say, so that it need not be
    the same everywhere. reduction: by how much the picture was made smaller, which took the finest noise away.
    """
    rings = energies[:, :-1]
    quiet = np.quantile(rings, _QUIET, axis=0)
    own = energies[:, -1:] * _white_noise(reduction)
    floor = np.maximum(_STANDS_OUT * quiet, _ABOVE_OWN * own)
    detail = np.maximum(rings - floor, 0).mean(axis=0, dtype=np.float64)
    # Detail grows weaker with its frequency: above one where hardly anything stood out, what does is chance. Fading
    # out, not cut off, so that a little more noise makes a little less detail.
    clear = np.minimum(detail / np.maximum(_CLEARLY * floor.mean(axis=0), 1e-9), 1)
    detail[1:] *= np.minimum.accumulate(clear[1:])
    detail[0] = 0  # slow changes of light
    return np.asarray(detail, np.float64)


def _white_noise(reduction: float) -> NDArray[np.float32]:
    """The energy of white noise in each ring, shape (17,), as multiples of that in the corners.

    Bilinear reduction makes each pixel a mean of others under a triangle: the spectrum is that of those weights.
    """
    places = (np.arange(TILE)[:, None] + 0.5) * reduction
    sources = np.arange(-ceil(reduction), ceil((TILE + 1) * reduction)) + 0.5
    weights = np.maximum(1 - np.abs(sources - places) / reduction, 0)
    weights /= weights.sum(axis=1, keepdims=True)
    response = (np.abs(np.fft.fft(weights, axis=0)) ** 2).sum(axis=1)
    power = np.outer(response, response[: TILE // 2 + 1]).ravel()[_ORDER] * _TIMES
    rings = np.add.reduceat(power, _STARTS)
    return np.asarray(rings[:-1] / rings[-1], np.float32)


def without_impulses(grey: NDArray[Any], tolerance: int = 0) -> NDArray[Any]:
    """Each pixel brought into the range of its four neighbours, or within `tolerance` of it.

    The conditional rank filter of impulse noise (Gonzalez and Woods, "Digital Image Processing", order statistics).
    The outermost pixels are left out. Any dtype, which is kept; grey has at least 3 by 3 pixels.
    """
    up, down, left, right = grey[:-2, 1:-1], grey[2:, 1:-1], grey[1:-1, :-2], grey[1:-1, 2:]
    lowest = np.minimum(np.minimum(up, down), np.minimum(left, right))
    highest = np.maximum(np.maximum(up, down), np.maximum(left, right))
    if tolerance:  # within 0 to 255, so that bytes do not overflow
        lowest, highest = (
            np.maximum(lowest, tolerance) - tolerance,
            np.minimum(highest, 255 - tolerance) + tolerance,
        )
    return np.asarray(np.minimum(np.maximum(grey[1:-1, 1:-1], lowest), highest))


def noise_level(grey: Grey) -> float:
    """The standard deviation of the noise in grey values, for grains of one to about six pixels.

    The median absolute deviation of the diagonal detail of a Haar wavelet (Donoho and Johnstone 1994), which edges
    and texture hardly reach; the largest of three octaves, because coarse grains have no detail in the first.
    """
    level = 0.0
    for _ in range(3):
        if min(grey.shape) < 2:
            break
        diagonal, grey = _haar(grey)
        level = max(level, float(np.median(np.abs(diagonal))) / 2 / _NORMAL_MEDIAN)
    return level


def impulse_level(grey: Grey, noise: float) -> float:
    """The standard deviation of the impulses alone, in grey values: single pixels far outside their neighbours' range.

    Far: by more than four times the standard deviation `noise`, which has a few in a million. grey has at least 3 by
    3 pixels.
    """
    outside = np.abs(grey[1:-1, 1:-1] - without_impulses(grey))
    outside[outside < _FAR * noise + VISIBLE] = 0
    return float(np.sqrt(np.mean(outside**2)))


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
