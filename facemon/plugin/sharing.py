"""The simulator that several processes, or the load phase and the checks after it, share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from facemon.plugin.run import start_simulator

if TYPE_CHECKING:
    from facemon.config import Settings
    from facemon.plugin.state import SessionState


def share_simulator(state: SessionState, settings: Settings) -> None:
    """Start it and name it in the run's context; the session's end stops it. Notes what went wrong."""
    context = state.shared_context()
    try:
        process, key = start_simulator(settings, state.progress)
    except Exception as error:
        state.trouble = str(error)  # every process tries for itself then
        return
    state.set_context(
        replace(context, simulator_url=process.url, control_url=process.control_url, simulator_key=key)
    )

    def stop() -> dict[str, Any]:
        counted = process.state()
        process.stop()
        return counted

    state.stop = stop
