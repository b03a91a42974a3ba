"""A set of records split by age, gender and the like, and which of the cells to call failed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from facemon.model import MonitoringData
from facemon.slo.objectives import AXES, KNOWN_VALUES


def cells_of(
    axes: Sequence[str], records: Sequence[MonitoringData]
) -> dict[tuple[object, ...], list[MonitoringData]]:
    """The cells and their records: every combination that is owed, empty or not, and what else there is.

    Owed is every age and gender, together with whatever occurred on the axes of which the values are not known before.
    """
    found = [tuple(AXES[axis](record) for axis in axes) for record in records]
    occurred = [
        tuple(KNOWN_VALUES.get(axis, (value,)) for axis, value in zip(axes, cell, strict=True))
        for cell in found
    ]
    if not records and all(axis in KNOWN_VALUES for axis in axes):
        occurred = [tuple(KNOWN_VALUES[axis] for axis in axes)]
    cells: dict[tuple[object, ...], list[MonitoringData]] = {
        cell: [] for choices in dict.fromkeys(occurred) for cell in product(*choices)
    }
    for cell, record in zip(found, records, strict=True):
        cells.setdefault(cell, []).append(record)
    return cells


def benjamini_hochberg(p_values: Sequence[float], rate: float) -> list[bool]:
    """Which to reject so that of those rejected a share of at most `rate` is rejected wrongly, on average.

    Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995): the k smallest, for the largest k
    whose k-th smallest is at most k / n * rate. Holds for p-values of different records, which are independent; and
    for 1 / e-values whatever depends on what (Wang and Ramdas, the e-BH procedure, JRSS B 84, 2022).
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    last = max(
        (k for k, place in enumerate(order, 1) if p_values[place] <= k / len(order) * rate),
        default=0,
    )
    rejected = set(order[:last])
    return [place in rejected for place in range(len(p_values))]
