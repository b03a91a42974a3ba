"""Seeded chance, one independent stream for each part of a portrait."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

# Nobody is drawn further out than two standard deviations: a rare nose may not break a face.
_FARTHEST = 2.0


class Dice:
    """Draws numbers about one part of one person; Python floats, so that float32 arrays stay float32."""

    def __init__(self, age: int, gender: str, seed: int, part: str) -> None:
        # A stream a part: a further draw for the hair must not move the nose. crc32, because `hash` of a
        # text differs from process to process.
        key = [seed, age, zlib.crc32(gender.encode()), zlib.crc32(part.encode())]
        self.generator = np.random.default_rng(key)

    def near(self, mean: float, spread: float) -> float:
        """A normal draw around `mean`, cut off at two spreads."""
        deviation = float(np.clip(self.generator.normal(), -_FARTHEST, _FARTHEST))
        return mean + spread * deviation

    def between(self, low: float, high: float) -> float:
        """A uniform draw."""
        return float(self.generator.uniform(low, high))

    def happens(self, probability: float) -> bool:
        """True in this share of the draws."""
        return float(self.generator.random()) < probability

    def pick(self, weights: Mapping[str, float]) -> str:
        """A name, as often as its weight says; weights need not sum to one, negative ones count as none."""
        names = list(weights)
        shares = np.clip(np.array([weights[name] for name in names]), 0, None)
        return names[int(self.generator.choice(len(names), p=shares / shares.sum()))]
