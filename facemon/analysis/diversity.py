"""How many different people a set of portraits shows, and which of them are one and the same picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facemon.vision.descriptors import ClassicalDescriptor
from facemon.vision.perceptual import bits_apart, chance_limit
from facemon.vision.trouble import Unscored


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two pictures that are one, by name. bits: how many of the bits of their perceptual hashes differ."""

    first: str
    second: str
    bits: int


@dataclass(frozen=True, slots=True)
class Diversity:
    """What a set of portraits shows.

    score: 0 (one person) to 100 (nobody resembles anybody) · effective_people: the Vendi score, from 1 to `people` ·
    people: how many pictures had a face and were compared · near_duplicates: pairs that differ in at most
    `near_bits` bits · unscored: the names of pictures left out, each with its reason.
    """

    score: float
    effective_people: float
    people: int
    near_duplicates: tuple[NearDuplicate, ...]
    near_bits: int
    unscored: tuple[tuple[str, str], ...] = ()


def diversity(
    descriptors: NDArray[np.floating],
    hashes: NDArray[np.bool_],
    names: Sequence[str],
    *,
    half_distance: float = ClassicalDescriptor.half_distance,
    unscored: Sequence[tuple[str, str]] = (),
) -> Diversity:
    """Compare n faces: descriptors of shape (n, d), perceptual hashes of shape (n, bits), n names.

    Pictures that are one picture count as one person, however their descriptors differ. Raises Unscored for fewer
    than two faces, ValueError where the shapes do not fit or a descriptor is not finite.
    """
    count = len(names)
    if descriptors.ndim != 2 or hashes.ndim != 2 or {len(descriptors), len(hashes)} != {count}:
        raise ValueError(f"{descriptors.shape} descriptors and {hashes.shape} bits for {count} names")
    if not np.isfinite(descriptors).all():
        raise ValueError("a descriptor holds a number that is not finite")
    if count < 2:
        raise Unscored(f"diversity needs at least two pictures with a face, not {count}")
    near_bits = chance_limit(count * (count - 1) // 2)
    apart = bits_apart(hashes)
    near = np.argwhere(np.triu(apart <= near_bits, k=1))
    people = vendi_score(similarity(descriptors[_originals(count, near)], half_distance))
    return Diversity(
        score=100 * (people - 1) / (count - 1),
        effective_people=people,
        people=count,
        near_duplicates=tuple(NearDuplicate(names[a], names[b], int(apart[a, b])) for a, b in near),
        near_bits=near_bits,
        unscored=tuple(unscored),
    )


def similarity(descriptors: NDArray[np.floating], half_distance: float) -> NDArray[np.float64]:
    """Shape (n, d) to (n, n): 1 for the same vector, 0.5 at `half_distance`, falling as a Gaussian of the distance.

    A Gaussian, because it is positive semi-definite (Schoenberg 1938), which the Vendi score asks for.
    """
    vectors = descriptors.astype(np.float64)
    products = vectors @ vectors.T
    lengths = np.diag(products)
    squares = np.maximum(lengths[:, None] + lengths - 2 * products, 0)
    np.fill_diagonal(squares, 0)
    return np.asarray(np.exp2(-squares / half_distance**2))


def vendi_score(similarities: NDArray[np.float64]) -> float:
    """The effective number of different items: from 1, all alike, to n, none like another.

    similarities: shape (n, n), positive semi-definite, ones on the diagonal. The exponential of the Shannon entropy
    of the eigenvalues of it divided by n: Friedman and Dieng, "The Vendi Score", TMLR 2023.
    """
    count = len(similarities)
    shares = np.linalg.eigvalsh(similarities / count)
    shares = shares[shares > 0]
    return float(np.clip(np.exp(-(shares * np.log(shares)).sum()), 1, count))


def _originals(count: int, pairs: NDArray[np.intp]) -> NDArray[np.intp]:
    """For each picture the first that is the same picture, directly or by way of others; itself where none is."""
    first = np.arange(count)
    for one, other in pairs:
        low, high = sorted((first[one], first[other]))
        first[first == high] = low
    return first
