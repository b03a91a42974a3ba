"""A face as a vector: the nearer two of them lie, the more alike the faces look."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from facemon.vision.aligned import HEIGHT, WIDTH, aligned_luminance
from facemon.vision.calibration import Threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facemon.vision.subject import Subject

_DIRECTIONS = 9  # of the gradient, over half a turn: dark on bright is as good as bright on dark
_CELL = 16  # pixels: a quarter of the distance between the eyes
# Grey values per pixel: blocks whose contrast is far below this (a tenth of a grey value) count for little.
_FLAT = 6.0
_MOST = 0.2  # of a block's length that one direction may have: a hard edge of light is no feature


class Descriptor(Protocol):
    """What turns a face into a vector.

    `source` cites its definition; `version` changes when its vectors do · `extra`: the optional package it needs ·
    `half_distance`: the Euclidean distance at which two faces count as half the same person · `threshold`: the
    diversity score below which a set is a collapse.
    """

    name: ClassVar[str]
    version: ClassVar[str]
    source: ClassVar[str]
    extra: ClassVar[str | None]
    half_distance: ClassVar[float]
    threshold: ClassVar[Threshold]

    def describe(self, subject: Subject) -> NDArray[np.float32]:
        """The vector of the one face. Raises as `Subject.face`."""
        ...


class ClassicalDescriptor:
    """Histograms of oriented gradients of the aligned face: vectors of length 1, 3564 numbers.

    It compares how faces look, not who they are. Distances measured: other encodings of a picture at most 0.15 (25
    real portraits) and 0.19 (36 drawn ones); drawn people of one age and gender at least 0.20, median 0.36 for the
    most alike; different real people at least 0.46, median 0.61. Another photograph of the same real person: 0.34 to
    0.63, which is nearer than another person's in 93 of 100 comparisons (25 portraits of 9 people) and still no proof:
    who needs that takes `IdentityDescriptor`.
    """

    name: ClassVar[str] = "hog"
    version: ClassVar[str] = "1"
    source: ClassVar[str] = (
        "Dalal and Triggs, Histograms of oriented gradients for human detection, CVPR 2005"
    )
    extra: ClassVar[str | None] = None
    half_distance: ClassVar[float] = 0.15
    threshold: ClassVar[Threshold] = Threshold(
        50,
        "half as many people as pictures; 8 to 30 drawn people of one age and gender scored 94 at least in 400 draws, "
        "30 real people 100",
    )

    def describe(self, subject: Subject) -> NDArray[np.float32]:
        """The face's shape in light and dark, shape (3564,). Raises as `Subject.face`."""
        cells = _cells(_oriented(subject.view(aligned_luminance)))
        blocks = np.concatenate([cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]], axis=-1)
        blocks = np.minimum(_unit(blocks, _FLAT), _MOST)
        vector = _unit(blocks, _MOST / 2).ravel()
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-6), np.float32)


def _oriented(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Contrast by direction, shape (9, height, width): each pixel's is shared by the two directions beside it."""
    padded = np.pad(grey, 1, mode="edge")
    across = (padded[1:-1, 2:] - padded[1:-1, :-2]) / 2
    down = (padded[2:, 1:-1] - padded[:-2, 1:-1]) / 2
    contrast = np.hypot(across, down)
    direction = np.arctan2(down, across) / np.pi % 1 * _DIRECTIONS
    lower = np.floor(direction)
    share, first = direction - lower, lower.astype(np.intp) % _DIRECTIONS
    sorted_by = np.zeros((_DIRECTIONS, *grey.shape), np.float32)
    rows, columns = np.ogrid[: grey.shape[0], : grey.shape[1]]
    sorted_by[first, rows, columns] = contrast * (1 - share)
    sorted_by[(first + 1) % _DIRECTIONS, rows, columns] = contrast * share
    return sorted_by


def _cells(oriented: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean contrast by cell and direction, shape (12, 10, 9)."""
    return np.asarray((_weights(HEIGHT) @ oriented @ _weights(WIDTH).T).transpose(1, 2, 0))


@cache
def _weights(length: int) -> NDArray[np.float32]:
    """Each pixel's share in the cells beside it, shape (cells, length), rows of sum 1 but at the edges.

    A pixel between two cells belongs to both: the eyes are found anew, a pixel beside, in every encoding.
    """
    middles = np.arange(_CELL / 2, length, _CELL)
    distance = np.abs(np.arange(length) + 0.5 - middles[:, None])
    return np.asarray(np.maximum(0, 1 - distance / _CELL) / _CELL, np.float32)


def _unit(blocks: NDArray[np.float32], least: float) -> NDArray[np.float32]:
    """Each block at length 1; shorter the nearer its own length is to `least`."""
    length = np.sqrt((blocks**2).sum(axis=-1, keepdims=True) + np.float32(least) ** 2)
    return np.asarray(blocks / length)
