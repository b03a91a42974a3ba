"""The simulator in a process of its own: news, obedience, and no orphans."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest

from facemon.simulator import SimulatorConfig, SimulatorProcess
from facemon.simulator.process import SimulatorError

UNPREPARED = SimulatorConfig(prepare=False, latency_scale=0, key="sk-canary-process")


def balance(url: str, key: str) -> dict[str, float]:
    request = urllib.request.Request(f"{url}/v1/user/balance", headers={"authorization": f"Bearer {key}"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        answer: dict[str, float] = json.load(reply)
        return answer


def test_a_simulator_is_started_asked_and_stopped() -> None:
    """url answers, state() tells, and after the block nobody is there."""
    with SimulatorProcess(UNPREPARED) as simulator:
        assert balance(simulator.url, "sk-canary-process") == {"credits": 1000}
        assert simulator.state()["requests"] == 1
    with pytest.raises(urllib.error.URLError):
        balance(simulator.url, "sk-canary-process")
    with pytest.raises(SimulatorError, match="control door"):
        simulator.state()


def test_the_key_is_not_in_the_list_of_processes() -> None:
    """Everybody on the machine can read a command line."""
    with SimulatorProcess(UNPREPARED):
        lines = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    assert any("facemon.simulator" in line for line in lines)
    assert not any("canary" in line for line in lines)


def test_what_never_fired_is_known_after_the_stop() -> None:
    """The child says so with its last words."""
    with SimulatorProcess(SimulatorConfig(prepare=False, faults=("hang:on=9",))) as simulator:
        pass
    assert simulator.never_fired == ["hang:on=9"]
    simulator.stop()


def test_progress_is_heard() -> None:
    """An empty pool has nothing to draw, and says so."""
    heard: list[tuple[int, int]] = []
    config = SimulatorConfig(pool=0)
    with SimulatorProcess(config, on_progress=lambda done, total: heard.append((done, total))):
        assert heard == [(0, 0)]


def test_a_simulator_can_be_told_to_stop_while_it_draws(tmp_path: Path) -> None:
    """It goes at once, and takes the processes that draw along."""
    command = [sys.executable, "-m", "facemon.simulator", "--config", "-"]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdout, child.stdin:
        child.stdin.write(SimulatorConfig(cache_folder=str(tmp_path)).to_json() + "\n")
        child.stdin.flush()
        while json.loads(child.stdout.readline())["done"] < 1:
            pass
        drawing = psutil.Process(child.pid).children(recursive=True)
        child.terminate()
        assert child.wait(timeout=10) == 0
    assert drawing
    assert psutil.wait_procs(drawing, timeout=10)[1] == []


def test_a_child_that_cannot_start_says_why() -> None:
    """The port is taken: the error carries the child's own words."""
    with SimulatorProcess(UNPREPARED) as first:
        port = int(first.url.rpartition(":")[2])
        with pytest.raises(SimulatorError, match=f"cannot listen on 127.0.0.1 port {port}"):
            SimulatorProcess(SimulatorConfig(prepare=False, port=port)).start()


def test_a_killed_parent_leaves_no_orphan() -> None:
    """The child's stdin closes with its parent, and the child goes."""
    code = (
        "import time; from facemon.simulator import *; "
        "one = SimulatorProcess(SimulatorConfig(prepare=False)).start(); "
        "print(one._child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    child.wait(timeout=10)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_ends_on_a_signal_with_its_last_news(number: int) -> None:
    """JSON lines: ready, then stopped; exit 0."""
    command = [sys.executable, "-m", "facemon.simulator", "--config"]
    config = '{"prepare": false, "faults": ["moderated"]}'
    child = subprocess.Popen([*command, config], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    ready = json.loads(child.stdout.readline())
    assert ready["event"] == "ready"
    time.sleep(0.05)
    os.kill(child.pid, number)
    assert json.loads(child.stdout.readline()) == {"event": "stopped", "never_fired": ["moderated"]}
    assert child.wait(timeout=10) == 0
    child.stdout.close()


@pytest.mark.parametrize(
    "config", ['{"host": "0.0.0.0"}', "{", '{"faults": ["hnag"]}', '{"key": "", "x": 1}']
)
def test_a_bad_config_is_one_sentence_and_exit_2(config: str) -> None:
    """No traceback."""
    command = [sys.executable, "-m", "facemon.simulator", "--config", config]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
