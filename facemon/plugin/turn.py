"""Where a small sample begins, so that several runs together ask for every age and gender alike."""

from __future__ import annotations

import asyncio

from facemon.config import Settings
from facemon.errors import StoreError
from facemon.plugin.run import label
from facemon.store import RecordStore
from facemon.store.runs import target_label


def first_cell(settings: Settings, run_id: str, count: int, cells: int) -> int:
    """The cell of the first of `count` faces: the one after the last of the run before, as `facemon plan` has it.

    Counts the runs of the same target in the store that began before this one (ids are in the order of time), so that
    all workers of a run come to the same. The first cell where there is no store to read.
    """
    if count % cells == 0:
        return 0
    try:
        return asyncio.run(_runs_before(settings, run_id)) * count % cells
    except StoreError:
        return 0


async def _runs_before(settings: Settings, run_id: str) -> int:
    async with await RecordStore.open(settings.store, read_only=True, must_exist=True) as store:
        target = target_label(label(settings))
        return sum(run.id < run_id and run.target == target for run in await store.runs())
