"""One run: what its processes share, and the target they talk to."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from facemon.clock import SystemClock
from facemon.config import KEY_VARIABLE, LIVE_URL, Settings, is_loopback
from facemon.plugin.context import RunContext, new_context
from facemon.secret import Secret

if TYPE_CHECKING:
    import httpx

    from facemon.simulator.core import Simulator
    from facemon.simulator.process import SimulatorProcess

_MOCK_URL = "https://mock.invalid"  # a name that can never resolve (RFC 6761): no socket by construction
_BALANCE = 1e7  # credits: no run is ended by simulated money, load runs included; `max_credits` is what caps


def check_target(settings: Settings) -> None:
    """Refuse what must not start. Raises pytest.UsageError that says what to set."""
    target = settings.target
    check_model(settings)
    if _in_memory(settings.store):
        raise pytest.UsageError(
            f"facemon: the store {settings.store} is forgotten before the verdict: give a file or a database's URL"
        )
    if target in ("sim", "mock"):
        _check_faults(settings)
        return
    if settings.fault:
        raise pytest.UsageError(
            f"facemon: the target {target} cannot inject a fault: give --facemon-target sim or mock"
        )
    if not settings.api_key:
        raise pytest.UsageError(
            f"facemon: the target {target} needs a key: set the environment variable {KEY_VARIABLE}, "
            "or use --facemon-target sim, which needs none"
        )
    remote = target == "live" or not is_loopback(urlsplit(target).hostname)
    if remote and settings.max_credits is None:
        raise pytest.UsageError(
            f"facemon: the target {target} costs money: name a cap with --facemon-max-credits "
            "(1 credit is 0.01 USD; the default run on core costs about 360)"
        )


class OwnFault(Exception):
    """Something of facemon's own failed: it tells nothing of the service."""


class Target:
    """What one process talks to. `settings` have its URL and key; `transport` replaces the network for `mock`."""

    def __init__(
        self,
        settings: Settings,
        transport: httpx.AsyncBaseTransport | None = None,
        state: Callable[[], dict[str, Any]] | None = None,
        close: Callable[[], None] | None = None,
    ) -> None:
        self.settings, self.transport = settings, transport
        self._state, self._close = state, close

    @property
    def can_inject(self) -> bool:
        """Whether faults can be injected."""
        return self.settings.target in ("sim", "mock")

    def state(self) -> dict[str, Any]:
        """What the simulator counted: requests, charges, faults fired; empty for a server that is not ours."""
        return self._state() if self._state else {}

    def close(self) -> None:
        """End what this process started."""
        if self._close:
            self._close()


def open_target(
    settings: Settings,
    context: RunContext,
    progress: Callable[[int, int], None] | None = None,
    *,
    prepare: bool = True,
) -> Target:
    """The target that the settings name, started if it has to be. Raises pytest.UsageError."""
    if settings.target == "sim":
        if context.simulator_url:
            assert context.simulator_key
            return Target(_with(settings, context.simulator_url, Secret(context.simulator_key)))
        return _simulated(settings, progress, prepare=prepare)
    if settings.target == "mock":
        return _mocked(settings)
    url = settings.base_url if settings.target == "live" else settings.target
    return Target(_with(settings, url, settings.api_key))


def start_simulator(
    settings: Settings, progress: Callable[[int, int], None] | None = None, *, prepare: bool = True
) -> tuple[SimulatorProcess, str]:
    """A simulator in a process of its own, and the key it accepts."""
    from facemon.simulator.process import SimulatorProcess

    key = "sk-" + secrets.token_hex(16)
    process = SimulatorProcess(_config(settings, key, prepare=prepare), progress)
    return process.start(), key


def _simulated(settings: Settings, progress: Callable[[int, int], None] | None, *, prepare: bool) -> Target:
    process, key = start_simulator(settings, progress, prepare=prepare)
    return Target(_with(settings, process.url, Secret(key)), state=process.state, close=process.stop)


def _mocked(settings: Settings) -> Target:
    import httpx

    from facemon.simulator.core import Simulator
    from facemon.simulator.mock import mock_router

    key = "sk-" + secrets.token_hex(16)
    simulator: Simulator = Simulator(_config(settings, key, prepare=False), SystemClock())
    router = mock_router(simulator, _MOCK_URL)
    transport = httpx.MockTransport(router.async_handler)
    return Target(_with(settings, _MOCK_URL, Secret(key)), transport, state=simulator.state)


def _config(settings: Settings, key: str, *, prepare: bool) -> Any:
    from facemon.simulator.config import SimulatorConfig

    return SimulatorConfig(key=key, faults=settings.fault, balance=_BALANCE, prepare=prepare)


def check_model(settings: Settings) -> None:
    """Refuse a provider or a model that does not exist. Raises pytest.UsageError."""
    from facemon.client import choose_model
    from facemon.errors import ConfigError

    try:
        choose_model(settings.provider, settings.model)
    except ConfigError as error:
        raise pytest.UsageError(f"facemon: {error}") from None


def check_judges(settings: Settings) -> None:
    """Refuse evaluators, a calibration or a descriptor that cannot judge; what they load stays loaded for the run.

    Called where no event loop runs, because a model takes seconds to load. Raises pytest.UsageError.
    """
    from facemon.errors import ConfigError
    from facemon.judges import prepare

    try:
        prepare(settings)
    except ConfigError as error:
        raise pytest.UsageError(f"facemon: {error}") from None


def _in_memory(location: str) -> bool:
    from facemon.errors import StoreError
    from facemon.store.location import MEMORY, locate

    try:
        return locate(location).label == MEMORY
    except StoreError:
        return False  # refused with its own sentence when it is opened


def check_store(settings: Settings) -> None:
    """Refuse a store that cannot be opened. Raises pytest.UsageError."""
    import asyncio

    from facemon.errors import StoreError
    from facemon.store import RecordStore

    async def try_it() -> None:
        async with await RecordStore.open(settings.store):
            pass

    try:
        asyncio.run(try_it())
    except StoreError as error:
        raise pytest.UsageError(f"facemon: {error}") from None


def _check_faults(settings: Settings) -> None:
    try:
        _config(settings, "sk-check", prepare=False)
    except ValueError as error:
        raise pytest.UsageError(f"facemon: {error}") from None


def _with(settings: Settings, url: str, key: Secret | None) -> Settings:
    return settings.model_copy(update={"base_url": url, "api_key": key})


def label(settings: Settings) -> str:
    """The target as a person reads it."""
    if settings.target == "live":
        return "live" if settings.base_url == LIVE_URL else f"live ({settings.base_url})"
    return settings.target


__all__ = [
    "OwnFault",
    "RunContext",
    "Target",
    "check_judges",
    "check_model",
    "check_store",
    "check_target",
    "label",
    "new_context",
    "open_target",
    "start_simulator",
]
