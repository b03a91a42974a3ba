"""From what the store keeps to one status for each component: what the rules say, with its evidence. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from facemon.alerting.components import AVAILABILITY, MONITOR, PICTURES, SPEED, explained
from facemon.alerting.evidence import evidence_of
from facemon.alerting.rules.outcomes import Finding
from facemon.alerting.rules.watch import FLAP, Change
from facemon.alerting.status import Over, Status
from facemon.alerting.subjects import Subject
from facemon.incident import CLOSING, Event, Incident
from facemon.model import MonitoringData, State
from facemon.store.incidents import Snapshot
from facemon.store.runs import Run


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
    before = _before(snapshot)
    found: dict[str, list[tuple[Subject, Finding]]] = {}
    over: dict[str, list[tuple[Subject, Change]]] = {}
    seen, restless = set(), set()
    for subject in watched:
        judged = subject.judged(*_left_by(before, subject.component), flap)
        if subject.outcomes:
            seen.add(subject.component)
        if not subject.calm:
            restless.add(subject.component)
        if judged.finding is not None:
            found.setdefault(subject.component, []).append((subject, judged.finding))
        over.setdefault(subject.component, []).extend(
            (subject, change) for change in judged.ended if unseen is not None and change.at > unseen
        )
    made = [_broken(component, each, records, runs, report) for component, each in found.items()]
    for component in sorted(seen - set(found)):
        if over[component] and not before.get(component, _Before()).broken:
            made.append(_was_broken(component, over[component], records, runs, report))
        else:
            made.append(Status(component, State.UP, recovered=component not in restless))
    return made


@dataclass(frozen=True, slots=True)
class _Before:
    """Of a component's incidents. recovered_at: of the last one that was closed · reopened: how often that one had been
    by then · broken: whether one is open.
    """

    recovered_at: datetime | None = None
    reopened: int = 0
    broken: bool = False


def _before(snapshot: Snapshot) -> dict[str, _Before]:
    """What the rules begin with, by component."""
    found: dict[str, _Before] = {}
    for incident in snapshot.incidents:
        closings = _closings(incident, snapshot.events.get(incident.id, ()))
        known = found.get(incident.component, _Before())
        if closings and (known.recovered_at is None or closings[-1] >= known.recovered_at):
            known = replace(known, recovered_at=closings[-1], reopened=len(closings) - 1)
        found[incident.component] = replace(known, broken=known.broken or incident.closed_at is None)
    return found


def _closings(incident: Incident, events: Sequence[Event]) -> list[datetime]:
    """When it was closed, oldest first; that it was told later, after a silence, is no second closing."""
    closings, state = [], State.UP
    for event in events:
        if event.kind in CLOSING and state is not State.UP:
            closings.append(event.at)
        state = event.after
    return closings or ([incident.closed_at] if incident.closed_at is not None else [])


def _left_by(before: Mapping[str, _Before], component: str) -> tuple[datetime | None, int, datetime | None]:
    """When a component last recovered, how often it had been reopened by then, and up to when nothing counts.

    That is the end of what explained it, unless its own incident is open: its failures of that time were told.
    """
    mine = before.get(component, _Before())
    ends = [
        each.recovered_at
        for name, each in before.items()
        if each.recovered_at is not None and not mine.broken and explained(component, {name})
    ]
    return mine.recovered_at, mine.reopened, max(ends, default=None)


def _broken(
    component: str,
    found: Sequence[tuple[Subject, Finding]],
    records: Sequence[MonitoringData],
    runs: Sequence[Run],
    report: str,
) -> Status:
    findings = [finding for _, finding in found]
    first = min(findings, key=lambda finding: not finding.urgent)
    since = min(finding.since for finding in findings)
    bad = [record for record in records if record.timestamp >= since and _speaks(record, component)]
    state = _state(component, bad)
    causes = Counter(_cause(record, component) for record in bad)
    otherwise = "slow" if component == SPEED else found[0][0].name
    cause = causes.most_common(1)[0][0] if causes else otherwise
    return Status(
        component,
        state,
        cause,
        urgent=any(finding.urgent for finding in findings),
        evidence=evidence_of(component, first.text, found, bad or _named(findings, records), runs, report),
    )


def _was_broken(
    component: str,
    ended: Sequence[tuple[Subject, Change]],
    records: Sequence[MonitoringData],
    runs: Sequence[Run],
    report: str,
) -> Status:
    """It is up, and was not. Nobody is woken for that."""
    span = Over(min(change.finding.since for _, change in ended), max(change.at for _, change in ended))
    within = [record for record in records if record.timestamp <= span.ended]
    was = _broken(component, [(subject, change.finding) for subject, change in ended], within, runs, report)
    told = replace(was.evidence, rule=f"{was.evidence.rule}; it was over before anybody looked")
    return replace(was, urgent=False, evidence=told, over=span)


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


def _state(component: str, bad: Sequence[MonitoringData]) -> State:
    if component == MONITOR:
        return State.UNKNOWN
    failed = [record for record in bad if not record.succeeded]
    down = sum(record.state is State.DOWN for record in failed)
    return State.DOWN if component == AVAILABILITY and 2 * down > len(failed) else State.DEGRADED


def _cause(record: MonitoringData, component: str) -> str:
    if component == PICTURES:
        return record.quality.failed[0].evaluator
    if record.errors:
        return record.errors[-1].cause
    types = record.error_types
    return types[-1] if types else "retried"
