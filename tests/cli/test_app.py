"""The front door: light, and clear about what it does not know."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import Result

import facemon
from facemon.cli.trouble import CommandError, Exit, guarded
from tests.cli.conftest import Invoke

SCRIPT = Path(sys.executable).with_name("facemon")


def test_the_version_comes_without_anything_heavy() -> None:
    """`facemon --version` imports neither pytest nor SQLAlchemy, httpx, Pillow, aiohttp or numpy."""
    code = (
        "import sys; sys.argv = ['facemon', '--version']\n"
        "from facemon.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0, end.code\n"
        "print(sorted({'pytest', 'sqlalchemy', 'httpx', 'PIL', 'aiohttp', 'numpy'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [f"facemon {facemon.__version__}", "[]"]


def test_the_console_script_ends_with_the_commands_code() -> None:
    """The installed script hands the exit code on."""
    said = subprocess.run([SCRIPT, "generate", "--age", "31"], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (Exit.USAGE, "")


@pytest.mark.parametrize("arguments", [(), ("records",)])
def test_no_command_shows_the_help_and_is_no_success(invoke: Invoke, arguments: tuple[str, ...]) -> None:
    """An empty command line in a script must not pass for a check that passed."""
    result = invoke(*arguments)
    assert result.exit_code == Exit.USAGE
    assert result.output.count("Usage: ") == 1


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("chek",), "'check'"),
        (("generate", "--ages", "30"), "did you mean --age?"),
        (("simulate", "--relatime"), "did you mean --realtime?"),
        (("records", "list", "--stat", "up"), "did you mean --state?"),
        (("records", "lst"), "'list'"),
    ],
)
def test_a_typing_mistake_is_met_with_the_nearest_name(
    invoke: Invoke, one_error: Callable[[Result], str], arguments: tuple[str, ...], hint: str
) -> None:
    """Unknown commands and options name what was probably meant, and the help that lists them all."""
    result = invoke(*arguments)
    assert hint in one_error(result)
    assert "next: facemon" in result.stderr
    assert result.exit_code == Exit.USAGE


def test_a_name_that_is_far_from_all_is_met_with_no_guess(
    invoke: Invoke, one_error: Callable[[Result], str]
) -> None:
    """Only a near name is suggested: `--nope` does not mean --store."""
    assert "did you mean" not in one_error(invoke("generate", "--nope"))


def test_a_closed_stdout_is_refused(tmp_path: Path) -> None:
    """`>&-` is one sentence: nothing runs whose result nobody could read."""
    done = subprocess.run(
        ["sh", "-c", f"{SCRIPT} records list >&-"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith("error: stdout is closed\nnext: ")


def test_a_full_stdout_is_said_in_one_sentence(tmp_path: Path) -> None:
    """Output that finds no room tells nothing of the service: 11, and no traceback."""
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); sys.argv = ['facemon', '--version']\n"
        "from facemon.cli import main; main()"
    )
    # Coverage would write its data at the end, and complain of the same limit.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    with (tmp_path / "out.txt").open("w") as file:
        done = subprocess.run(
            [sys.executable, "-B", "-c", code],
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env=environment,
        )
    assert done.returncode == Exit.UNKNOWN
    assert done.stderr.startswith("error: the output cannot be written: ")
    assert "Traceback" not in done.stderr


def test_an_unforeseen_error_is_our_own_fault(capsys: pytest.CaptureFixture[str]) -> None:
    """A bug is exit code 3, pytest's word for an internal error, with its traceback for the report."""

    def broken() -> None:
        raise KeyError("oops")

    assert guarded(broken) == Exit.INTERNAL
    said = capsys.readouterr().err
    assert "a fault of facemon's own: KeyError: 'oops'" in said
    assert "Traceback" in said


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), typer.Abort()])
def test_an_interruption_is_no_fault(raised: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends a command with pytest's code for it and one line."""

    def interrupted() -> None:
        raise raised

    assert guarded(interrupted) == Exit.INTERRUPTED
    assert capsys.readouterr().err.splitlines() == ["error: interrupted"]


def test_what_to_do_next_stands_below(capsys: pytest.CaptureFixture[str]) -> None:
    """An error of several lines is one sentence on the terminal, and its way out follows it."""

    def refused() -> None:
        raise CommandError("one\ntwo", "try this", Exit.UNKNOWN)

    assert guarded(refused) == Exit.UNKNOWN
    assert capsys.readouterr().err.splitlines() == ["error: one two", "next: try this"]
