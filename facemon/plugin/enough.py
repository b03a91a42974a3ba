"""In a sequential run: whether the sample has said enough, so that the rest of it need not be asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import pytest

from facemon.model import MonitoringData
from facemon.plugin.promised import made_by, name_of
from facemon.slo.judging import Verdict, judge
from facemon.slo.language import parse
from facemon.slo.metrics import Kind
from facemon.slo.objectives import Objective

if TYPE_CHECKING:
    from facemon.plugin.engine import Engine

NOT_NEEDED = "not needed: the evidence suffices after"
_GAP = 3  # records; looking costs a few milliseconds, and more often would save no more than a sample or two
_DECIDED = (Verdict.PASS, Verdict.FAIL)


class Enough:
    """Looks at what all workers' samples have shown, between two checks of this process.

    objectives: the run's · marked: those of single checks, in words, by the check's name. A sample is needed until
    those of the run and those of its own check are decided, by evidence that holds under continuous looking, on this
    run alone: what an objective's window holds of earlier runs says nothing about now.
    """

    def __init__(
        self, engine: Engine, objectives: Sequence[Objective], marked: Mapping[str, Sequence[str]]
    ) -> None:
        self._engine, self._marked = engine, marked
        self._objectives = [each for each in objectives if each.measure.kind is not Kind.RUN]
        self._records: list[MonitoringData] = []
        self._decided: dict[str, bool] = {}

    def check(self, item: pytest.Item) -> None:
        """Skip a check of the sample where no more is needed."""
        name = name_of(item)
        if self._engine.loop.run_until_complete(self._look(name)):  # between two checks the loop stands still
            pytest.skip(f"{NOT_NEEDED} {len(self._records)} samples")

    async def _look(self, name: str) -> bool:
        store, run = self._engine.store, self._engine.context.run_id
        decided = self._decided.get(name, False)
        new = await store.count(run_id=run, purpose="measure") - len(self._records)
        # Once decided, each record that comes late is looked at: it may open the question again.
        if new >= (1 if decided else _GAP):
            await self._engine.drain()
            self._records = await store.records(run_id=run, purpose="measure")
            self._decided = {}
        if name not in self._decided:
            self._decided[name] = self._decide(name, decided)
        return self._decided[name]

    def _decide(self, name: str, before: bool) -> bool:
        if any(record.quality.pending for record in self._records):
            return before  # another worker's: the verdict at the end will know its score, so that this one waits for it
        verdicts = list(self._verdicts(name))
        return bool(verdicts) and all(verdict in _DECIDED for verdict in verdicts)

    def _verdicts(self, name: str) -> Iterator[Verdict]:
        for objective in self._objectives:
            yield judge(objective, self._records, sequential=True).verdict
        of_check = [record for record in self._records if made_by(name, record.check)]
        for sentence in self._marked.get(name, ()):
            yield judge(parse(sentence), of_check, sequential=True).verdict
