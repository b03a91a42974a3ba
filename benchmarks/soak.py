"""One process that monitors at a steady pace for a while: its memory and CPU. `python -m benchmarks.soak --minutes 10`.

The simulator runs in a process of its own. The monitoring process imports no test tool: it is started as
`python -m benchmarks.soak --child …` and reports what it used every few seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle, product

from facemon.simulator.config import SimulatorConfig
from facemon.simulator.process import SimulatorProcess

KEY = "sk-benchmark-50aced00"
MEMORY_LIMIT, CPU_LIMIT = 256, 30  # MB; per cent of one core
_FLAT = 4  # MB that the second half may grow by: less than two decoded pictures
_SAMPLE_EVERY = 5.0  # seconds
_TEST_TOOLS = ("pytest", "_pytest", "hypothesis", "respx", "allure", "coverage")


async def monitor(url: str, pace: float, minutes: float) -> None:
    """Generate `pace` faces a minute, on a schedule; print a JSON line of this process' use every few seconds."""
    import psutil

    from facemon.config import Settings
    from facemon.model import AGES, GENDERS, FaceRequest
    from facemon.monitoring import assembled
    from facemon.secret import Secret

    settings = Settings.load(high={"base_url": url, "max_credits": 1e9})
    settings = settings.model_copy(update={"api_key": Secret(KEY)})
    cells = cycle(product(AGES, GENDERS))
    process, started = psutil.Process(), time.monotonic()
    total = round(pace * minutes)
    done = {"pictures": 0, "sound": 0}

    async def one() -> None:
        result = await watching.generate(FaceRequest(*next(cells)))
        record = await result.scored()
        done["pictures"] += record.succeeded
        done["sound"] += record.succeeded and not record.quality.failed and not record.quality.unscored

    def say() -> None:
        times = process.cpu_times()
        line = {
            "seconds": time.monotonic() - started,
            "rss": process.memory_info().rss,
            "cpu": times.user + times.system,
            "test_tools": [name for name in _TEST_TOOLS if name in sys.modules],
            **done,
        }
        print(json.dumps(line), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        async with assembled(
            None, settings=settings.model_copy(update={"store": f"{folder}/soak.db"})
        ) as watching:
            tasks: set[asyncio.Task[None]] = set()
            said = 0.0
            for number in range(total):
                due = started + number * 60 / pace
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                task = asyncio.create_task(one())
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                if time.monotonic() - said >= _SAMPLE_EVERY:
                    said = time.monotonic()
                    say()
            await asyncio.gather(*tasks)
            say()


def run(pace: float, minutes: float) -> bool:
    """The whole: simulator, monitoring process, and the verdict; True where every bound held."""
    config = SimulatorConfig(key=KEY, latency_scale=0.02, rate_limit=None, balance=1e9)
    samples: list[dict[str, float]] = []
    with SimulatorProcess(config) as simulator:
        command = [sys.executable, "-m", "benchmarks.soak", "--child", simulator.url]
        command += ["--pace", str(pace), "--minutes", str(minutes)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                samples.append(json.loads(line))
                latest = samples[-1]
                print(
                    f"\r{latest['seconds'] / 60:5.1f} of {minutes:g} minutes · {latest['pictures']:.0f} pictures · "
                    f"{latest['rss'] / 2**20:.0f} MB ",
                    end="",
                    file=sys.stderr,
                    flush=True,
                )
    print(file=sys.stderr)
    return child.returncode == 0 and verdict(samples, pace, minutes)


def verdict(samples: list[dict[str, float]], pace: float, minutes: float) -> bool:
    """Print the figures and whether they keep their bounds."""
    peak = max(sample["rss"] for sample in samples) / 2**20
    second = [sample["rss"] / 2**20 for sample in samples[len(samples) // 2 :]]
    quarter = max(1, len(second) // 2)
    growth = statistics.median(second[-quarter:]) - statistics.median(second[:quarter])
    first, last = samples[0], samples[-1]
    cpu = 100 * (last["cpu"] - first["cpu"]) / (last["seconds"] - first["seconds"])
    wanted = round(pace * minutes)
    lines = [
        (peak <= MEMORY_LIMIT, f"peak memory    {peak:.0f} MB   (at most {MEMORY_LIMIT})"),
        (
            growth <= _FLAT,
            f"second half    {growth:+.1f} MB from its third to its fourth quarter   (flat: at most {_FLAT})",
        ),
        (cpu <= CPU_LIMIT, f"CPU            {cpu:.1f} % of one core on average   (at most {CPU_LIMIT})"),
        (last["sound"] == wanted, f"pictures       {last['sound']:.0f} of {wanted} came, judged, and sound"),
        (not last["test_tools"], f"test tools     {last['test_tools'] or 'none'} imported"),
    ]
    print(f"{pace:g} generations a minute for {minutes:g} minutes, every default evaluator, 1536x1536 PNG\n")
    for held, text in lines:
        print(f"{'held  ' if held else 'BROKEN'}  {text}")
    return all(held for held, _ in lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--pace", type=float, default=100.0, help="generations a minute")
    parser.add_argument("--child", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        asyncio.run(monitor(options.child, options.pace, options.minutes))
    else:
        sys.exit(0 if run(options.pace, options.minutes) else 1)
