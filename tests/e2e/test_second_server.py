"""The same checks pass against a server that shares no line with our simulator."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from runs import run_checks

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

KEY = "sk-second-9f8e7d6c5b4a"


@pytest.fixture
def server_url() -> Iterator[str]:
    """A second implementation, written from the documentation alone; it notes every undocumented request."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("second_server.py")), "--port", "0", "--key", KEY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    yield json.loads(process.stdout.readline())["url"]
    process.stdin.close()
    process.wait(10)
    process.stdout.close()


def seen(url: str, name: str) -> list[dict[str, object]]:
    """One of the server's lists: violations, refused, served."""
    with urllib.request.urlopen(f"{url}/{name}") as reply:
        found: list[dict[str, object]] = json.load(reply)
    return found


@pytest.mark.parametrize("provider", ["stability_v2beta", "stability_v1"])
def test_the_checks_pass_against_another_server(provider: str, server_url: str, tmp_path: Path) -> None:
    """Given by URL and key only, the checks pass, and not one request lies outside the documented contract."""
    ended = run_checks(
        tmp_path,
        "--facemon-target",
        server_url,
        "--facemon-max-credits=500",
        "--facemon-response-time-limit=60",  # a busy machine is slow to draw, and that is no finding
        f"--facemon-provider={provider}",
        key=KEY,
    )
    assert ended.exit_code == 0, ended.output
    assert "state     up" in ended.output
    assert not seen(server_url, "violations")
    assert len(seen(server_url, "served")) >= 72
    assert len(seen(server_url, "refused")) >= 3
