"""What a simulator is told at start. A wrong value stops it there, in one sentence that names the value."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from facemon.simulator.account import RateLimit
from facemon.simulator.bounds import number, whole
from facemon.simulator.plan import FaultPlan
from facemon.simulator.readings import check_readings

__all__ = ["RateLimit", "SimulatorConfig"]


@dataclass(frozen=True)
class SimulatorConfig:
    """All settings of one simulator.

    `key` is the only one accepted; `balance` is in credits; `latency_scale` 1.0 is real time and 0 is none; `pool` is
    how many seeds a cell (an age and a gender) the server picks from when a request leaves the seed to it, 0 for any
    seed; `cache_folder` None is the default folder; `prepare` draws the working set before the first answer; `readings`
    name the uncertain lines of the API to read the other way (`facemon.simulator.readings`).
    Raises ValueError naming the setting, its value and what is accepted.
    """

    host: str = "127.0.0.1"
    port: int = 0
    key: str = field(default="sk-simulator", repr=False)
    balance: float = 1000.0
    rate_limit: RateLimit | None = field(default_factory=RateLimit)
    latency_scale: float = 0.02
    faults: tuple[str, ...] = ()
    seed: int = 0
    pool: int = 3
    cache_folder: str | None = None
    prepare: bool = True
    allow_remote: bool = False
    readings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check_address()
        self._check_types()
        number("balance", self.balance, 0, 1e12, "a number of credits from 0 to 1e12")
        number(
            "latency_scale",
            self.latency_scale,
            0,
            100,
            "a factor from 0 (no waiting) to 100 (1 is real time)",
        )
        whole("seed", self.seed, 0, 2**63 - 1, "a whole number from 0 to 2**63 - 1")
        whole("pool", self.pool, 0, 100_000, "a whole number from 0 (any seed) to 100000")
        FaultPlan(self.faults, self.seed)
        check_readings(self.readings)

    def _check_address(self) -> None:
        whole("port", self.port, 0, 65535, "a port from 0 (any free one) to 65535")
        if not isinstance(self.host, str) or not self.host:
            raise ValueError(f"host: {self.host!r} is not an address such as 127.0.0.1")
        if not self.allow_remote and not _is_loopback(self.host):
            raise ValueError(
                f"host: {self.host!r} is not on the loopback; use 127.0.0.1, ::1 or localhost, or say allow_remote=True"
            )

    def _check_types(self) -> None:
        # The key itself is never part of a message: somebody may have given a real one.
        if (
            not isinstance(self.key, str)
            or not self.key.isascii()
            or not self.key.isprintable()
            or not self.key.strip()
        ):
            raise ValueError("key: not a text of visible ASCII characters")
        if not isinstance(self.rate_limit, RateLimit | None):
            raise ValueError(f"rate_limit: {self.rate_limit!r} is not a RateLimit, or None to lift it")
        if not isinstance(self.faults, tuple) or not all(isinstance(spec, str) for spec in self.faults):
            raise ValueError(f"faults: {self.faults!r} is not a tuple of fault specs such as ('hang:on=3',)")
        if not isinstance(self.cache_folder, str | None) or self.cache_folder == "":
            raise ValueError(f"cache_folder: {self.cache_folder!r} is not a path, or None for the default")
        for name in ("prepare", "allow_remote"):
            if not isinstance(getattr(self, name), bool):
                raise ValueError(f"{name}: {getattr(self, name)!r} is not True or False")

    def to_json(self) -> str:
        """Everything, the key included: for the simulator's own process, not for a log."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> SimulatorConfig:
        """The reverse of `to_json`; settings that are left out keep their defaults."""
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"config: not JSON ({error.msg} at character {error.pos})") from None
        if not isinstance(data, dict):
            raise ValueError("config: not a JSON object of settings")
        _known("config", data, cls)
        for name in ("faults", "readings"):
            if isinstance(data.get(name), list):
                data[name] = tuple(data[name])
        if isinstance(data.get("rate_limit"), dict):
            _known("rate_limit", data["rate_limit"], RateLimit)
            data["rate_limit"] = RateLimit(**data["rate_limit"])
        return cls(**data)


def _known(where: str, data: Mapping[str, Any], kind: type[Any]) -> None:
    """Refuse a setting that `kind` does not have."""
    names = [entry.name for entry in fields(kind)]
    for name in data:
        if name not in names:
            raise ValueError(f"{where}: no setting is called {name!r}; there are {', '.join(names)}")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
