"""`facemon records`: list, show, export, runs."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import Result

from facemon.cli.record_view import unique_length
from facemon.cli.trouble import Exit
from facemon.model import State
from tests.cli.conftest import MOMENT, RUN, Invoke
from tests.cli.test_app import SCRIPT
from tests.cli.test_generate import FACE, said


def ids(store: Path) -> list[str]:
    with sqlite3.connect(store) as database:
        return [name for (name,) in database.execute("SELECT id FROM records ORDER BY timestamp")]


def shown(result: Result) -> list[str]:
    """The ids of a list, as far as they are shown."""
    assert result.exit_code == Exit.OK, result.output
    return [line.split()[0] for line in result.stdout.splitlines()[1:]]


def test_a_list_is_newest_first_and_leaves_drills_out(invoke: Invoke, store: Path) -> None:
    """One line a generation, with as much of its id as `show` needs; --all brings the drills."""
    good, failed, drill = ids(store)
    result = invoke("records", "list")
    assert [name for name in (failed, good) if name.startswith(tuple(shown(result)))] == [failed, good]
    assert "down: server_error" in result.stdout
    assert "2 of 2 matching records" in result.stderr
    everything = shown(invoke("records", "list", "--all"))
    assert [drill.startswith(everything[0]), len(everything)] == [True, 3]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        (("--run", "last"), 1),
        (("--run", RUN), 1),
        (("--run", RUN[:10]), 1),
        (("--state", "down"), 1),
        (("--state", "unknown"), 0),
        (("--error-type", "server_error"), 1),
        (("--error-type", "timeout"), 0),
        (("--age", "30", "--gender", "female"), 2),
        (("--gender", "male"), 0),
        (("--since", "2025-10-01"), 1),
        (("--since", MOMENT.isoformat()), 2),
        (("--since", "1h"), 0),
        (("--since", "5000w", "--limit", "1"), 1),
    ],
)
def test_filters_narrow_the_list_and_the_export_alike(
    invoke: Invoke, store: Path, filters: tuple[str, ...], count: int
) -> None:
    """What `list` shows is what `export` writes."""
    assert len(shown(invoke("records", "list", *filters))) == count
    if "--limit" not in filters:
        assert len(json.loads(invoke("records", "export", *filters).stdout)) == count


def test_a_list_fits_a_narrow_terminal(invoke: Invoke, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 80 columns nothing is cut off, only folded."""
    monkeypatch.setattr("facemon.cli.console._WIDTH_OF_A_PIPE", 80)
    result = invoke("records", "list")
    assert "…" not in result.stdout
    assert max(len(line) for line in result.stdout.splitlines()) <= 80


def test_a_record_shows_all_that_is_known(invoke: Invoke, store: Path) -> None:
    """By the beginning of its id: attempts, errors, the failed one's log entry, and a curl line without the key."""
    _, failed, _ = ids(store)
    result = invoke("records", "show", failed[:13])
    assert result.exit_code == Exit.OK, result.output
    assert said(result, "record") == failed
    assert said(result, "state") == "down: server_error"
    assert '{"errors":["sorry"]}' in result.stdout
    assert "POST http://127.0.0.1:1/v2beta" in said(result, "request")
    assert said(result, "repeat it:").startswith("curl ")
    assert '"authorization: Bearer $STABILITY_API_KEY"' in said(result, "repeat it:")
    assert "--form-string 'prompt=a woman'" in said(result, "repeat it:")


def test_a_lost_log_entry_is_said(invoke: Invoke, store: Path) -> None:
    """The log rotates; the record stays."""
    _, failed, _ = ids(store)
    store.with_name("facemon.errors.jsonl").unlink()
    assert "no longer in the error log" in invoke("records", "show", failed).stdout


def test_a_good_record_shows_its_scores_and_price(invoke: Invoke, store: Path) -> None:
    """What came, what it cost, what each evaluator said, and which run it belongs to."""
    good, *_ = ids(store)
    result = invoke("records", "show", good)
    assert said(result, "run") == RUN
    assert said(result, "credits") == "3 (0.03 USD)"
    assert said(result, "passed").split()[::2] == ["not_blank", "100"]
    assert said(result, "state") == State.UP


@pytest.mark.parametrize("name", ["json", "jsonl", "csv"])
def test_an_export_is_whole_and_in_a_new_file(
    invoke: Invoke, store: Path, one_error: Callable[[Result], str], name: str
) -> None:
    """Oldest first, the same on stdout as in the file; what is there is not replaced unless told."""
    path = Path(f"records.{name}")
    result = invoke("records", "export", "--format", name, "--out", path.name)
    assert result.exit_code == Exit.OK, result.output
    text = path.read_bytes().decode()
    assert invoke("records", "export", "--format", name).stdout == text.replace("\r\n", "\n")
    assert [record["id"] for record in _parsed(name, text)] == ids(store)[:2]
    assert "--force" in one_error(invoke("records", "export", "--format", name, "--out", path.name))
    assert invoke("records", "export", "--out", path.name, "--force").exit_code == Exit.OK


def _parsed(name: str, text: str) -> list[dict[str, str]]:
    if name == "csv":
        return list(csv.DictReader(io.StringIO(text, newline="")))
    return json.loads(text) if name == "json" else [json.loads(line) for line in text.splitlines()]


def test_runs_are_listed_with_their_verdict(invoke: Invoke, store: Path) -> None:
    """When, against what, how long, the verdict and the state."""
    result = invoke("records", "runs")
    (line,) = result.stdout.splitlines()[1:]
    assert RUN.startswith(line.split()[0])
    assert all(word in line for word in ("sim", "core", "9 s", "pass", "up: 1 generations"))


@pytest.mark.parametrize("command", ["list", "export", "runs", "show x"])
def test_a_missing_store_says_how_records_come_into_being(
    invoke: Invoke, one_error: Callable[[Result], str], command: str
) -> None:
    """The file that was looked for, whole; it is not made by looking."""
    result = invoke("records", *command.split())
    assert str(Path(".facemon/facemon.db").absolute()) in one_error(result)
    assert "facemon generate" in result.stderr
    assert not Path(".facemon").exists()


def test_what_was_generated_is_found(invoke: Invoke) -> None:
    """From `generate` to `list` and `show`, in the store that --store names."""
    made = said(invoke(*FACE, "--store", "mine.db"), "record")
    (name,) = shown(invoke("records", "list", "--store", "mine.db"))
    assert made.startswith(name)
    assert said(invoke("records", "show", name, "--store", "mine.db"), "record") == made


def test_a_reader_that_has_enough_is_no_accident(store: Path, tmp_path: Path) -> None:
    """`facemon records export | head -c 1` ends without a complaint."""
    with subprocess.Popen(
        [SCRIPT, "records", "export"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == Exit.CLOSED_PIPE


def test_an_export_follows_a_link(invoke: Invoke, store: Path) -> None:
    """What a link leads to is replaced, and keeps its mode; the link stays one."""
    Path("far").mkdir()
    target = Path("far/records.json")
    target.write_text("old")
    target.chmod(0o640)
    Path("link.json").symlink_to(target)
    result = invoke("records", "export", "--out", "link.json", "--force")
    assert result.exit_code == Exit.OK, result.output
    assert Path("link.json").is_symlink()
    assert len(json.loads(target.read_text())) == 2
    assert target.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in Path("far").iterdir()] == ["records.json"]


def test_an_export_into_a_pipe_is_written_in_place(invoke: Invoke, store: Path) -> None:
    """What is no file (a pipe, a device) is written to, and never replaced by one."""
    os.mkfifo("pipe")
    with ThreadPoolExecutor(1) as pool:
        text = pool.submit(Path("pipe").read_text)
        result = invoke("records", "export", "--out", "pipe", "--force")
        assert result.exit_code == Exit.OK, result.output
        assert len(json.loads(text.result())) == 2
    assert Path("pipe").is_fifo()


def test_an_export_that_fails_leaves_all_as_it_was(
    invoke: Invoke, store: Path, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old file stays whole, and no temporary one beside it."""
    Path("records.json").write_text("old")
    before = sorted(Path().iterdir())

    def refuse(_self: Path, _target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    assert "No space left" in one_error(invoke("records", "export", "--out", "records.json", "--force"))
    assert (sorted(Path().iterdir()), Path("records.json").read_text()) == (before, "old")


def test_a_record_is_shown_in_any_encoding(store: Path, tmp_path: Path) -> None:
    """Where the output's encoding lacks a character it is escaped; nobody gets a traceback for it."""
    done = subprocess.run(
        [SCRIPT, "records", "show", ids(store)[0]],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert (done.returncode, done.stderr) == (Exit.OK, b"")
    assert rb"1536 \xd7 1536 pixels" in done.stdout


@pytest.mark.parametrize("command", ["list", "runs", "show"])
def test_a_pipe_gets_no_trailing_spaces(invoke: Invoke, store: Path, command: str) -> None:
    """Lines are filled with spaces for nobody but a terminal."""
    result = invoke("records", command, *([ids(store)[1]] if command == "show" else []))
    assert result.exit_code == Exit.OK, result.output
    assert [line for line in result.stdout.splitlines() if line != line.rstrip()] == []


def test_ids_are_shown_as_far_as_they_differ() -> None:
    """At least the characters that hold the time; more where several share a millisecond."""
    one = "01994aab-d800-75e2-987b-3c6b69d32163"
    assert unique_length([one]) == 13
    assert unique_length([one, one[:25] + "f" + one[26:]]) == 26
