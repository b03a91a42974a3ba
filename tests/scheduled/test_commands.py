"""The commands of a scheduled run: what they say, where they write, and how they end."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from facemon.cli.app import app
from facemon.scheduled.allure_site import MARK
from facemon.scheduled.slots import slot
from facemon.store import RecordStore, Run


def invoke(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    assert "Traceback" not in result.output
    return result


def keep_run(started: datetime, *, finished: bool = True, **summary: object) -> None:
    """A run in the default store."""

    async def write() -> None:
        async with await RecordStore.open(".facemon/facemon.db") as store:
            name = f"run-{started:%H%M%S%f}"
            await store.start_run(Run(name, started, "live", "stability_v2beta", "core"))
            if finished:
                await store.finish_run(
                    name, started + timedelta(seconds=9), {"exit": 0, "state": "up", **summary}
                )

    asyncio.run(write())


@pytest.mark.parametrize(
    "command", ["state", "state fetch", "state push", "summary", "site", "heartbeat", "init"]
)
def test_a_help_has_two_examples_and_fits_a_terminal(command: str) -> None:
    """As every help of facemon's."""
    width = {"COLUMNS": "80", "TERMINAL_WIDTH": "80"}
    text = CliRunner(env=width).invoke(app, [*command.split(), "--help"]).stdout
    assert len(re.findall(r"^\s*facemon \S", text.partition("Examples")[2], re.MULTILINE)) >= 2
    assert max(map(len, text.splitlines())) <= 80


def test_a_state_goes_through_a_branch(clone: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first run finds no branch and says so; the second finds what the first pushed."""
    monkeypatch.chdir(clone("first"))
    assert "this run is the first" in invoke("state", "fetch").stderr
    keep_run(datetime.now(UTC))
    assert "pushed facemon-state at" in invoke("state", "push").stderr
    monkeypatch.chdir(clone("second"))
    said = invoke("state", "fetch")
    assert (said.exit_code, "fetched facemon-state at" in said.stderr) == (0, True)
    assert "facemon: up" in invoke("summary").stdout


def test_what_is_old_stays_off_the_branch(
    clone: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of more than 60 days ago are not pushed, or as --keep says; here they stay. Too short a time is refused."""
    monkeypatch.chdir(clone("first"))
    invoke("state", "fetch")
    now = datetime.now(UTC)
    for days in (1, 50, 70):
        keep_run(now - timedelta(days=days, seconds=days))
    for keep, left in (((), 2), (("--keep", "40d"), 1), (("--keep", "100d"), 3)):
        assert invoke("state", "push", *keep).exit_code == 0
        with closing(sqlite3.connect(".facemon/facemon.db")) as here:
            assert here.execute("SELECT count(*) FROM runs").fetchone() == (3,)
        other = clone(f"after {left}")
        with monkeypatch.context() as there:
            there.chdir(other)
            invoke("state", "fetch")
            with closing(sqlite3.connect(".facemon/facemon.db")) as fetched:
                assert fetched.execute("SELECT count(*) FROM runs").fetchone() == (left,)
    for wrong in ("29d", "soon", "9999d"):
        said = invoke("state", "push", "--keep", wrong)
        assert said.exit_code == 4 and "--keep" in said.stderr


def test_a_refused_push_says_what_to_do(
    clone: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, so that nobody is told what is kept nowhere."""
    first, second = clone("first"), clone("second")
    for folder in (first, second):
        monkeypatch.chdir(folder)
        invoke("state", "fetch")
        keep_run(datetime.now(UTC))
    assert invoke("state", "push").exit_code == 0
    monkeypatch.chdir(first)
    said = invoke("state", "push")
    assert said.exit_code == 1
    assert "is not overwritten" in said.stderr
    assert "concurrency" in said.stderr


@pytest.mark.parametrize("arguments", [("state", "fetch"), ("state", "push")])
def test_a_database_needs_no_branch(arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """With a URL in FACEMON_STORE the state commands do nothing, and need no repository."""
    monkeypatch.setenv("FACEMON_STORE", "postgresql://somebody:secret@db.example/facemon")
    said = invoke(*arguments)
    assert said.exit_code == 0
    assert "no state to keep" in said.stderr
    assert "secret" not in said.output


def test_the_summary_goes_to_the_job_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Appended to the file of GITHUB_STEP_SUMMARY, with the slot that the run kept; stdout stays empty then."""
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    now = datetime.now(UTC)
    keep_run(now, slot=slot("17 * * * *", now).as_data())
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    monkeypatch.setenv("FACEMON_REPORT_URL", "https://example.com/report/")
    said = invoke("summary")
    assert (said.exit_code, said.stdout) == (0, "")
    assert page.read_text().startswith("before\n## ✅ facemon: up")
    assert "of `17 * * * *`, at least" in page.read_text()
    assert "https://example.com/report/" in page.read_text()


def test_a_job_that_saw_nothing_is_red(clone: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that the state brought along is somebody else's: exit code 11. A failing service is no such thing."""
    monkeypatch.chdir(clone("first"))
    invoke("state", "fetch")
    assert invoke("summary").exit_code == 11
    keep_run(datetime.now(UTC) - timedelta(hours=1))
    said = invoke("summary")
    assert (said.exit_code, "no check was run in this job" in said.stderr) == (11, True)
    assert said.stdout.startswith("## ❔ facemon: no check was run in this job")
    assert "Below is the last run there was." in said.stdout
    keep_run(datetime.now(UTC) + timedelta(seconds=1), finished=False)
    assert "did not end" in invoke("summary").stderr
    keep_run(datetime.now(UTC) + timedelta(seconds=2), exit=1, state="down")
    assert invoke("summary").exit_code == 0


def test_the_run_of_another_target_is_not_the_jobs(
    clone: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a database for all, a laptop's newer run against the simulator hides no job that did nothing."""
    monkeypatch.chdir(clone("first"))
    invoke("state", "fetch")
    keep_run(datetime.now(UTC) + timedelta(seconds=1))
    assert invoke("summary").exit_code == 0
    monkeypatch.setenv("FACEMON_TARGET", "http://127.0.0.1:9")
    assert invoke("summary").exit_code == 11
    assert "facemon: up" in invoke("summary", "--target", "live").stdout


def test_the_page_has_its_badge_beside_it(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """badge.json and badge.svg of the last run; stale, where its schedule went on without it."""

    def made(results: Path, out: Path, history: Path, *, pictures: bool) -> int:
        assert (results, history, pictures) == (
            Path("allure-results"),
            Path(".facemon/allure-history.jsonl"),
            False,
        )
        out.mkdir(exist_ok=True)
        (out / "index.html").write_text("the page")
        (out / MARK).touch()
        return 2

    monkeypatch.setattr("facemon.scheduled.allure_site.build", made)
    keep_run(datetime.now(UTC) - timedelta(hours=9))
    said = invoke("site")
    assert said.exit_code == 0 and "2 runs of the history could not be read" in said.stderr
    assert json.loads((alone / ".facemon/site/badge.json").read_text())["message"].startswith("up · ")
    monkeypatch.setenv("FACEMON_SCHEDULE", "17 * * * *")
    assert invoke("site").exit_code == 0
    assert "stale since" in (alone / ".facemon/site/badge.svg").read_text()


def test_a_folder_of_somebodys_is_not_emptied(alone: Path) -> None:
    """`--out` names a new folder, an empty one, or a page made before, which a badge of his own does not make it."""
    (alone / "thesis").mkdir()
    (alone / "thesis/badge.json").write_text("{}")
    (alone / "thesis/chapter.txt").write_text("years of work")
    said = invoke("site", "--out", "thesis")
    assert said.exit_code == 4
    assert (alone / "thesis/chapter.txt").exists()


@pytest.fixture
def receiver() -> Iterator[HTTPServer]:
    """A receiver on the loopback that keeps what it was asked, and answers with `status`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.asked.append(self.path)  # type: ignore[attr-defined]
            self.send_response(self.server.status)  # type: ignore[attr-defined]
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.status = [], 200  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_heartbeat_is_heard(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, at the address of the environment; a refusal is exit code 1, and shows nothing of the address."""
    url = f"http://127.0.0.1:{receiver.server_port}/ping/canary-3f2b"
    monkeypatch.setenv("FACEMON_HEARTBEAT_URL", url)
    assert invoke("heartbeat").exit_code == 0
    assert receiver.asked == ["/ping/canary-3f2b"]
    receiver.status = 404
    said = invoke("heartbeat")
    assert (said.exit_code, "HTTP 404" in said.stderr) == (1, True)
    assert "canary" not in said.output


def test_without_an_address_nothing_is_sent_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that is not set is an empty variable in a workflow: no error, and no silence either."""
    monkeypatch.setenv("FACEMON_HEARTBEAT_URL", "")
    said = invoke("heartbeat")
    assert (said.exit_code, "nobody outside notices" in said.stderr) == (0, True)
    monkeypatch.setenv("FACEMON_HEARTBEAT_URL", "http://example.com/canary")
    said = invoke("heartbeat")
    assert (said.exit_code, "canary" in said.output) == (4, False)
