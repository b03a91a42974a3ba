"""`[alerts]` of the project's file: whom to tell, when nobody is to be told, and what damps.

[alerts]
flap = "1h"
[alerts.channels.github_issue]
labels = ["facemon"]
[alerts.channels.ops-mail]
kind = "email"
to = ["ops@example.com"]
[[alerts.maintenance]]
component = "*"
starts = 2026-12-01T02:00:00Z
ends = 2026-12-01T04:00:00Z
reason = "the vendor moves"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from facemon.alerting.channels.base import Channel, ChannelConfig
from facemon.alerting.rules.watch import FLAP
from facemon.clock import Clock
from facemon.errors import ConfigError, shorten
from facemon.incident import Silence
from facemon.project import ProjectFile, nearest, project_file
from facemon.slo.language import parse_duration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_KEYS = ("channels", "flap", "maintenance")
_WINDOW = ("component", "ends", "reason", "starts")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """channels: whom to tell, in the file's order · maintenance: planned windows · flap: see `decide`."""

    channels: tuple[ChannelConfig, ...] = ()
    maintenance: tuple[Silence, ...] = ()
    flap: timedelta = FLAP

    @property
    def names(self) -> tuple[str, ...]:
        """Of the channels."""
        return tuple(channel.name for channel in self.channels)


def alert_settings(folder: Path, environment: Mapping[str, str]) -> AlertSettings:
    """What the nearest file from `folder` upwards says; nothing where there is none. Raises ConfigError."""
    file = project_file(folder)
    if file is None:
        return AlertSettings()
    table = file.content.get("alerts", {})
    if not isinstance(table, Mapping):
        raise ConfigError(f"{file.of('alerts')}: alerts is {shorten(table)}, and should be a table")
    for key in table:
        if key not in _KEYS:
            raise ConfigError(
                f"{file.of(key, 'alerts')}: alerts has no key {shorten(key)}{nearest(key, _KEYS)}"
            )
    return AlertSettings(
        tuple(_channels(file, table.get("channels", {}), environment)),
        tuple(_windows(file, table.get("maintenance", []))),
        _duration(table["flap"], file) if "flap" in table else FLAP,
    )


def _channels(file: ProjectFile, table: Any, environment: Mapping[str, str]) -> Iterator[ChannelConfig]:
    from facemon.alerting.channels import CHANNELS

    if not isinstance(table, Mapping):
        raise ConfigError(
            f"{file.of('channels', 'alerts')}: channels is {shorten(table)}, and should be a table"
        )
    for name, options in table.items():
        origin = file.of(name, "alerts", "channels")
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{origin}: {shorten(name)} is no name of a channel: give one such as ops-mail")
        if not isinstance(options, Mapping):
            raise ConfigError(f"{origin}: channel {name} is {shorten(options)}, and should be a table")
        kind = options.get("kind", name)
        if "kind" not in options and name not in CHANNELS:
            raise ConfigError(f"{origin}: channel {name} says no kind{nearest(name, CHANNELS)}")
        if not isinstance(kind, str) or kind not in CHANNELS:
            raise ConfigError(
                f"{origin}: there is no kind of channel {shorten(kind)}{nearest(str(kind), CHANNELS)}"
            )
        rest = {key: value for key, value in options.items() if key != "kind"}
        yield ChannelConfig(name, rest, environment, origin, kind)


def _windows(file: ProjectFile, windows: Any) -> Iterator[Silence]:
    origin = file.of("maintenance", "alerts")
    if not isinstance(windows, list) or not all(isinstance(each, Mapping) for each in windows):
        raise ConfigError(f"{origin}: maintenance is written as [[alerts.maintenance]], once for each window")
    for number, window in enumerate(windows):

        def of(key: str, number: int = number, window: Mapping[str, Any] = window) -> str:
            named = key if key in window else next(iter(window), "maintenance")
            return file.of(named, "alerts", "maintenance", number=number)

        for key in window:
            if key not in _WINDOW:
                raise ConfigError(f"{of(key)}: maintenance has no key {shorten(key)}{nearest(key, _WINDOW)}")
        starts, ends = (_moment(window.get(key), key, of(key)) for key in ("starts", "ends"))
        if ends <= starts:
            raise ConfigError(
                f"{of('ends')}: maintenance ends at {ends}, which is not after its start at {starts}"
            )
        texts = {"component": "*", "reason": "", **window}
        for key in ("component", "reason"):
            if not isinstance(texts[key], str):
                raise ConfigError(f"{of(key)}: {key} of maintenance is {shorten(texts[key])}: give a text")
        yield Silence(
            f"file-{number}", texts["component"], starts, ends, texts["reason"], file.shown, maintenance=True
        )


def _moment(value: Any, key: str, origin: str) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ConfigError(
            f"{origin}: {key} of maintenance is {_shown(value)}: give a moment with its offset, "
            "such as 2026-12-01T02:00:00Z"
        )
    return value


def _shown(value: Any) -> str:
    return f"{value}" if isinstance(value, datetime) else shorten(value)


def _duration(value: Any, file: ProjectFile) -> timedelta:
    try:
        return timedelta(seconds=parse_duration(value if isinstance(value, str) else ""))
    except ValueError as error:
        raise ConfigError(f"{file.of('flap', 'alerts')}: flap is {shorten(value)}: give {error}") from None


@asynccontextmanager
async def opened(configs: tuple[ChannelConfig, ...], clock: Clock) -> AsyncIterator[dict[str, Channel]]:
    """The channels by name; each is closed at the end. Raises ConfigError for one that cannot work."""
    from facemon.alerting.channels import channel

    async with AsyncExitStack() as stack:
        made: dict[str, Channel] = {}
        for config in configs:
            made[config.name] = channel(config, clock)
            stack.push_async_callback(made[config.name].close)
        yield made
