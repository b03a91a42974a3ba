"""The one section at the end of a run: what a person on call reads first."""

from __future__ import annotations

import math
from collections.abc import Iterator

from facemon.plugin.table import Line, rows
from facemon.plugin.verdict import Exit, RunVerdict
from facemon.slo.words import percent

_MEANING = {
    Exit.PASS: ("PASS", "every check passed and every objective is confirmed", "green"),
    Exit.FAIL: ("FAIL", "a check failed, an objective is refuted, or the service is down", "red"),
    Exit.INCONCLUSIVE: ("INCONCLUSIVE", "nothing failed, but there are too few samples to confirm", "yellow"),
    Exit.UNKNOWN: ("UNKNOWN", "nothing failed, but something could not be seen", "yellow"),
}


def lines(verdict: RunVerdict) -> Iterator[Line]:
    """The section, line by line."""
    figures = verdict.figures
    state_colour = {"up": "green", "down": "red", "degraded": "red"}.get(verdict.health.state, "yellow")
    yield f"target    {verdict.target} · {verdict.provider} · {verdict.model}", None
    yield f"state     {verdict.health.state}: {verdict.health.cause}", state_colour
    if verdict.judgements:
        yield "", None
        yield from rows(verdict.judged, retried=figures.retry_count > 0)
        yield "", None
    if figures.count:
        yield _times(verdict), None
        yield _traffic(verdict), None
    tried_again = f" · tried again: {_counted(verdict.on_the_way)}" if verdict.on_the_way else ""
    yield f"errors    {_counted(figures.error_types) or 'none'}{tried_again}", None
    yield _retries(verdict), None
    yield _credits(verdict), None
    for reason, number in verdict.not_tried.items():
        yield f"gave up   {number} checks not tried: {reason}", "yellow"
    if verdict.not_needed:
        reason, number = next(iter(verdict.not_needed)), sum(verdict.not_needed.values())
        yield f"enough    {number} of the sample not needed: {reason}", None
    for number, (sentence, why) in enumerate(verdict.judged.left_out.items()):
        yield f"{'left out' if not number else '':<10}{sentence}: {why}", "yellow"
    for number, sentence in enumerate(verdict.unknown):
        yield f"{'unknown' if not number else '':<10}{sentence}", "yellow"
    yield f"records   {verdict.store} · facemon records list --run {verdict.run_id}", None
    word, meaning, colour = _MEANING[verdict.exit]
    if verdict.exit is Exit.PASS and not verdict.judgements:
        why = "none is about what it measured" if verdict.judged.left_out else "no sample was asked for"
        meaning = f"every check passed; no objective was judged: {why}"
    code = 2 if verdict.interrupted else int(verdict.exit)  # pytest's own, whatever was seen until then
    yield f"verdict   {word}: {meaning} (exit code {code})", colour


def _times(verdict: RunVerdict) -> str:
    figures = verdict.figures
    shown = [
        ("average", figures.average_response_time),
        ("p50", figures.p50_response_time),
        ("p90", figures.p90_response_time),
        ("p95", figures.p95_response_time),
        ("p99", figures.p99_response_time),
    ]
    return "times     " + " · ".join(f"{name} {_seconds(value)}" for name, value in shown)


def _seconds(value: float | None) -> str:
    if value is None:
        return "–"
    return "a failure" if math.isinf(value) else f"{value:.3g} s"


def _traffic(verdict: RunVerdict) -> str:
    figures = verdict.figures
    throughput = "–" if figures.throughput is None else f"{figures.throughput:.0f} a minute"
    memory = f"memory at most {verdict.max_memory / 1e6:.0f} MB a process"
    probes = f" · {verdict.probes} deliberate refusals and drills apart" if verdict.probes else ""
    return f"pictures  {figures.succeeded} of {figures.count} · {throughput} · {memory}{probes}"


def _retries(verdict: RunVerdict) -> str:
    figures = verdict.figures
    if figures.success_rate is None or figures.first_attempt_success_rate is None:
        return f"retries   {figures.retry_count}"
    return (
        f"retries   {figures.retry_count} · success rate {percent(figures.success_rate)}, "
        f"at the first attempt {percent(figures.first_attempt_success_rate)}"
    )


def _credits(verdict: RunVerdict) -> str:
    spending = verdict.spending
    cap = "no cap" if spending.cap is None else f"cap {spending.cap:.12g}"
    charged = "" if verdict.spent is None else f" · the simulator charged {verdict.spent:.12g}"
    return f"credits   {spending.committed:.12g} booked · {cap}{charged}"


def _counted(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in numbers.items())
