"""Under xdist: one run, one simulator, one budget, one verdict; and no process outlives the run that started it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psutil
import pytest

from tests.plugin.test_bench import (
    CACHE,
    FEWER_PLUGINS,
    INI,
    MARK,
    SAMPLE,
    everything,
    left_behind,
    marked,
    records,
    run,
    runs,
    section,
)

pytestmark = pytest.mark.slow


def words(result: pytest.RunResult) -> tuple[int, dict[str, str]]:
    """Exit code and section without what differs from run to run: times and the run's id."""
    said = {key: text for key, text in section(result).items() if key not in ("times", "records", "pictures")}
    said["errors"] = " ".join(
        sorted(said["errors"].split(", "))
    )  # of equal counts the first to come comes first
    # A time also sets the width of its column, so what fills a column up says nothing either.
    return int(result.ret), {
        key: re.sub(r"[ ]+", " ", re.sub(r"[\d.]+ s\b", "a time", text)) for key, text in said.items()
    }


def test_workers_are_one_run_with_one_verdict(pytester: pytest.Pytester) -> None:
    """-n 2 gives the verdict of -n 0: one run id, one simulator that counts and misbehaves for all, one ledger."""
    options = (
        "--facemon-samples",
        "4",
        "--facemon-fault",
        "unauthorized:on=2",
        "--facemon-fault",
        "moderated:on=3",
    )
    alone = run(pytester, SAMPLE, *options, target="sim")
    together = run(pytester, SAMPLE, *options, "-n", "2", target="sim", apart=True)
    assert words(alone) == words(together)
    assert together.ret == 1
    assert together.parseoutcomes() == alone.parseoutcomes() == {"passed": 2, "failed": 1, "unknown": 1}
    assert "charged 6" in section(together)["credits"]
    assert len(runs(pytester.path)) == 2
    by_run = [record.run_id for record in records(pytester.path)]
    assert sorted(map(by_run.count, set(by_run))) == [4, 4]
    assert together.stdout.str().count("facemon ===") == 1


def test_workers_share_one_budget(pytester: pytest.Pytester) -> None:
    """Four workers and 10 credits: the simulator never charges more, and the run says that the budget ended it."""
    options = ("-n", "4", "--facemon-samples", "8", "--facemon-max-credits", "10")
    result = run(pytester, SAMPLE, *options, target="sim", apart=True)
    assert result.ret == 11
    assert result.parseoutcomes()["passed"] == 3
    assert "failed" not in result.parseoutcomes()
    said = section(result)
    assert said["credits"] == "9 booked · cap 10 · the simulator charged 9"
    assert "budget ended the run" in said["unknown"]
    assert said["state"].startswith("unknown")


KILLED = """
import os, pathlib, signal

async def test_killed(facemon):
    result = await facemon.generate(age=30, gender="male")
    pathlib.Path("acknowledged").write_text(result.data.id)
    os.kill(os.getpid(), signal.SIGKILL)

async def test_other(facemon):
    await facemon.generate(age=40, gender="female")
"""


def test_a_killed_worker_loses_no_record(pytester: pytest.Pytester) -> None:
    """What it acknowledged is in the store; the run names the dead worker, and ends with 11: not 0 and not 1."""
    result = run(pytester, KILLED, "-n", "2", target="sim", apart=True)
    acknowledged = (pytester.path / "acknowledged").read_text()
    assert acknowledged in {record.id for record in records(pytester.path)}
    assert result.ret == 11
    said = section(result)["unknown"]
    assert re.search(r"worker gw\d died", said)
    assert "the worker that ran it died" in said
    assert section(result)["pictures"].startswith("2 of 2 ")


FAILS_EARLY = """
import pytest

@pytest.mark.parametrize("number", range(6))
async def test_it(facemon, number):
    assert (await facemon.generate(age=30, gender="male")).image is None
"""


def test_stopping_at_the_first_failure_ends_with_1(pytester: pytest.Pytester) -> None:
    """-x with workers: xdist interrupts itself, which pytest calls 2; a failure is 1 all the same, with its section."""
    result = run(pytester, FAILS_EARLY, "-x", "-n", "2", target="sim", apart=True)
    assert result.ret == 1
    assert section(result)["verdict"].startswith("FAIL")
    assert "the run was interrupted" not in everything(result)


HANGING = """
import json, os, pathlib, time

async def test_hanging(facemon):
    await facemon.generate(age=30, gender="male")
    pathlib.Path("started").write_text(json.dumps({"url": facemon._client.settings.base_url}))
    time.sleep(60)
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "workers"])
def test_no_orphan_after_a_killed_controller(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    """SIGKILL of the run in the middle of a check: neither its simulator nor a worker is there a few seconds later."""
    pytester.makepyfile(test_it=HANGING)
    (pytester.path / "pytest.ini").write_text(INI)
    mark = uuid.uuid4().hex
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FACEMON_", "STABILITY_", "PYTEST_"))
    }
    controller = subprocess.Popen(
        [sys.executable, "-m", "pytest", *FEWER_PLUGINS, "--facemon-target", "sim", *workers],
        cwd=pytester.path,
        env={**kept, "XDG_CACHE_HOME": CACHE, MARK: mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        started = wait_for(pytester.path / "started")
        simulators = [p for p in marked(mark) if "facemon.simulator" in p.cmdline()]
        assert len(simulators) == 1
        port = int(json.loads(started)["url"].rpartition(":")[2])
        assert port in {
            c.laddr.port for c in simulators[0].net_connections() if c.status == psutil.CONN_LISTEN
        }
        if workers:
            # A worker that sleeps in a check notices nothing; it dies with its check, or by hand.
            for process in marked(mark):
                if process.pid not in (controller.pid, simulators[0].pid):
                    process.kill()
        os.kill(controller.pid, signal.SIGKILL)
        controller.wait()
        assert not left_behind(mark)
    finally:
        controller.kill()
        controller.wait()
        for process in marked(mark):
            process.kill()


def wait_for(path: Path, patience: float = 60.0) -> str:
    """A file's text, once there is one."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if path.exists() and (text := path.read_text()):
            return text
        time.sleep(0.05)
    raise AssertionError(f"{path} did not appear")


def test_an_interrupted_check_leaves_no_simulator(pytester: pytest.Pytester) -> None:
    """A run that ends by Ctrl-C stops its simulator, and keeps pytest's own code 2."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    result = run(pytester, "def test_it(facemon):\n    raise KeyboardInterrupt\n", target="sim")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "PASS" not in everything(result)
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
