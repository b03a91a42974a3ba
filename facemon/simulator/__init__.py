"""A faithful, independent stand-in of the Stability AI image API: a pure `respond(request)` behind two doors.

It shares no code with the client (of facemon it knows the clock only), so that a misreading of the API cannot
hide on both sides. Facts: STABILITY_API.md. Importing this package is light: nothing is loaded until it is used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facemon.simulator.account import RateLimit
    from facemon.simulator.config import SimulatorConfig
    from facemon.simulator.core import Simulator
    from facemon.simulator.faults import FAULTS
    from facemon.simulator.messages import Reply, Request
    from facemon.simulator.mock import mock_router
    from facemon.simulator.plan import FaultPlan
    from facemon.simulator.process import SimulatorProcess
    from facemon.simulator.server import serve
    from facemon.simulator.workset import working_set

__all__ = [
    "FAULTS",
    "FaultPlan",
    "RateLimit",
    "Reply",
    "Request",
    "Simulator",
    "SimulatorConfig",
    "SimulatorProcess",
    "mock_router",
    "serve",
    "working_set",
]

_HOMES = {
    "FAULTS": "faults",
    "FaultPlan": "plan",
    "RateLimit": "account",
    "Reply": "messages",
    "Request": "messages",
    "Simulator": "core",
    "SimulatorConfig": "config",
    "SimulatorProcess": "process",
    "mock_router": "mock",
    "serve": "server",
    "working_set": "workset",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
