"""The operator's calls: one generation monitored, one health check."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import httpx

from facemon.client import FaceClient
from facemon.config import Settings
from facemon.errors import ConfigError, InvalidInput, StoreError
from facemon.judges import evaluators_of
from facemon.ledger import Ledger
from facemon.model import FaceRequest, ImageRequest, RecordedError, State
from facemon.monitor import Generate, Monitor, MonitoringResult, RecordSink


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One face generated and judged. `healthy`: a sound picture within the promised time (specification: 3 s)."""

    state: State
    cause: str
    response_time: float
    result: MonitoringResult

    @property
    def healthy(self) -> bool:
        """Whether the state is up."""
        return self.state is State.UP


async def monitor_image_generation(
    generate: Generate | None = None,
    request: Any = None,
    *,
    store: RecordSink | None = None,
    wait_for_scores: bool = True,
) -> MonitoringResult:
    """Monitor one generation; returns the result and the picture.

    generate: any async function that takes the request and returns a picture; None uses facemon's own, and then the
    request must be a FaceRequest or an ImageRequest · store: default the one that the settings name.
    Raises InvalidInput for a request our own function cannot use, StoreError when the record could not be written.
    """
    if generate is None and not isinstance(request, FaceRequest | ImageRequest):
        raise InvalidInput(
            "request", request, "a FaceRequest or an ImageRequest, or a function of yours before it"
        )
    async with assembled(store, with_client=generate is None) as monitor:
        if generate is None:
            result = await monitor.generate(request)
        else:
            result = await monitor.watch(generate, request)
        if wait_for_scores:
            await result.scored()
        return result


async def perform_health_check(
    *,
    store: RecordSink | None = None,
    request: FaceRequest | None = None,
    monitor: Monitor | None = None,
    alert: bool = True,
) -> HealthCheck:
    """Generate one face and say whether the service is healthy; the specification's limit is 3,000 ms.

    request: default a 30-year-old woman · alert: tell the channels of facemon.toml where it is not; where there are
    none nobody is told, and where one cannot work a warning is logged. Raises ConfigError, before anything is sent, for
    a facemon.toml that is wrong. Never raises GenerationError: what went wrong is the state and its cause.
    """
    told = alert and _somebody_listens()
    async with nullcontext(monitor) if monitor else assembled(store) as own:
        result = await own.generate(request or FaceRequest(30, "female"))
        record = await result.scored()
        limit = own.client.settings.response_time_limit if own.client else 3.0
    took = record.performance.response_time
    state, cause = record.state, "a sound picture in time"
    if record.errors:
        cause = record.errors[-1].cause
    elif record.error_types:
        cause = record.error_types[-1]
    elif record.quality.failed:
        cause = record.quality.failed[0].reason
    elif record.quality.unscored or not record.quality.scores:
        reasons = [score.reason for score in record.quality.unscored]
        state, cause = (
            State.UNKNOWN,
            f"nobody could judge the picture: {reasons[0]}" if reasons else "not judged",
        )
    elif took >= limit:
        state, cause = State.DEGRADED, f"{took:.2f} s, where less than {limit:g} s is promised"
    found = HealthCheck(state, cause, took, result)
    if told and not found.healthy:
        await _tell(f"the health check failed, the service is {state}: {cause}", record.errors)
    return found


async def _tell(message: str, errors: Sequence[RecordedError]) -> None:
    from facemon.alerting.sending import send_alert  # late, as below

    try:
        await send_alert(message, errors)
    except (ConfigError, StoreError) as error:
        # Whoever asks for the service's health gets it, and not the trouble of who should have heard of it.
        logging.getLogger("facemon").warning("nobody was told that %s: %s", message, error)


def _somebody_listens() -> bool:
    from facemon.alerting.sending import (
        channels_set_up,
    )  # late: it brings the store, which a caller may not need

    return channels_set_up()


@asynccontextmanager
async def assembled(
    store: RecordSink | None = None,
    *,
    settings: Settings | None = None,
    with_client: bool = True,
    ledger: Ledger | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
    run_id: str | None = None,
) -> AsyncIterator[Monitor]:
    """A monitor made of the settings (default: the environment's) and of what is given; closes what it opened.

    Raises ConfigError and StoreError before anything is sent.
    """
    settings = settings or Settings.load()
    # In a thread, because an optional one may have models to load; and first, so that nothing is opened in vain.
    evaluators = await asyncio.to_thread(evaluators_of, settings)
    async with AsyncExitStack() as stack:
        if store is None:
            from facemon.store import (
                RecordStore,  # late: SQLAlchemy is heavy, and a caller's own sink needs none
            )

            store = await stack.enter_async_context(await RecordStore.open(settings.store))
        client = FaceClient(settings, ledger=ledger, transport=transport) if with_client else None
        if client is not None:
            await stack.enter_async_context(client)
        monitor = Monitor(
            client,
            store=store,
            evaluators=evaluators,
            control_url=settings.control_url,
            run_id=run_id,
        )
        yield await stack.enter_async_context(monitor)
