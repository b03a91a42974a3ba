"""The promises of a run and of its checks, judged on what the run, and where they say so earlier ones, saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from facemon.load.figures import counted
from facemon.model import MonitoringData
from facemon.plugin.promised import UNDER_LOAD, made_by
from facemon.plugin.run import label
from facemon.slo.judging import Counted, Judgement, judge
from facemon.slo.language import parse
from facemon.slo.metrics import Kind
from facemon.slo.objectives import Objective
from facemon.store import RecordStore
from facemon.store.runs import target_label

if TYPE_CHECKING:
    from facemon.config import Settings
    from facemon.plugin.promised import Promised
    from facemon.plugin.state import SessionState

GATE = "gate"
"""The check that a gate's records name."""


@dataclass(frozen=True, slots=True)
class Judged:
    """run: the judgements of the run's own objectives · checks: those of a check's markers, by its name · left_out:
    objectives of the project's file about what this run does not measure, with the reason.
    """

    run: tuple[Judgement, ...] = ()
    checks: Mapping[str, tuple[Judgement, ...]] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def named(self) -> tuple[tuple[str, Judgement], ...]:
        """Each judgement with its sentence; before that of a check stands the check's name."""
        of_checks = ((f"{name}: {item.text}", item) for name, items in self.checks.items() for item in items)
        return (*((item.text, item) for item in self.run), *of_checks)

    @property
    def all(self) -> tuple[Judgement, ...]:
        """Every judgement: each may fail the run."""
        return tuple(item for _, item in self.named)


def judged(
    state: SessionState,
    settings: Settings,
    promise: Promised,
    records: Sequence[MonitoringData],
    earlier: Sequence[MonitoringData],
) -> Judged:
    """Judge everything that is promised. records: the run's own, probes too · earlier: what `earlier_ones` found."""
    measured = [record for record in records if record.purpose == "measure"]
    figures = _figures(state, records)
    left_out = dict(_left_out(state, promise, figures))
    # A run that gave up ended because of what it saw; only evidence that holds at every look bears that.
    sequential = settings.sequential or state.counts.gave_up
    run = tuple(
        judge(
            objective,
            _within(objective, measured, earlier),
            counted=figures,
            sequential=sequential,
        )
        for objective in promise.objectives
        if str(objective) not in left_out
    )
    checks = {
        name: tuple(_of_check(name, sentence, sequential, measured, earlier) for sentence in sentences)
        for name, sentences in state.marked.items()
    }
    # The specification's own need no word where a run does not measure what they are about.
    return Judged(run, checks, left_out if promise.by == "file" else {})


async def earlier_ones(
    settings: Settings, run_id: str, objectives: Sequence[Objective], measured: Sequence[MonitoringData]
) -> list[MonitoringData]:
    """Earlier runs' generations in the objectives' longest window: of the same target, provider and model.

    None for a run that measured nothing: what others saw is no evidence about now.
    """
    longest = max((objective.window or 0.0 for objective in objectives), default=0.0)
    if not longest or not measured:
        return []
    kinds = {_kind(record) for record in measured}
    since, until = _end(measured) - timedelta(seconds=longest), _end(measured)
    async with await RecordStore.open(settings.store) as store:
        target = target_label(label(settings))
        runs = {run.id for run in await store.runs() if run.target == target and run.id != run_id}
        found = await store.records(since=since, until=until, purpose="measure")
    return [record for record in found if record.run_id in runs and _kind(record) in kinds]


def windowed(promise: Promised, state: SessionState) -> tuple[Objective, ...]:
    """Every objective of the run and of its checks that looks back further than the run."""
    marked = [parse(sentence) for sentences in state.marked.values() for sentence in sentences]
    return tuple(objective for objective in (*promise.objectives, *marked) if objective.window is not None)


def cell_name(item: Judgement) -> str:
    """One cell of a split, as a person reads it: `20 female`."""
    return " ".join(str(value) for value in item.cell)


def _of_check(
    name: str,
    sentence: str,
    sequential: bool,
    measured: Sequence[MonitoringData],
    earlier: Sequence[MonitoringData],
) -> Judgement:
    objective = parse(sentence)
    records = _within(objective, measured, earlier)
    return judge(
        objective,
        [record for record in records if made_by(name, record.check)],
        sequential=sequential,
    )


def _within(
    objective: Objective, measured: Sequence[MonitoringData], earlier: Sequence[MonitoringData]
) -> Sequence[MonitoringData]:
    if objective.window is None or not measured:
        return measured
    since = _end(measured) - timedelta(seconds=objective.window)
    found = [record for record in (*earlier, *measured) if record.timestamp >= since]
    return sorted(found, key=lambda record: (record.timestamp, record.id))


def _end(measured: Sequence[MonitoringData]) -> datetime:
    return max(record.timestamp for record in measured)


def _kind(record: MonitoringData) -> tuple[str | None, ...]:
    """What makes two generations comparable; a gate's are of a candidate, or made to misbehave."""
    said = record.request_params
    gate = GATE if record.check == GATE else None
    return said.provider, said.model, said.template, said.template_version, gate


def _figures(state: SessionState, records: Sequence[MonitoringData]) -> dict[str, Counted]:
    """Of the whole run, by the metric's name. Under load, memory is that of the load phase: the promise is about it."""
    found: dict[str, Counted] = {}
    if records:
        memory = max(record.resources.memory_bytes for record in records) / 1e6
        note = "of the largest process, test tools included"
        found["memory"] = Counted(memory, memory, memory, len(records), note)
    if state.diversity:
        score, people = min(state.diversity)
        sets = len(state.diversity)
        note = f"the least diverse of {sets} sets" if sets > 1 else ""
        found["diversity_score"] = Counted(score, score, score, people, note)
    return found | (counted(state.load) if state.load else {})


def _left_out(
    state: SessionState, promise: Promised, figures: Mapping[str, Counted]
) -> Iterator[tuple[str, str]]:
    if promise.by == "command line":
        return
    for objective in promise.objectives:
        why = _not_measured(state, objective, figures)
        if why:
            yield str(objective), why


def _not_measured(state: SessionState, objective: Objective, figures: Mapping[str, Counted]) -> str:
    if objective.metric in UNDER_LOAD:
        asked = state.load is not None or state.config.pluginmanager.has_plugin("facemon-load")
        return "" if asked else "no rate was asked for (--facemon-rate)"
    if objective.metric == "diversity_score":
        return "" if objective.metric in figures else "no check compared portraits"
    if objective.measure.kind is Kind.RUN or state.samples or state.load is not None:
        return ""  # what the load phase asked for was measured as well
    return "no sample was asked for"
