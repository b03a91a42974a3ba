"""The key is nowhere: not in what a run writes, shows or raises, whatever the API does."""

from __future__ import annotations

from pathlib import Path

import pytest
from runs import run_checks

from facemon.simulator.config import SimulatorConfig
from facemon.simulator.faults import FAULTS
from facemon.simulator.process import SimulatorProcess

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CANARY = "sk-Zq7Xw2Vr9Tk4Mn8Bp3Hd6Jf1Lc5"
FRAGMENT = 8

# These change what later requests meet, so they come last, or alone.
_LAST = ("payment_required",)
_ALONE = ("connection_refused",)


def plan() -> tuple[str, ...]:
    """Every fault in turn, each on one generation request of its own; refusals first, so that v1's 401 is asked too."""
    in_turn = [name for name in FAULTS if name not in _LAST + _ALONE] + list(_LAST)
    return tuple(f"{name}:on={number}" for number, name in enumerate(in_turn, 1))


def leaked(folder: Path) -> dict[str, list[str]]:
    """File → the fragments of the key found in it."""
    fragments = [CANARY[i : i + FRAGMENT].encode() for i in range(len(CANARY) - FRAGMENT + 1)]
    found = {}
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            hits = [fragment.decode() for fragment in fragments if fragment in data]
            if hits:
                found[str(path.relative_to(folder))] = hits
    return found


@pytest.mark.parametrize("provider", ["stability_v2beta", "stability_v1"])
@pytest.mark.parametrize("faults", [plan(), _ALONE], ids=["in-turn", "refused"])
def test_the_key_is_nowhere(provider: str, faults: tuple[str, ...], tmp_path: Path) -> None:
    """Every fault has fired, with --showlocals and the HTTP libraries' debug logs on: no 8 characters of the key."""
    config = SimulatorConfig(key=CANARY, faults=faults, latency_scale=0, prepare=False, balance=10_000)
    with SimulatorProcess(config) as simulator:
        options = [
            f"--facemon-target={simulator.url}",
            f"--facemon-provider={provider}",
            "--facemon-samples=45",
            "--facemon-give-up-after=0",
            "--facemon-attempt-timeout=1",
            "--showlocals",
            "--tb=long",
            "-rA",
            "--log-level=DEBUG",
            f"--log-file={tmp_path / 'debug.log'}",
            f"--alluredir={tmp_path / 'allure'}",
        ]
        if faults == _ALONE:
            options += ["-k", "20-female or refusals or balance"]
        ended = run_checks(tmp_path, *options, key=CANARY)
        state = simulator.state()
    (tmp_path / "terminal.txt").write_text(ended.output)
    assert state["never_fired"] == []
    assert ended.exit_code == 1, ended.output
    # Without these the search below would prove nothing.
    assert (tmp_path / "debug.log").read_text().count("httpcore") > (10 if faults == _ALONE else 100)
    assert list((tmp_path / "allure").glob("*-attachment.*"))
    assert (tmp_path / "run.errors.jsonl").stat().st_size > 1000
    assert "[redacted]" in (tmp_path / "run.errors.jsonl").read_text()
    assert leaked(tmp_path) == {}
