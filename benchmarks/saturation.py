"""How much one process can send: 1,000 requests a minute, then more and more until sender or server give way.

`python -m benchmarks.saturation [--quick]`. The simulator runs in a process of its own with its pictures ready, no
waiting and no rate limit; facemon sends through its monitor and store as always, without a rate limit and without
evaluators. Beside it Locust's FastHttpUser sends to the same server in the same run, in turns, one process, as many
users as saturate it. Locust is installed by pip into a virtual environment of its own, `.venv/.locust`, which this
benchmark makes if it is not there.
"""

from __future__ import annotations

import asyncio
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import venv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from facemon.client import FaceClient
from facemon.config import Settings
from facemon.load.asking import FACES, asking
from facemon.load.plot import seconds
from facemon.load.result import LoadResult
from facemon.load.schedule import Schedule
from facemon.load.sender import IN_FLIGHT, Sender
from facemon.load.tally import Tally
from facemon.monitor import Monitor
from facemon.prompts import HEADSHOT
from facemon.secret import Secret
from facemon.simulator.config import SimulatorConfig
from facemon.simulator.process import SimulatorProcess
from facemon.store import RecordStore

KEY = "sk-benchmark-5a707a7e"
TEN_TIMES = 1000 / 60  # requests a second: ten times the specification's rate
USERS = 20  # of Locust: more change nothing but the latency
LOCUST = Path(".venv/.locust")
_FILE = """
    from itertools import cycle
    from locust import FastHttpUser, constant, task

    FORMS = cycle({forms!r})

    class Face(FastHttpUser):
        wait_time = constant(0)

        @task
        def face(self):
            parts = [
                f"--cut\\r\\ncontent-disposition: form-data; name=\\"{{name}}\\"\\r\\n\\r\\n{{value}}\\r\\n"
                for name, value in next(FORMS).items()
            ]
            body = ("".join(parts) + "--cut--\\r\\n").encode()
            self.client.post(
                "/v2beta/stable-image/generate/core", data=body, name="face",
                headers={{"authorization": "Bearer {key}", "accept": "image/*",
                         "content-type": "multipart/form-data; boundary=cut"}},
            )
"""


async def at_rate(url: str, rate: float, length: float) -> LoadResult:
    """One run of facemon's sender in this process."""
    schedule = Schedule(rate, length)
    tally = Tally.of(schedule, schedule.count, limit=3.0)
    async with monitored(url) as monitor:
        sender = Sender(asking(monitor), tally, monitor.clock, monitor.clock.monotonic() + 0.2)
        await sender.run(schedule.dues(), length)
        sender.look()
    return LoadResult(schedule, {"main": tally})


@asynccontextmanager
async def monitored(url: str) -> AsyncIterator[Monitor]:
    """A monitor with a store, no rate limit, and nobody who judges."""
    wanted = {"base_url": url, "rate_limit": "none", "concurrency": IN_FLIGHT}
    settings = Settings.load(high=wanted).model_copy(update={"api_key": Secret(KEY)})
    with tempfile.TemporaryDirectory() as folder:
        async with (
            await RecordStore.open(Path(folder) / "saturation.db") as store,
            FaceClient(settings) as client,
            Monitor(client, store=store, evaluators=()) as monitor,
        ):
            yield monitor


async def closed_loop(url: str, length: float) -> float:
    """Requests a second that facemon's monitor gets through as Locust does: so many users, each after its answer."""
    done = 0
    async with monitored(url) as monitor:
        ask, end = asking(monitor), time.monotonic() + length

        async def user(number: int) -> None:
            nonlocal done
            while time.monotonic() < end:
                answer = await ask(number)
                done += answer.outcome == "success"

        await asyncio.gather(*map(user, range(USERS)))
        return done / (length + time.monotonic() - end)


def saturation(url: str, length: float) -> float:
    """The highest rate, requests a second, that facemon still sends on time and the server still answers in time."""
    low, high = TEN_TIMES, TEN_TIMES
    while _kept(asyncio.run(at_rate(url, high, length))):
        low, high = high, high * 1.6
    for _ in range(3):
        middle = (low + high) / 2
        low, high = (middle, high) if _kept(asyncio.run(at_rate(url, middle, length))) else (low, middle)
    return low


def _kept(result: LoadResult) -> bool:
    kept = result.why_withheld() is None and result.served >= 0.99 * result.due
    print(f"  {_row(result)}   {'kept' if kept else 'not kept'}", flush=True)
    return kept


def _row(result: LoadResult) -> str:
    return (
        f"{result.schedule.per_minute / 60:7.1f}/s   in time {result.served} of {result.due}   late {result.late}   "
        f"p50 {seconds(result.intended.quantile(0.5))}   p99 {seconds(result.intended.quantile(0.99))}   "
        f"CPU {result.busiest:.0%}   {result.memory / 1e6:.0f} MB"
    )


def install_locust() -> Path:
    """Locust's executable, in its own environment."""
    executable = LOCUST / "bin" / "locust"
    if not executable.exists():
        venv.create(LOCUST, with_pip=True)
        pip = [str(LOCUST / "bin" / "python"), "-m", "pip", "install", "-qq", "locust"]
        subprocess.run(pip, check=True)
    return executable.absolute()


def locust_rate(executable: Path, url: str, length: float) -> float:
    """Requests a second that FastHttpUser, a closed loop, gets through in one process."""
    forms = []
    for face in FACES:
        words = HEADSHOT.fill(face)
        forms.append(
            {"prompt": words.prompt, "negative_prompt": words.negative_prompt or "", "output_format": "png"}
        )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "locustfile.py").write_text(textwrap.dedent(_FILE).format(forms=forms, key=KEY))
        command = [str(executable), "--headless", "--host", url, "-u", str(USERS), "-r", str(USERS)]
        command += ["-t", f"{length:.0f}s", "--csv", "out", "--only-summary", "--loglevel", "ERROR"]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
        with Path(folder, "out_stats.csv").open() as stream:
            row = next(row for row in csv.DictReader(stream) if row["Name"] == "face")
    assert int(row["Failure Count"]) == 0, row
    return float(row["Requests/s"])


def main(rounds: int, length: float) -> None:
    """Ten times the rate, then the two saturation rates in turns."""
    executable = install_locust()
    config = SimulatorConfig(key=KEY, latency_scale=0, rate_limit=None, balance=1e9)
    with SimulatorProcess(config) as simulator:
        print("ten times the specification's rate, one process, 1536x1536 PNG, loopback")
        print(f"  {_row(asyncio.run(at_rate(simulator.url, TEN_TIMES, 3 * length)))}\n")
        ours, at_once, theirs = [], [], []
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}: facemon's open loop, until it is not kept")
            ours.append(saturation(simulator.url, length))
            at_once.append(asyncio.run(closed_loop(simulator.url, length)))
            print(f"  facemon, {USERS} users without a pause: {at_once[-1]:.1f}/s", flush=True)
            theirs.append(locust_rate(executable, simulator.url, length))
            print(f"  Locust's FastHttpUser, {USERS} users without a pause: {theirs[-1]:.1f}/s", flush=True)
    other = statistics.median(theirs)
    print(f"\nsaturation   Locust {other:.1f}/s")
    for title, rates in (("on a schedule", ours), ("closed loop", at_once)):
        most = statistics.median(rates)
        print(f"             facemon, {title:<14}{most:6.1f}/s   {most / other:.2f} of Locust's")


if __name__ == "__main__":
    if "--quick" in sys.argv[1:]:
        main(rounds=1, length=5.0)
    else:
        main(rounds=3, length=15.0)
