"""`facemon simulate`: the stand-in in the foreground."""

from __future__ import annotations

import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from facemon.cli import drawing, serving
from facemon.cli.trouble import Exit
from facemon.simulator import FAULTS
from facemon.simulator.readings import READINGS
from tests.cli.conftest import Invoke
from tests.cli.test_app import SCRIPT

Serve = Callable[..., tuple[subprocess.Popen[str], dict[str, str], list[str]]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start it; returns the process, its first lines by their name, and all of them."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> tuple[subprocess.Popen[str], dict[str, str], list[str]]:
        child = subprocess.Popen(
            [SCRIPT, "simulate", "--port", "0", "--no-prepare", *options],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(child)
        assert child.stdout is not None
        lines = [child.stdout.readline().rstrip() for _ in range(6)]
        named = dict(line.split(maxsplit=1) for line in lines if line and not line.startswith(" "))
        return child, named, lines

    yield start
    for child in started:
        child.kill()
        child.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop_and_says_what_it_did(
    serve: Serve, number: signal.Signals
) -> None:
    """URL, key and a curl line at the start; what was served, charged and fired at the end; exit code 0."""
    child, named, lines = serve("--fault", "unauthorized:on=1", "--fault", "hang:on=9")
    assert "  export STABILITY_API_KEY=sk-simulator" in lines
    assert any(line.startswith("  curl ") and named["url"] in line for line in lines)
    request = urllib.request.Request(
        f"{named['url']}/v1/user/balance", headers={"authorization": "Bearer sk-simulator"}
    )
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(request, timeout=10)
    with urllib.request.urlopen(named["control"], timeout=10) as reply:
        assert reply.status == 200
    child.send_signal(number)
    rest, _ = child.communicate(timeout=10)
    assert child.returncode == Exit.OK
    assert "served   1 requests, 0 generations (401: 1)" in rest
    assert "charged  0 credits in 0 charges; 1000 are left" in rest
    assert "fault    unauthorized:on=1 fired 1 times" in rest
    assert "fault    hang:on=9 never fired" in rest


def test_a_key_that_was_given_is_not_shown(serve: Serve) -> None:
    """Somebody may have given a real one."""
    child, named, lines = serve("--key", "sk-canary-0123456789")
    request = urllib.request.Request(
        f"{named['url']}/v1/user/balance", headers={"authorization": "Bearer sk-canary-0123456789"}
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert reply.status == 200
    child.terminate()
    rest, complaints = child.communicate(timeout=10)
    assert "canary" not in rest + complaints + "".join(lines)


def test_a_port_in_use_is_one_sentence(invoke: Invoke, one_error: Callable[[Result], str]) -> None:
    """It names the port and the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = invoke("simulate", "--port", port, "--no-prepare")
    assert port in one_error(result)
    assert "--port 0" in result.stderr
    assert result.exit_code == Exit.USAGE


def test_the_faults_are_listed_name_first(invoke: Invoke) -> None:
    """One a line, the name first, then what it does and its settings with their defaults."""
    result = invoke("simulate", "--list-faults")
    assert result.exit_code == Exit.OK
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == sorted(FAULTS)
    for line in lines:
        assert FAULTS[line.split()[0]].summary in line
    assert any(line.startswith("slow_body") and "(seconds=4)" in line for line in lines)


def test_the_readings_are_listed_name_first(invoke: Invoke) -> None:
    """One a line, the name first, then what it says."""
    result = invoke("simulate", "--list-readings")
    assert result.exit_code == Exit.OK
    listed = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert listed == READINGS
    assert list(listed) == sorted(listed)


def test_an_unknown_reading_is_one_sentence(invoke: Invoke, one_error: Callable[[Result], str]) -> None:
    """It names the value, what is accepted and the nearest name."""
    result = invoke("simulate", "--reading", "key_frist", "--no-prepare")
    said = one_error(result)
    assert "'key_frist'" in said
    assert "did you mean key_first?" in said
    assert all(name in said for name in READINGS)
    assert result.exit_code == Exit.USAGE


def test_a_reading_is_what_is_served(serve: Serve) -> None:
    """It goes all the way to the server's own process."""
    _, named, _ = serve("--reading", "doubled_401", "--reading", "key_first")
    url = f"{named['url']}/v2beta/stable-image/generate/core"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(url, data=b"{}"), timeout=10)
    assert caught.value.code == 401
    with caught.value:
        assert b"header header" in caught.value.read()


def test_options_reach_the_simulator(invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each option is a setting of the simulator's own."""
    seen = []
    monkeypatch.setattr(
        serving, "run", lambda config, *, key_is_ours: seen.append((config, key_is_ours)) or 0
    )
    readings = ("--reading", "no_flash", "--reading", "same_bytes")
    words = "simulate --port 0 --balance 30.5 --realtime --no-rate-limit --seed 4 --pool 0 --no-prepare"
    assert invoke(*words.split(), "--cache", str(tmp_path), "--fault", "hang", *readings).exit_code == Exit.OK
    ((config, key_is_ours),) = seen
    assert (config.port, config.balance, config.latency_scale, config.rate_limit) == (0, 30.5, 1.0, None)
    assert (config.seed, config.pool, config.prepare, config.faults) == (4, 0, False, ("hang",))
    assert config.readings == ("no_flash", "same_bytes")
    assert config.cache_folder == str(tmp_path)
    assert key_is_ours


def test_portraits_are_drawn_ahead_and_only_once(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """--prepare-only draws what is missing and ends; the second time there is nothing to do."""
    monkeypatch.setattr(drawing, "working_set", lambda config, model, kind: _FEW(config, model, kind)[:1])
    command = ("simulate", "--prepare-only", "--cache", str(tmp_path / "portraits"))
    assert invoke(*command).stdout == "1 portraits drawn, 0 were there already\n"
    assert invoke(*command).stdout == "0 portraits drawn, 1 were there already\n"
    assert len(list((tmp_path / "portraits").iterdir())) == 1


_FEW = drawing.working_set
