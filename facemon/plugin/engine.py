"""What one process of a run holds open while its checks run: target, monitors, store, ledger."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from facemon.config import Settings
from facemon.errors import ConfigError, StoreError
from facemon.ledger import Ledger
from facemon.monitor import Monitor, MonitoringResult
from facemon.monitoring import assembled
from facemon.plugin.run import RunContext, Target, label
from facemon.plugin.warming import warm_up
from facemon.store import RecordStore, Run


class Engine:
    """Opened once a process, by the first check that needs it."""

    def __init__(
        self, settings: Settings, context: RunContext, target: Target, store: RecordStore, ledger: Ledger
    ) -> None:
        self.settings, self.context, self.target = settings, context, target
        self.store, self.ledger = store, ledger
        self.stack = AsyncExitStack()
        self._monitors: dict[tuple[tuple[str, Any], ...], Monitor] = {}
        self._failures_in_a_row = 0
        self._last_failure = ""
        self.loop = asyncio.get_running_loop()
        self.store_trouble: str | None = None
        self.portraits: dict[Monitor, list[MonitoringResult]] = {}

    async def monitor(self, overrides: dict[str, Any] | None = None) -> Monitor:
        """The monitor of this run; with a marker's overrides, one of its own. Raises pytest.UsageError."""
        key = tuple(sorted((overrides or {}).items()))
        if key not in self._monitors:
            settings = self.target.settings
            if overrides:
                merged = settings.model_dump(exclude={"api_key", "fault"}) | overrides
                settings = Settings.load(high=merged).model_copy(
                    update={"api_key": settings.api_key, "fault": settings.fault}
                )
            self._monitors[key] = await self.stack.enter_async_context(
                assembled(
                    self.store,
                    settings=settings,
                    ledger=self.ledger,
                    transport=self.target.transport,
                    run_id=self.context.run_id,
                )
            )
        return self._monitors[key]

    async def drain(self) -> None:
        """Wait until the pictures of this process are judged, and their scores are in the store."""
        for monitor in self._monitors.values():
            await monitor.drain()

    def check_hope(self) -> None:
        """Skip a check when so many generations failed in a row that one more would only cost time and money."""
        if self.store_trouble:
            pytest.skip(f"not tried: no record could be kept ({self.store_trouble})")
        limit = self.settings.give_up_after
        if limit and self._failures_in_a_row >= limit:
            pytest.skip(
                f"not tried: {self._failures_in_a_row} generations in a row failed ({self._last_failure})"
            )

    def note(self, result: MonitoringResult) -> None:
        """Count failures in a row."""
        if result.error is None:
            self._failures_in_a_row = 0
        else:
            self._failures_in_a_row += 1
            self._last_failure = result.error.error_type


@asynccontextmanager
async def opened(settings: Settings, context: RunContext, target: Target) -> AsyncIterator[Engine]:
    """An engine, closed with everything it opened; scores under way are written first."""
    try:
        ledger = Ledger(Path(context.ledger_path), cap=settings.max_credits, rate=settings.rate)
        store = await RecordStore.open(settings.store)
    except (ConfigError, StoreError) as error:
        raise pytest.UsageError(f"facemon: {error}") from None
    engine = Engine(settings, context, target, store, ledger)
    async with store:
        try:
            monitor = await engine.monitor()
            client = monitor.client
            assert client is not None
            await store.start_run(
                Run(
                    context.run_id,
                    monitor.clock.now(),
                    label(settings),
                    client.provider.name,
                    client.model,
                )
            )
            await warm_up(settings)
            async with engine.stack:
                yield engine
        except ConfigError as error:
            raise pytest.UsageError(f"facemon: {error}") from None
        finally:
            ledger.close()
