"""From what the store keeps to one status for each component: what the rules say, with its evidence. Pure."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from facemon.alerting.components import AVAILABILITY, MONITOR, PICTURES, SPEED, explained, of_check, of_metric
from facemon.alerting.decide import Status
from facemon.alerting.rules.outcomes import Finding
from facemon.alerting.subjects import Subject
from facemon.incident import CLOSING, Event, Evidence, Incident
from facemon.model import Exchange, MonitoringData, State
from facemon.slo.metrics import METRICS
from facemon.store.incidents import Snapshot
from facemon.store.runs import Run

_SHOWN = 5  # records


def statuses(
    watched: Iterable[Subject],
    records: Sequence[MonitoringData],
    runs: Sequence[Run],
    snapshot: Snapshot,
    report: str = "",
) -> list[Status]:
    """One for each component. records, runs: oldest first · report: address of the Allure report."""
    before = _before(snapshot)
    found: dict[str, list[tuple[Subject, Finding]]] = {}
    seen, restless = set(), set()
    for subject in watched:
        finding = subject.finding(*_left_by(before, subject.component))
        if subject.outcomes:
            seen.add(subject.component)
        if not subject.calm:
            restless.add(subject.component)
        if finding is not None:
            found.setdefault(subject.component, []).append((subject, finding))
    made = [_broken(component, each, records, runs, report) for component, each in found.items()]
    well = [Status(each, State.UP, recovered=each not in restless) for each in sorted(seen - set(found))]
    return made + well


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
        evidence=_evidence(component, first.text, found, bad or _named(findings, records), runs, report),
    )


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


def _evidence(
    component: str,
    rule: str,
    found: Sequence[tuple[Subject, Finding]],
    bad: Sequence[MonitoringData],
    runs: Sequence[Run],
    report: str,
) -> Evidence:
    newest = sorted(bad, key=lambda record: record.timestamp, reverse=True)
    run = runs[-1] if runs else None
    summary = run.summary if run is not None else {}
    shown = next((record for record in newest if record.attempts and record.attempts[-1].exchange), None)
    exchange = shown.attempts[-1].exchange if shown is not None else None
    return Evidence(
        rule=rule,
        objectives=_objectives(component, found, summary),
        checks=_checks(found) | _failing(component, summary) | _refused(component, newest),
        error_types=dict(Counter(kind for record in bad for kind in record.error_types)),
        records=tuple(record.id for record in newest[:_SHOWN]),
        request=_request(exchange),
        response=_response(exchange),
        repeat=_repeat(newest[0], run) if newest else "",
        report=report,
        run_id=run.id if run is not None else "",
        target=run.target if run is not None else "",
    )


def _objectives(
    component: str, found: Sequence[tuple[Subject, Finding]], summary: Mapping[str, object]
) -> dict[str, str]:
    """Those that fired, with the figure of the last run and its interval; and others of it that this run refuted."""
    kept = summary.get("objectives")
    figures = kept if isinstance(kept, dict) else {}
    said = {subject.name: finding.text for subject, finding in found if _metric(subject.name)}
    for name, item in figures.items():
        sentence = str(item.get("sentence", name))
        metric = _metric(sentence)
        mine = metric is not None and of_metric(metric) == component
        if mine and (sentence in said or item.get("verdict") == "fail"):
            said[sentence] = f"{item.get('figure')} ({item.get('interval')}, n = {item.get('samples')})"
    return said


def _metric(sentence: str) -> str | None:
    """Of an objective; None for what is none."""
    name = sentence.split(".")[0].split(" ")[0]
    return name if name in METRICS else None


def _checks(found: Sequence[tuple[Subject, Finding]]) -> dict[str, str]:
    """Those that fired, whatever the last run said of them."""
    return {subject.name: finding.text for subject, finding in found if "::" in subject.name}


def _failing(component: str, summary: Mapping[str, object]) -> dict[str, str]:
    checks = summary.get("checks")
    wanted = "unknown" if component == MONITOR else "failed"
    return {
        name: str(said.get("cause", ""))
        for name, said in (checks.items() if isinstance(checks, dict) else ())
        if said.get("outcome") == wanted and (component == MONITOR or of_check(name) == component)
    }


def _refused(component: str, newest: Iterable[MonitoringData]) -> dict[str, str]:
    """What each evaluator said of the newest picture that it refused."""
    said: dict[str, str] = {}
    for record in newest if component == PICTURES else ():
        for score in record.quality.failed:
            said.setdefault(score.evaluator, score.reason)
    return said


def _request(exchange: Exchange | None) -> str:
    if exchange is None:
        return ""
    head = [
        f"{exchange.method} {exchange.url}",
        *(f"{name}: {value}" for name, value in exchange.request_headers),
    ]
    body = [f"{name}={value}" for name, value in exchange.form] or [exchange.request_body]
    return "\n".join([*head, "", *body]).rstrip()


def _response(exchange: Exchange | None) -> str:
    if exchange is None:
        return ""
    head = [f"{name}: {value}" for name, value in exchange.response_headers]
    return "\n".join([*head, "", exchange.response_body]).strip()


def _repeat(record: MonitoringData, run: Run | None) -> str:
    """A command that asks for the same again."""
    said = record.request_params
    words = ["facemon", "generate"]
    if said.age is not None and said.gender is not None:
        words += ["--age", str(said.age), "--gender", str(said.gender)]
    elif said.prompt:
        words += ["--prompt", said.prompt]
    if said.seed:
        words += ["--seed", str(said.seed)]
    if said.model:
        words += ["--model", said.model]
    if run is not None:
        target = run.target.removeprefix("live (").removesuffix(")")  # at another address: that one
        words += ["--target", target]
        words += [] if target in ("sim", "mock") else ["--max-credits", "10"]
    return shlex.join(words)
