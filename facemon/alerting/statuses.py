"""From what the store keeps to one status for each component: what the rules say, with its evidence. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from facemon.alerting.before import left
from facemon.alerting.components import AVAILABILITY, MONITOR, PICTURES
from facemon.alerting.evidence import evidence_of
from facemon.alerting.rules.outcomes import Finding
from facemon.alerting.rules.watch import FLAP, Change
from facemon.alerting.status import Over, Status
from facemon.alerting.subjects import Subject
from facemon.incident import Incident
from facemon.model import MonitoringData, State
from facemon.store.incidents import Snapshot
from facemon.store.runs import Run

_LAST = 10  # generations that say how it is now, rather than over the whole incident
_ROW, _FEW = 5, 2  # failures in a row that turn degraded to down, and of the last ten that turn it back
_BLIND = 3  # that could not be seen, in a row: nothing can be seen


def statuses(
    watched: Iterable[Subject],
    records: Sequence[MonitoringData],
    runs: Sequence[Run],
    snapshot: Snapshot,
    report: str = "",
    *,
    unseen: datetime | None = None,
    flap: timedelta = FLAP,
) -> list[Status]:
    """One for each component. records, runs: oldest first · report: address of the Allure report · unseen: what ended
    after it was not there when somebody last looked (None: nobody has, and what is over is past) · flap: as in
    `decide`.
    """
    found: dict[str, list[tuple[Subject, Finding]]] = {}
    over: dict[str, list[tuple[Subject, Change]]] = {}
    restless = set()
    watched = [subject for subject in watched if subject.outcomes]
    before = {subject.component: left(snapshot, subject.component) for subject in watched}
    for subject in watched:
        was = before[subject.component]
        judged = subject.judged(was.recovered_at, was.reopened, was.since, flap)
        if not subject.calm:
            restless.add(subject.component)
        if judged.finding is not None:
            found.setdefault(subject.component, []).append((subject, judged.finding))
        over.setdefault(subject.component, []).extend(
            (subject, change) for change in judged.ended if unseen is not None and change.at > unseen
        )
    seen = _Seen(records, runs, report)
    made = [seen.broken(component, each, before[component].opened) for component, each in found.items()]
    for component in sorted(set(before) - set(found)):
        if over[component] and before[component].opened is None:
            made.append(_was_broken(component, over[component], seen))
        else:
            made.append(Status(component, State.UP, recovered=component not in restless))
    return made


@dataclass(frozen=True, slots=True)
class _Seen:
    """What was seen of a target. records, runs: oldest first."""

    records: Sequence[MonitoringData]
    runs: Sequence[Run]
    report: str

    def until(self, moment: datetime) -> _Seen:
        """What there was by then."""
        return replace(
            self,
            records=[record for record in self.records if record.timestamp <= moment],
            runs=[run for run in self.runs if run.started_at <= moment],
        )

    def broken(
        self, component: str, found: Sequence[tuple[Subject, Finding]], opened: Incident | None
    ) -> Status:
        """It is not up. opened: its incident, if there is one."""
        findings = [finding for _, finding in found]
        first = min(findings, key=lambda finding: not finding.urgent)
        since = min(finding.since for finding in findings)
        within = [record for record in self.records if record.timestamp >= since]
        bad = [record for record in within if _speaks(record, component)]
        causes = Counter(_cause(record, component) for record in bad[-_LAST:])
        shown = bad or _named(findings, self.records)
        return Status(
            component,
            _state(component, within, opened),
            causes.most_common(1)[0][0] if causes else _failing(found[0][0]),
            urgent=any(finding.urgent for finding in findings),
            evidence=evidence_of(component, first.text, found, shown, self.runs, self.report),
            since=since,
            blind=component == MONITOR
            and all(record.state is State.UNKNOWN for record in self.records[-_BLIND:]),
        )


def _was_broken(component: str, ended: Sequence[tuple[Subject, Change]], seen: _Seen) -> Status:
    """It is up, and was not. Nobody is woken for that."""
    span = Over(min(change.finding.since for _, change in ended), max(change.at for _, change in ended))
    was = seen.until(span.ended).broken(
        component, [(subject, change.finding) for subject, change in ended], None
    )
    told = replace(was.evidence, rule=f"{was.evidence.rule}; it was over before anybody looked")
    return replace(was, urgent=False, blind=False, evidence=told, over=span)


def _named(findings: Sequence[Finding], records: Sequence[MonitoringData]) -> list[MonitoringData]:
    """The records on which a finding rests: of a time or a mean, no record says by itself that it is wrong."""
    refs = {ref for finding in findings for ref in finding.refs}
    return [record for record in records if record.id in refs]


def _speaks(record: MonitoringData, component: str) -> bool:
    """Whether a record shows by itself what is wrong with the component."""
    if component == MONITOR:
        return record.state is State.UNKNOWN
    if record.state is State.UNKNOWN:
        return False
    if component == AVAILABILITY:
        return not record.succeeded or bool(record.retry_count)
    return component == PICTURES and record.succeeded and bool(record.quality.failed)


def _state(component: str, within: Sequence[MonitoringData], opened: Incident | None) -> State:
    """Down where most of the last generations failed so that nothing works. An incident changes its state only where
    they are all, or nearly, of the other kind: one of which every second fails would go to and fro (so it does once in
    some hundred generations).
    """
    if component == MONITOR:
        return State.UNKNOWN
    last = [record for record in within if record.state is not State.UNKNOWN][-_LAST:]
    if component != AVAILABILITY or not last:
        return State.DEGRADED
    downs = [not record.succeeded and record.state is State.DOWN for record in last]
    was = opened.state if opened is not None else State.UP
    if was is State.DOWN:
        down = sum(downs) > _FEW
    elif was is State.DEGRADED:
        down = len(downs) >= _ROW and all(downs[-_ROW:])
    else:
        down = 2 * sum(downs) > len(downs)
    return State.DOWN if down else State.DEGRADED


def _failing(subject: Subject) -> str:
    return f"{subject.name} {'fails' if '::' in subject.name else 'is not kept'}"


def _cause(record: MonitoringData, component: str) -> str:
    if component == PICTURES:
        return f"refused by {record.quality.failed[0].evaluator}"
    if record.errors:
        return record.errors[-1].cause
    types = record.error_types
    return types[-1] if types else "retried"
