"""The key is nowhere: not on the terminal, not in a file, whatever goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Invoke

KEY = "sk-cAnArY0123456789ZyXwVuTsRqPo"
SERVER = Path(__file__).parents[1] / "e2e" / "second_server.py"
FRAGMENTS = {KEY[start : start + 8] for start in range(len(KEY) - 7)}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An API that is not our simulator, with the key as its only key."""
    monkeypatch.setenv("STABILITY_API_KEY", KEY)
    with subprocess.Popen(
        [sys.executable, SERVER, "--port", "0", "--key", KEY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        yield str(json.loads(child.stdout.readline())["url"])
        assert child.stdin is not None
        child.stdin.close()


def assert_nowhere(said: str) -> None:
    assert not [fragment for fragment in FRAGMENTS if fragment in said]
    for path in Path().rglob("*"):
        if path.is_file():
            content = path.read_bytes().decode("latin-1")
            assert not [fragment for fragment in FRAGMENTS if fragment in content], path


@pytest.mark.parametrize("provider", ["stability_v2beta", "stability_v1"])
def test_it_is_in_no_output_and_no_file(invoke: Invoke, server: str, provider: str) -> None:
    """A face that comes, one that is refused (v1 echoes a wrong key), and everything that is kept of both."""
    face = ("generate", "--age", "30", "--gender", "male", "--target", server, "--provider", provider)
    good = invoke(*face)
    assert good.exit_code == 0, good.output
    refused = invoke(
        *face[:-3], server.replace("127.0.0.1", "localhost") + "/nowhere", "--provider", provider
    )
    listed = invoke("records", "list")
    names = [line.split()[0] for line in listed.stdout.splitlines()[1:]]
    assert len(names) == 2
    records = [invoke("records", "show", name) for name in names]
    exported = invoke("records", "export", "--out", "records.json")
    assert_nowhere("".join(result.output for result in (good, refused, listed, exported, *records)))


def test_a_wrong_key_that_is_echoed_is_not_shown(
    invoke: Invoke, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """v1's 401 repeats the key that it was sent."""
    wrong = KEY[:-1] + "x"
    monkeypatch.setenv("STABILITY_API_KEY", wrong)
    face = ("generate", "--age", "30", "--gender", "male", "--provider", "stability_v1")
    result = invoke(*face, "--target", server)
    assert result.exit_code == 11
    assert_nowhere(result.output + invoke("records", "export").stdout)


@pytest.mark.parametrize(
    "arguments",
    [
        ("generate", "--age", KEY, "--gender", "male"),
        ("generate", "--prompt", "x", "--target", f"https://user:{KEY}@host"),
        ("generate", "--prompt", "x", "--model", KEY),
        ("check", KEY),
        ("records", "show", KEY),
        ("simulate", "--fault", KEY),
        ("generate", f"--{KEY}"),
        (KEY,),
    ],
)
def test_it_is_not_repeated_when_it_was_typed_by_mistake(
    invoke: Invoke, server: str, store: Path, arguments: tuple[str, ...]
) -> None:
    """An error names the wrong value; where that is the key, it is taken out."""
    result = invoke(*arguments)
    assert result.exit_code == 4
    assert "[redacted]" in result.stderr
    assert_nowhere(result.output)
