"""What a check leaves behind: attachments for Allure, properties for JUnit."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from facemon.client import curl_line
from facemon.wire import to_json

if TYPE_CHECKING:
    from facemon.model import Attempt
    from facemon.monitor import MonitoringResult
    from facemon.plugin.verdict import RunVerdict

_MEDIA = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


async def attach(item: pytest.Item, result: MonitoringResult) -> None:
    """Attach a generation to the check that asked for it: picture, scores, attempts, requests and replies, curl lines.

    Figures go in as properties: as an Allure parameter a latency or a seed would break the report's history.
    """
    record = result.data
    item.user_properties += [
        ("facemon_record", record.id),
        ("facemon_response_time", f"{record.performance.response_time:.4f}"),
        ("facemon_attempts", str(len(record.attempts))),
        ("facemon_outcome", record.error_types[-1] if record.error_types else "success"),
    ]
    if item.config.getoption("allure_report_dir", None):
        from facemon.plugin.overlay import annotated

        record, image = await result.scored(), result.image
        # In a thread: other generations are under way, and their times are being taken in this one.
        judged = await asyncio.to_thread(annotated, image.data, record) if image is not None else None
        _attach_to_allure(result, judged)


def publish(config: pytest.Config, verdict: RunVerdict) -> None:
    """The run's verdict and figures as properties of the whole JUnit file, if one is written."""
    from _pytest.junitxml import xml_key  # pytest offers no public way outside a fixture

    junit = config.stash.get(xml_key, None)
    if junit is None:
        return
    figures = verdict.figures
    properties: dict[str, object] = {
        "run": verdict.run_id,
        "target": verdict.target,
        "verdict": verdict.exit.name.lower(),
        "state": verdict.health.state,
        "cause": verdict.health.cause,
        "success_rate": figures.success_rate,
        "first_attempt_success_rate": figures.first_attempt_success_rate,
        "response_time_average": figures.average_response_time,
        "response_time_p95": figures.p95_response_time,
        "retry_count": figures.retry_count,
        "credits": verdict.spending.committed,
    }
    for name, value in properties.items():
        junit.add_global_property(f"facemon_{name}", "" if value is None else str(value))


def _attach_to_allure(result: MonitoringResult, judged: bytes | None) -> None:
    import allure  # late: only a run with --alluredir pays for it

    record = result.data
    name = f"record {record.id[:13]}"
    if result.image is not None:
        kind = result.image.metadata.format
        allure.attach(
            result.image.data,
            f"{name}: picture",
            attachment_type=_MEDIA.get(kind, "image/png"),
            extension=kind,
        )
    if judged is not None:
        allure.attach(judged, f"{name}: as it was judged", attachment_type=allure.attachment_type.PNG)
    text = json.dumps(to_json(record), indent=2, ensure_ascii=False)
    allure.attach(text, f"{name}: metadata and attempts", allure.attachment_type.JSON)
    for attempt in record.attempts:
        if attempt.exchange is not None:
            allure.attach(
                _exchange_text(attempt),
                f"{name}: attempt {attempt.number}, request and response",
                allure.attachment_type.TEXT,
            )
            allure.attach(
                curl_line(attempt.exchange),
                f"{name}: attempt {attempt.number}, as a curl line",
                allure.attachment_type.TEXT,
            )


def _exchange_text(attempt: Attempt) -> str:
    exchange = attempt.exchange
    assert exchange is not None
    lines = [f"{exchange.method} {exchange.url}"]
    lines += [f"{name}: {value}" for name, value in exchange.request_headers]
    lines += [
        "",
        exchange.request_body,
        "",
        f"--- {attempt.outcome}",
        f"HTTP {attempt.status or '(no reply)'}",
    ]
    lines += [f"{name}: {value}" for name, value in exchange.response_headers]
    lines += ["", exchange.response_body]
    if attempt.error:
        lines += ["", attempt.error]
    return "\n".join(lines)
