"""`facemon records show`: everything that is known of one generation."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

import typer

from facemon.cli.console import out
from facemon.cli.options import Store, examples
from facemon.cli.record_view import Rows, image_rows, outcome_rows, phases, sheet
from facemon.cli.records.opening import opened
from facemon.cli.trouble import Exit
from facemon.model import Attempt, MonitoringData

_EXAMPLES = examples(
    ("facemon records show 0199", "the beginning of an id is enough, as long as only one record has it"),
    ("facemon records show 0199 --store .facemon/facemon.db", "from another store"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(show)


def show(
    record_id: Annotated[str, typer.Argument(metavar="ID", help="A record's id, or the beginning of one.")],
    store: Store = None,
) -> int:
    """Show a record: what was asked, each attempt with its phases, errors, scores, the error log's entry of a failed
    attempt, and a curl line that repeats it (the key stays in STABILITY_API_KEY).
    """

    async def find() -> tuple[MonitoringData, dict[str, Any]]:
        async with opened(store) as place:
            record = await place.get(record_id)
            return record, {a.log_id: _entry(place.error_log, a.log_id) for a in record.attempts if a.log_id}

    from facemon.client import curl_line

    record, entries = asyncio.run(find())
    console = out()
    console.print(sheet(_rows(record)))
    for attempt in record.attempts:
        console.rule(f"attempt {attempt.number}: {attempt.outcome}", align="left", style="dim")
        console.print(sheet(_attempt_rows(attempt, entries.get(attempt.log_id or ""))))
        if attempt.exchange is not None:
            # Left to the terminal to wrap, so that it can be copied as one line.
            console.print(f"repeat it: {curl_line(attempt.exchange)}", soft_wrap=True)
    return Exit.OK


def _rows(record: MonitoringData) -> Rows:
    asked = record.request_params
    yield "record", record.id
    yield "time", f"{record.timestamp:%Y-%m-%d %H:%M:%S.%f} UTC"
    yield "run", record.run_id or "– (not part of a run)"
    if record.check:
        yield "check", record.check
    yield "purpose", record.purpose
    if asked.age:
        yield (
            "asked",
            f"age {asked.age}, {asked.gender}, {asked.aspect_ratio}, {asked.output_format}, seed {asked.seed or '–'}",
        )
    if asked.template:
        yield "template", f"{asked.template}, version {asked.template_version}"
    yield "prompt", asked.prompt or "–"
    if record.image is not None:
        yield from image_rows(record.image)
    else:
        yield "provider", f"{asked.provider or '–'}, model {asked.model or '–'}"
    yield from outcome_rows(record)
    for error in record.errors:
        yield "error", f"{error.error_type}: {error.message}"
    use = record.resources
    yield (
        "resources",
        (
            f"CPU {use.cpu_seconds:.3g} s · memory {use.memory_bytes / 2**20:.0f} MB · "
            f"sent {use.bytes_sent:,} bytes · received {use.bytes_received:,} bytes"
        ),
    )


def _attempt_rows(attempt: Attempt, entry: dict[str, Any] | None) -> Rows:
    yield "started", f"{attempt.started_at:%H:%M:%S.%f} UTC, {attempt.delay_before:g} s after the one before"
    yield "phases", phases(attempt.phases)
    yield "traffic", f"sent {attempt.bytes_sent:,} bytes · received {attempt.bytes_received:,} bytes"
    if attempt.request_id:
        yield "request id", attempt.request_id
    if attempt.error:
        yield "error", attempt.error
    if entry is not None:
        yield "log entry", f"{entry['id']} of {entry['timestamp']}"
        yield from _log_rows(entry)
    elif attempt.log_id:
        yield "log entry", f"{attempt.log_id}: no longer in the error log"


def _log_rows(entry: dict[str, Any]) -> Rows:
    for name in ("request", "response"):
        part = entry.get(name)
        if part:
            first = f"{part.get('method', 'HTTP')} {part.get('url', part.get('status'))}"
            headers = [": ".join(pair) for pair in part["headers"]]
            yield name, "\n".join([first, *headers, "", part["body"]]).rstrip()
    if entry.get("traceback"):
        yield "traceback", entry["traceback"].rstrip()


def _entry(log: Any, log_id: str) -> dict[str, Any] | None:
    try:
        entry: dict[str, Any] | None = log.find(log_id) if log else None
    except (OSError, json.JSONDecodeError):
        return None
    return entry
