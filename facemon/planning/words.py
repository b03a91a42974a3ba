"""A plan for people: what is in it, in words, and as Markdown."""

from __future__ import annotations

import math
from collections.abc import Sequence

from facemon.planning.delay import Delay, Figure
from facemon.planning.plan import Plan, Row
from facemon.planning.schedule import DAY, MONTH
from facemon.planning.spelling import count, credits_and_usd, found, span
from facemon.retry import RetryPolicy

HEAD = ("objective", "judged", "fails from", "false alarms a month", "all miss it", "30 % miss it")
SAMPLES_HEAD = ("objective", "to pass, none missing", "to bear one", "to pass a good service", "to fail 30 %")


def facts(plan: Plan) -> list[tuple[str, str]]:
    """What matters first: name and value."""
    schedule, retries = plan.schedule, RetryPolicy().max_retries
    daily = schedule.credits_a_day
    more = f"at most {credits_and_usd(retries * daily)} a day more"
    return [
        ("schedule", f"{schedule}: {schedule.runs_a_day:.4g} runs a day"),
        (
            "cost",
            f"{credits_and_usd(daily)} a day, {credits_and_usd(daily * MONTH / DAY)} a month of 30 days",
        ),
        ("retries", f"{more}: up to {retries} for each sample that times out, if the vendor charges those"),
        ("false alarms", f"{count(plan.alarms)} a month, from a service that uses half of each error budget"),
        ("an outage", found(plan.outage)),
        ("30 % failing", found(plan.partly)),
    ]


def rows(plan: Plan) -> list[tuple[str, ...]]:
    """Of `HEAD`: each objective with nothing else wrong; delays as the median and nine of ten."""
    return [
        (
            str(row.objective),
            _judged(row),
            _fails_from(row),
            count(row.alarms),
            _both(row.outage),
            _both(row.partly),
        )
        for row in plan.rows
        if row.watch and row.alarms
    ]


def sample_rows(plan: Plan) -> list[tuple[str, ...]]:
    """Of `SAMPLES_HEAD`."""
    found_ = [(str(row.objective), row.samples) for row in plan.rows if row.samples]
    return [
        (
            text,
            _whole(need.to_pass),
            _whole(need.to_bear_one),
            _whole(need.to_tell_good),
            _whole(need.to_tell_bad),
        )
        for text, need in found_
    ]


def notes(plan: Plan) -> list[str]:
    """What the tables leave open."""
    known = [(row.objective, row.watch) for row in plan.rows if row.watch]
    said = [f"{row.objective}: not planned ({row.why})" for row in plan.rows if row.why]
    said += [
        f"{objective}: no run can fail it, {watch.judged} samples are too few to tell"
        for objective, watch in known
        if not watch.able
    ]
    if known:
        said.append(
            "alarms are verdicts on objectives; a run's exit code is 1 as well where a check itself failed"
        )
    if any(watch.cells > 1 for _, watch in known):
        said.append("of a split, the samples for each verdict are those of each cell")
    if any(watch.of_a_mean for _, watch in known):
        said.append("a mean is taken at its widest: each sample is as good or as bad as can be")
    if not all(one.exact for one in _all_figures(plan)):
        said.append("≈ is simulated, with its 99 % interval; all else is computed exactly")
    return said


def _all_figures(plan: Plan) -> list[Figure | Delay]:
    found_ = [plan.alarms, plan.outage, plan.partly]
    for row in plan.rows:
        found_ += [row.alarms, row.outage, row.partly]
    return [one for one in found_ if one is not None]


def _both(delay: Delay | None) -> str:
    if delay is None:
        return "keeps it"
    return f"{_short(delay.median)} / {_short(delay.late)}"


def _short(figure: Figure) -> str:
    value = Figure(figure.value, figure.value, figure.value)
    return span(figure) if math.isinf(figure.value) or figure.exact else f"≈ {span(value)}"


def _judged(row: Row) -> str:
    assert row.watch is not None
    runs = "" if row.watch.runs == 1 else f" of {row.watch.runs} runs"
    cells = "" if row.watch.cells == 1 else f", {row.watch.cells} cells"
    return f"{row.watch.judged} samples{runs}{cells}"


def _fails_from(row: Row) -> str:
    assert row.watch is not None
    if not row.watch.able:
        return "never"
    if row.watch.misses is None:
        return "as it comes"  # by the order of the samples
    return f"{row.watch.misses} misses" + ("" if row.watch.plain else " of a cell, or more")


def _whole(number: int | None) -> str:
    return "–" if number is None else str(number)


def as_markdown(plan: Plan) -> str:
    """For a pull request or a page."""
    parts = ["\n".join(f"- **{name}**: {value}" for name, value in facts(plan))]
    parts += [table(HEAD, rows(plan)), table(SAMPLES_HEAD, sample_rows(plan))] if rows(plan) else []
    return "\n\n".join([*parts, *notes(plan)]) + "\n"


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, ["---"] * len(head), *lines])
