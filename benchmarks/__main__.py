"""Run every mode a few times in turn against one simulator and print the ratios: `python -m benchmarks [--quick]`."""

from __future__ import annotations

import json
import runpy
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass

from benchmarks import gate, judgement, planning
from benchmarks.one import MODES
from facemon.simulator.config import SimulatorConfig
from facemon.simulator.process import SimulatorProcess

KEY = "sk-benchmark-51c0ffee"


@dataclass(frozen=True)
class Measured:
    """One mode over all rounds. Seconds; bytes."""

    p50: float
    p95: float
    cpu: float
    memory: float


def main(rounds: int, count: int) -> None:
    """Interleave the modes, so that a machine that slows down slows them all."""
    config = SimulatorConfig(key=KEY, latency_scale=0, rate_limit=None, balance=1e9)
    found: dict[str, list[dict[str, object]]] = {mode: [] for mode in MODES}
    with SimulatorProcess(config) as simulator:
        for number in range(rounds):
            for mode in MODES:
                print(f"\rround {number + 1} of {rounds}: {mode:<14}", end="", file=sys.stderr, flush=True)
                command = [sys.executable, "-m", "benchmarks.one", mode, simulator.url, KEY, str(count)]
                out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
                found[mode].append(json.loads(out))
    print("\r" + " " * 40 + "\r", end="", file=sys.stderr)
    report({mode: summed(runs) for mode, runs in found.items()}, rounds, count)


def summed(runs: list[dict[str, object]]) -> Measured:
    """Medians over the rounds of each round's figure."""

    def quantile(run: dict[str, object], n: int) -> float:
        latencies = run["latencies"]
        assert isinstance(latencies, list)
        return float(statistics.quantiles(latencies, n=100)[n - 1])

    return Measured(
        p50=statistics.median(quantile(run, 50) for run in runs),
        p95=statistics.median(quantile(run, 95) for run in runs),
        cpu=statistics.median(float(str(run["cpu"])) for run in runs),
        memory=statistics.median(float(str(run["memory"])) for run in runs),
    )


def import_time(module: str, times: int) -> float:
    """Median seconds of a fresh process that imports a module, less one that imports nothing."""

    def once(code: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return time.perf_counter() - started

    return statistics.median(once(f"import {module}") - once("pass") for _ in range(times))


def report(found: dict[str, Measured], rounds: int, count: int) -> None:
    """The table and the four figures that have a goal."""
    print(f"{rounds} rounds of {count} generations a mode, one at a time, 1536x1536 PNG, loopback\n")
    print(f"{'mode':<14}{'p50':>10}{'p95':>10}{'CPU each':>12}{'peak memory':>14}")
    for mode, item in found.items():
        print(
            f"{mode:<14}{item.p50 * 1e3:>7.1f} ms{item.p95 * 1e3:>7.1f} ms{item.cpu * 1e3:>9.1f} ms"
            f"{item.memory / 2**20:>11.0f} MB"
        )
    bare, decoded = found["httpx"], found["httpx+decode"]
    recorded, evaluated = found["recorded"], found["evaluated"]
    added50, added95 = (evaluated.p50 - bare.p50) * 1e3, (evaluated.p95 - bare.p95) * 1e3
    print()
    print(f"added latency, scores not awaited   p50 {added50:.1f} ms, p95 {added95:.1f} ms   (goal: 5 ms)")
    waited50, waited95 = ((found["awaited"].p50 - bare.p50) * 1e3, (found["awaited"].p95 - bare.p95) * 1e3)
    print(
        f"added latency, scores awaited       p50 {waited50:.1f} ms, p95 {waited95:.1f} ms   (goal: 100 ms)"
    )
    print(f"CPU, evaluators off                 {recorded.cpu / bare.cpu:.2f} x bare httpx   (goal: 2)")
    print(
        f"CPU, evaluators on                  {evaluated.cpu / decoded.cpu:.2f} x bare httpx and one decode"
    )
    judgement.report(judgement.measure())
    planning.report()
    imports = [import_time(module, 2 * rounds + 1) for module in ("facemon", "httpx")]
    print(f"import facemon                      {imports[0] / imports[1]:.2f} x import httpx   (at most 1.5)")
    print(f"peak memory                         {evaluated.memory / bare.memory:.2f} x bare httpx")


if __name__ == "__main__":
    if sys.argv[1:2] == ["gate"]:
        gate.main(sys.argv[2:])
    elif sys.argv[1:2] in (["stall"], ["saturation"]):
        runpy.run_module(f"benchmarks.{sys.argv.pop(1)}", run_name="__main__")
    elif "--quick" in sys.argv[1:]:
        main(rounds=1, count=20)
    else:
        main(rounds=5, count=100)
