"""Which pictures to draw before the first answer, so that a warm simulator replies in milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facemon.simulator.config import SimulatorConfig
from facemon.simulator.studio import picture_key, pool_seed
from facemon.simulator.subject import Subject
from facemon.simulator.v2beta import size

if TYPE_CHECKING:
    from facemon.simulator.portraits import PictureKey

CELLS = tuple(Subject(age, gender) for age in (20, 30, 40, 50, 60, 70) for gender in ("male", "female"))
"""The twelve kinds of person the application asks for."""


def working_set(
    config: SimulatorConfig,
    model: str = "core",
    format: str = "png",  # noqa: A002  (the name it has everywhere else)
    ratio: str = "1:1",
) -> list[PictureKey]:
    """Every cell with every seed of its pool, at the size `model` makes of `ratio`; v1 pictures are like ultra's."""
    pixels = size(model, ratio)
    return [
        picture_key(cell, pool_seed(config.seed, cell, place), pixels, format)
        for cell in CELLS
        for place in range(config.pool)
    ]
