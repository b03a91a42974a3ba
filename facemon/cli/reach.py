"""From options to a target that can be asked: settings, the refusals before anything is spent, the simulator."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from facemon.cli.trouble import CommandError, Exit
from facemon.config import KEY_VARIABLE, LIVE_URL, Settings, is_loopback
from facemon.errors import ConfigError
from facemon.secret import Secret

if TYPE_CHECKING:
    import httpx

_MOCK_URL = "https://mock.invalid"  # a name that can never resolve (RFC 6761)
_PLAY_MONEY = 10_000.0


def settings_of(low: dict[str, object] | None = None, /, **options: object) -> Settings:
    """`low` (an ini file) < environment < options; an option that was not given is None. Raises ConfigError."""
    given = {name: value for name, value in options.items() if value is not None}
    if isinstance(given.get("fault"), list):
        given["fault"] = tuple(given["fault"])  # type: ignore[arg-type]
    return Settings.load(low=low, high=given)


def label_of(settings: Settings) -> str:
    """The target as its runs name it."""
    from facemon.store.runs import target_label

    at = f" ({settings.base_url})" if settings.target == "live" and settings.base_url != LIVE_URL else ""
    return target_label(f"{settings.target}{at}")


def label_if_told(target: str | None) -> str | None:
    """The same, where an option or FACEMON_TARGET names one. Raises ConfigError."""
    settings = settings_of(target=target)
    return label_of(settings) if "target" in settings.model_fields_set else None


def costs_money(settings: Settings) -> bool:
    """Whether the target charges: the vendor, or any server that is not on this machine."""
    if settings.target in ("sim", "mock"):
        return False
    url = settings.base_url if settings.target == "live" else settings.target
    return not is_loopback(urlsplit(url).hostname)


def check_target(settings: Settings, price: str) -> None:
    """Refuse what must not start: a bad fault, no key, no cap where it costs money. `price`: what the command costs.

    Raises ConfigError or CommandError.
    """
    if settings.target in ("sim", "mock"):
        _check_faults(settings)
        return
    if settings.fault:
        raise CommandError(
            f"the target {settings.target} cannot be told to misbehave (fault {' '.join(settings.fault)})",
            "leave --fault out, or use --target sim",
        )
    if not settings.api_key:
        raise CommandError(
            f"the target {settings.target} needs a key",
            f"export {KEY_VARIABLE}=sk-…   (or use --target sim, which needs none)",
        )
    if costs_money(settings) and settings.max_credits is None:
        raise CommandError(
            f"the target {settings.target} costs money and no cap is named: {price}",
            "name the most you will spend, such as --max-credits 10 (1 credit is 0.01 USD)",
        )


def _check_faults(settings: Settings) -> None:
    from facemon.simulator import FaultPlan

    try:
        FaultPlan(settings.fault)
    except ValueError as error:
        raise ConfigError(str(error)) from None


@contextmanager
def reached(settings: Settings) -> Iterator[tuple[Settings, httpx.AsyncBaseTransport | None]]:
    """The target's URL and key in the settings, and what replaces the network; ends what it started."""
    if settings.target == "mock":
        yield _mocked(settings)
    elif settings.target == "sim":
        with _simulated(settings) as found:
            yield found, None
    else:
        url = settings.base_url if settings.target == "live" else settings.target
        yield _with(settings, url, settings.api_key), None


@contextmanager
def _simulated(settings: Settings) -> Iterator[Settings]:
    from facemon.simulator import SimulatorConfig, SimulatorProcess
    from facemon.simulator.process import SimulatorError

    key = "sk-" + secrets.token_hex(16)
    config = SimulatorConfig(key=key, faults=settings.fault, balance=_PLAY_MONEY, prepare=False)
    try:
        process = SimulatorProcess(config).start()
    except SimulatorError as error:
        raise CommandError(str(error), code=Exit.UNKNOWN) from None
    try:
        yield _with(settings, process.url, Secret(key))
    finally:
        process.stop()


def _mocked(settings: Settings) -> tuple[Settings, httpx.AsyncBaseTransport]:
    import httpx

    from facemon.simulator import Simulator, SimulatorConfig, mock_router

    key = "sk-" + secrets.token_hex(16)
    config = SimulatorConfig(key=key, faults=settings.fault, balance=_PLAY_MONEY, prepare=False)
    router = mock_router(Simulator(config), _MOCK_URL)
    return _with(settings, _MOCK_URL, Secret(key)), httpx.MockTransport(router.async_handler)


def _with(settings: Settings, url: str, key: Secret | None) -> Settings:
    return settings.model_copy(update={"base_url": url, "api_key": key})
