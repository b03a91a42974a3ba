"""What an incident's event rests on: figures, checks, records, the exchange that shows it, and how to repeat it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from facemon.alerting.components import MONITOR, PICTURES, of_check, of_metric
from facemon.alerting.rules.outcomes import Finding
from facemon.alerting.subjects import Subject
from facemon.incident import Evidence
from facemon.model import Exchange, MonitoringData
from facemon.slo.metrics import METRICS
from facemon.store.runs import Run

_SHOWN = 5  # records


def evidence_of(
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
    exchange = next(filter(None, map(_failing_exchange, newest)), None)
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


def _failing_exchange(record: MonitoringData) -> Exchange | None:
    """Of its last attempt that failed; of a picture that came at once, the one that brought it."""
    failed = [attempt for attempt in record.attempts if attempt.outcome != "success"]
    tried = failed or list(record.attempts)
    return tried[-1].exchange if tried else None


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
        verdict = item.get("verdict")
        if mine and (verdict == "fail" or (sentence in said and verdict != "pass")):
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
