"""What a check leaves behind: attachments for Allure, properties for JUnit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from facemon.monitor import MonitoringResult
    from facemon.plugin.verdict import RunVerdict


async def attach(item: pytest.Item, result: MonitoringResult) -> None:
    """Attach a generation to the check that asked for it, for JUnit and, if its report is written, for Allure.

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
        from facemon.plugin.gallery import gallery

        gallery(item.config).add(item, await result.scored(), result.image)


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
    for name, judgement in verdict.judged.named:
        junit.add_global_property(f"facemon_objective: {name}", str(judgement.verdict))
