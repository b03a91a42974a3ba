"""From encoded pictures to the diversity of the people on them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from facemon.analysis.diversity import Diversity, diversity
from facemon.vision.descriptors import Descriptor
from facemon.vision.perceptual import perceptual_hash
from facemon.vision.subject import Subject
from facemon.vision.trouble import ModelUnavailable, Unreadable, Unscored


def compare(pictures: Iterable[tuple[str, bytes]], descriptor: Descriptor) -> Diversity:
    """The diversity of named pictures, one in memory at a time.

    A picture that does not decode, or without exactly one face, is left out and reported. Raises Unscored where
    fewer than two are left, ModelUnavailable where a model cannot be loaded.
    """
    names, vectors, hashes, unscored = [], [], [], []
    for name, data in pictures:
        subject = Subject(data)
        try:
            vector, bits = descriptor.describe(subject), perceptual_hash(subject)
        except ModelUnavailable:
            raise
        except (Unreadable, Unscored) as why:
            unscored.append((name, str(why)))
            continue
        names.append(name)
        vectors.append(vector)
        hashes.append(bits)
    if len(names) < 2:
        raise Unscored(f"diversity needs at least two pictures with a face, not {len(names)}")
    return diversity(
        np.stack(vectors),
        np.stack(hashes),
        names,
        half_distance=descriptor.half_distance,
        unscored=unscored,
    )
