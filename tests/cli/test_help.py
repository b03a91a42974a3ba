"""Every help teaches, and what it teaches is true: each example is run, or at least accepted."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner, Result

from facemon.calibrating.trust import FEWEST
from facemon.cli import check, drawing, serving
from facemon.cli.app import app
from facemon.cli.trouble import Exit
from facemon.simulator.portraits import draw_portrait
from tests.cli.conftest import Invoke

COMMANDS = (
    (),
    ("generate",),
    ("check",),
    ("simulate",),
    ("records",),
    ("records", "list"),
    ("records", "show"),
    ("records", "export"),
    ("records", "runs"),
    ("plan",),
    ("evaluators",),
    ("evaluators", "calibrate"),
)


def every_command(group: TyperGroup, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Of the whole application, groups included."""
    yield above
    for name, command in sorted(group.commands.items()):
        if isinstance(command, TyperGroup):
            yield from every_command(command, (*above, name))
        else:
            yield (*above, name)


def help_of(command: tuple[str, ...], columns: int = 80) -> str:
    return (
        CliRunner(env={"COLUMNS": str(columns), "TERMINAL_WIDTH": str(columns)})
        .invoke(app, [*command, "--help"])
        .stdout
    )


def examples_of(command: tuple[str, ...]) -> list[str]:
    text = help_of(command).partition("Examples")[2]
    return [line.strip() for line in text.splitlines() if re.match(r"\s*facemon \S", line)]


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the examples of a calibration are about: the fewest faces that measure an error."""
    folder = tmp_path_factory.mktemp("labelled")
    for number in range(FEWEST):
        draw_portrait(30, "female", number).save(folder / f"face-30-female-{number}.png")
    return folder


EXAMPLES = sorted({example for command in COMMANDS for example in examples_of(command)})


@pytest.mark.parametrize("command", [*every_command(typer.main.get_group(app))], ids=" ".join)
def test_a_help_has_a_purpose_and_two_examples(command: tuple[str, ...]) -> None:
    """At 80 columns: a sentence first, then the options, then two examples or more that fit in a line."""
    text = help_of(command)
    assert len(examples_of(command)) >= 2
    assert re.search(r"[A-Z][^.]+[.:?]", text.partition("Usage")[2])
    assert max(map(len, text.splitlines())) <= 80
    assert not re.search(r"(under|channel) +(\.\s|of )", text), "a table's name was taken for markup"


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(
    example: str,
    invoke: Invoke,
    store: Path,
    labelled: Path,
    monkeypatch: pytest.MonkeyPatch,
    one_error: Callable[[Result], str],
) -> None:
    """Against the mock where it would ask somebody; what would serve, draw or start pytest is stopped before."""
    lines: list[list[str]] = []
    monkeypatch.setattr(check, "_run", lambda line: lines.append(line) or 0)
    monkeypatch.setattr(serving, "run", lambda config, *, key_is_ours: 0)
    monkeypatch.setattr(drawing, "run", lambda config, *, only, all_models: 0)
    words = shlex.split(example)[1:]
    if "calibrate" in words:
        shutil.copytree(labelled, "faces")
    if "live" in words:
        result = invoke(*words)
        assert "the target live needs a key" in one_error(result)
        return
    # The waits of the retry policy are in the examples' meaning, not in the test's.
    monkeypatch.setattr("facemon.clock.SystemClock.sleep", _at_once)
    mocked = ["--target", "mock"] if words[0] == "generate" else []
    result = invoke(*words, *mocked)
    assert result.exit_code == Exit.OK, result.output
    assert len(lines) == (words[0] == "check")


async def _at_once(_self: object, _seconds: float) -> None:
    return
