"""A run in Markdown, for the page that GitHub shows of a job. Pure, and lenient: what a run lacks is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from facemon.incident import Incident
from facemon.scheduled.slots import Slot, kept
from facemon.store.runs import Run

_SIGNS = {"up": "✅", "degraded": "⚠️", "down": "🛑", "unknown": "❔"}
_VERDICTS = {0: "pass", 1: "fail", 10: "inconclusive", 11: "unknown"}
_TELLING = re.compile(r"([\\`*_\[\]|#@~])")
_PASSED = "passed"


def markdown(run: Run | None, incidents: Sequence[Incident] = (), report: str = "", trouble: str = "") -> str:
    """What the run saw, and the incidents that are open. report: where its Allure report is published · trouble: why
    it is not what the job was for.
    """
    if run is None:
        return f"## ❔ facemon: {trouble or 'there is no run yet'}\n"
    warning = [f"## ❔ facemon: {trouble}", "", "Below is the last run there was.", ""] if trouble else []
    parts = [*warning, *_head(run, report), *_objectives(run), *_checks(run), *_open(incidents)]
    return "\n".join(parts) + "\n"


def trouble(run: Run | None, since: datetime | None) -> str:
    """Why a job that began then did not do its work, in a sentence; empty where it did, or where nobody knows.

    A service that fails is no such reason: it is what the job is to find out.
    """
    if since is None:
        return ""
    if run is None or run.started_at < since:
        return "no check was run in this job: nobody knows how the service is"
    if run.finished_at is None:
        return "the run of this job did not end: it has no verdict"
    return ""


def _head(run: Run, report: str) -> Iterator[str]:
    summary = run.summary
    state = str(summary.get("state") or "unknown")
    cause = f": {escaped(summary['cause'])}" if summary.get("cause") else ""
    yield f"## {_SIGNS.get(state, '❔')} facemon: {escaped(state)}{cause}"
    yield ""
    facts = [
        ("verdict", _verdict(run)),
        ("target", _target(run)),
        ("run", _when(run)),
        ("slot", _slot(kept(summary))),
    ]
    facts += [("pictures asked for", _number(summary.get("generations")))]
    facts += [("credits", _number(summary.get("credits")))]
    facts += [("errors", _counted(summary.get("errors"))), ("not seen", _listed(summary.get("unknown")))]
    facts += [("report", report)]
    yield "| | |"
    yield "|---|---|"
    for name, value in facts:
        if value:
            yield f"| {name} | {value} |"


def _objectives(run: Run) -> Iterator[str]:
    found = _tables(run.summary.get("objectives"))
    if not found:
        return
    yield from (
        "",
        "### Objectives",
        "",
        "| verdict | objective | observed | 95 % | n |",
        "|---|---|---|---|---:|",
    )
    for name, item in found.items():
        sentence = str(item.get("sentence") or name)
        shown = sentence if name in ("", sentence) else f"{name}: {sentence}"
        cells = [item.get("verdict"), shown, item.get("figure"), item.get("interval"), item.get("samples")]
        yield "| " + " | ".join(escaped("–" if cell in (None, "") else cell) for cell in cells) + " |"


def _checks(run: Run) -> Iterator[str]:
    found = _tables(run.summary.get("checks"))
    if not found:
        return
    others = {name: item for name, item in found.items() if item.get("outcome") != _PASSED}
    yield from ("", f"### Checks: {len(found) - len(others)} of {len(found)} passed")
    if others:
        yield from ("", "| check | outcome | cause |", "|---|---|---|")
    for name, item in others.items():
        yield f"| {escaped(name)} | {escaped(item.get('outcome', '–'))} | {escaped(item.get('cause', ''))} |"


def _open(incidents: Sequence[Incident]) -> Iterator[str]:
    yield from ("", "### Incidents", "")
    if not incidents:
        yield "None is open."
        return
    yield from ("| component | state | cause | since (UTC) |", "|---|---|---|---|")
    for item in incidents:
        since = item.opened_at.astimezone(UTC)
        state = f"{_SIGNS.get(item.state, '')} {item.state}"
        yield f"| {escaped(item.component)} | {state} | {escaped(item.cause)} | {since:%Y-%m-%d %H:%M} |"


def escaped(value: object) -> str:
    """Text from anywhere as text of one cell: no markup, no line break, no mention of anybody."""
    text = " ".join(str(value).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _TELLING.sub(r"\\\1", text).replace("://", ":&#8203;//")


def _verdict(run: Run) -> str:
    code = run.summary.get("exit")
    if run.finished_at is None or not isinstance(code, int):
        return "none: the run did not end"
    return _VERDICTS.get(code, f"exit code {code}")


def _target(run: Run) -> str:
    return " · ".join(escaped(part) for part in (run.target, run.provider, run.model) if part)


def _when(run: Run) -> str:
    took = f", {(run.finished_at - run.started_at).total_seconds():.0f} s" if run.finished_at else ""
    return f"{escaped(run.id)}, {run.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC{took}"


def _slot(found: Slot | None) -> str:
    if found is None:
        return ""
    late = f"{found.late / 60:.0f} min" if found.late >= 120 else f"{found.late:.0f} s"
    skipped = {None: "", 0: "; none was skipped before it", 1: "; 1 was skipped before it"}.get(
        found.skipped, f"; {found.skipped} were skipped before it"
    )
    return f"{found.planned.astimezone(UTC):%H:%M} UTC of `{found.schedule}`, at least {late} late{skipped}"


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _counted(value: object) -> str:
    return (
        " · ".join(f"{escaped(name)} {escaped(n)}" for name, n in value.items())
        if isinstance(value, Mapping)
        else ""
    )


def _listed(value: object) -> str:
    return "; ".join(map(escaped, value)) if isinstance(value, list | tuple) else ""


def _tables(value: object) -> dict[str, Mapping[str, Any]]:
    if not isinstance(value, Mapping):
        return {}
    return {str(name): item for name, item in value.items() if isinstance(item, Mapping)}
