"""How a picture looks, in numbers: what is kept of it when people are compared over many pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from facemon.model import MonitoringData
from facemon.vision.perceptual import perceptual_hash
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unreadable, Unscored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from facemon.vision.descriptors import Descriptor


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """The one face of a picture, and the picture. vector: the descriptor's, shape (d,) · bits: the perceptual hash,
    shape (1024,) · half_distance: of the descriptor that made the vector.
    """

    vector: NDArray[np.floating]
    bits: NDArray[np.bool_]
    half_distance: float


@dataclass(frozen=True, slots=True)
class Undescribed:
    """A picture that came and does not decode, or has not exactly one face."""

    why: str


Looked = Look | Undescribed | None
"""None: no picture came, or nobody looked."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One request, answered by both. looks: of the baseline's picture and of the candidate's."""

    baseline: MonitoringData
    candidate: MonitoringData
    looks: tuple[Looked, Looked] = (None, None)


def look_at(picture: bytes, descriptor: Descriptor) -> Look | Undescribed:
    """Take a fraction of a second over an encoded picture: it belongs into a thread. Where it cannot, say why."""
    subject = Subject(picture)
    try:
        return Look(descriptor.describe(subject), perceptual_hash(subject), descriptor.half_distance)
    except (Unreadable, Unscored) as why:  # a model that is missing, too
        return Undescribed(str(why))
