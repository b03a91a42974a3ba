"""Each exit code from the shell, by `pytest checks` and by `facemon check`, alone and with two workers.

0 is given for evidence and for nothing else: what was not asked, not seen, not paid for or not understood has a code of
its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SCRIPT = Path(sys.executable).with_name("facemon")
# What plain pytest needs to be told to find checks; `facemon check` says it by itself.
INI = """
[pytest]
python_files = check_*.py
python_functions = check_*
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
"""
FACE = """
async def check_a_face(facemon):
    await facemon.generate(age=30, gender="female")
"""
SAMPLE = """
async def check_a_sample(facemon, facemon_request):
    await facemon.generate(facemon_request)
"""
SKIPPED = """
import pytest

@pytest.mark.skip(reason="today")
async def check_a_face(facemon):
    await facemon.generate(age=30, gender="female")
"""
SLEEPS = """
import asyncio, pathlib

async def check_a_face(facemon):
    await facemon.generate(age=30, gender="female")
    pathlib.Path("started").touch()
    await asyncio.sleep(60)
"""
# Another plugin's, in the process that reports: with workers the controller.
BREAKS = """
class Broken:
    def pytest_runtest_logreport(self, report):
        raise RuntimeError("another plugin's mistake")

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Broken())
"""
BREAKS_IN_WORKERS = BREAKS.replace("if not hasattr", "if hasattr")
# A model that is there at the start and gone when it is asked.
NO_SCORER = """
from facemon.evaluators.sharpness import Sharpness

def evaluate(*_):
    raise RuntimeError("the model's file is gone")

Sharpness.evaluate = evaluate
"""


@dataclass(frozen=True)
class Case:
    """code: that is owed · said: what the output has to say · settings: by name, as options · conftest: beside the
    checks · file: the project's facemon.toml.
    """

    code: int
    said: str
    source: str = FACE
    settings: Mapping[str, str] = field(default_factory=dict)
    more: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    conftest: str = ""
    file: str = ""


CASES = {
    "0, a check that passes": Case(0, "verdict   PASS"),
    "0, an objective that is confirmed": Case(
        0, "pass          success_rate >= 50%", SAMPLE, {"samples": "8", "objective": "success_rate >= 50%"}
    ),
    "1, a check that fails": Case(1, "verdict   FAIL", FACE, {"fault": "moderated"}),
    "1, an objective that is refuted": Case(
        1,
        "fail          response_time.p50 <= 0.001s",
        SAMPLE,
        {"samples": "12", "objective": "response_time.p50 <= 1ms"},
    ),
    "1, a dead target": Case(
        1,
        "state     down: connection",
        FACE,
        {"target": "http://127.0.0.1:9"},
        env={"STABILITY_API_KEY": "sk-none"},
    ),
    "3, another plugin's mistake": Case(3, "another plugin's mistake", conftest=BREAKS),
    "4, a misspelt objective": Case(
        4, "did you mean success_rate?", settings={"objective": "succes_rate >= 95%"}
    ),
    "4, a misspelt objective of the project": Case(
        4, "facemon.toml:2: works", file='[objectives]\nworks = "succes_rate >= 95%"\n'
    ),
    "4, a wrong value": Case(4, "greater than or equal to 1", settings={"samples": "0"}),
    "4, a scorer that is missing": Case(
        4, "set FACEMON_CLIP_MODEL to a folder", env={"FACEMON_EVALUATORS": "text_similarity"}
    ),
    "5, an empty selection": Case(5, "", more=("-k", "nothing_is_called_so")),
    "10, too few samples": Case(10, "more samples would decide", SAMPLE, {"samples": "4"}),
    "11, a spent budget": Case(
        11, "the credit budget ended the run", SAMPLE, {"samples": "4", "max-credits": "7"}
    ),
    "11, a scorer that fails": Case(11, "sharpness", conftest=NO_SCORER),
    "11, an objective without data": Case(
        11, "diversity_score >= 50: no data", settings={"objective": "diversity_score >= 50"}
    ),
    "11, nothing but skipped checks": Case(11, "no check came to a result", SKIPPED),
    "11, a key that is refused": Case(11, "the key was refused (401)", FACE, {"fault": "unauthorized"}),
}
COMMANDS = ("pytest", "facemon")
WORKERS = {"alone": (), "workers": ("-n", "2")}
SHORT = {("pytest", "alone"), ("facemon", "workers")}


def command(name: str, case: Case, workers: Sequence[str]) -> list[str]:
    """The command line of a case."""
    settings = {"target": "mock", **case.settings}
    if name == "pytest":
        start = [sys.executable, "-m", "pytest", "checks", "-p", "no:cacheprovider"]
        return [
            *start,
            *workers,
            *(f"--facemon-{key}={value}" for key, value in settings.items()),
            *case.more,
        ]
    return [
        str(SCRIPT),
        "check",
        *workers,
        *(f"--{key}={value}" for key, value in settings.items()),
        *case.more,
    ]


def prepared(folder: Path, case: Case) -> dict[str, str]:
    """The project of a case, and the environment of its run."""
    (folder / "checks").mkdir()
    (folder / "checks" / "check_it.py").write_text(case.source)
    (folder / "pytest.ini").write_text(INI)
    if case.conftest:
        (folder / "checks" / "conftest.py").write_text(case.conftest)
    if case.file:
        (folder / "facemon.toml").write_text(case.file)
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FACEMON_", "PYTEST_", "STABILITY_"))
    }
    return {**kept, "COLUMNS": "200", **case.env}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each case alone by one command and with workers by the other; with --long all four ways."""
    if "case" in metafunc.fixturenames:
        ways = [
            pytest.param(name, WORKERS[workers], id=f"{name}-{workers}")
            for name in COMMANDS
            for workers in WORKERS
            if metafunc.config.getoption("--long") or (name, workers) in SHORT
        ]
        metafunc.parametrize(("name", "workers"), ways)
        metafunc.parametrize("case", CASES.values(), ids=CASES)


def test_the_exit_code_is_that_of_the_table(
    tmp_path: Path, case: Case, name: str, workers: Sequence[str]
) -> None:
    """The code, the reason in the output, and in the section no other code than the one that is given."""
    ended = subprocess.run(
        command(name, case, workers),
        cwd=tmp_path,
        env=prepared(tmp_path, case),
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    output = ended.stdout + ended.stderr
    assert ended.returncode == case.code, output
    assert case.said in output
    said = {code for code in range(200) if f"(exit code {code})" in output}
    assert said <= {case.code}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_mistake_inside_the_workers_is_no_pass(tmp_path: Path, name: str) -> None:
    """xdist tells of another plugin's internal error in a worker, and goes on without: nothing was seen, so 11."""
    case = Case(11, "another plugin's mistake", conftest=BREAKS_IN_WORKERS)
    test_the_exit_code_is_that_of_the_table(tmp_path, case, name, WORKERS["workers"])


@pytest.mark.parametrize("workers", WORKERS.values(), ids=WORKERS)
@pytest.mark.parametrize("name", COMMANDS)
def test_an_interrupted_run_ends_with_2(tmp_path: Path, name: str, workers: Sequence[str]) -> None:
    """Ctrl-C, which a terminal sends to every process of the run: 2, and no pass."""
    case = Case(2, "", SLEEPS)
    # A shell lets what it runs in the background ignore Ctrl-C, and a child would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        command(name, case, workers),
        cwd=tmp_path,
        env=prepared(tmp_path, case),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            signal.signal(signal.SIGINT, before)
            end = time.monotonic() + 120
            while not (tmp_path / "started").exists() and running.poll() is None and time.monotonic() < end:
                time.sleep(0.05)
            os.killpg(running.pid, signal.SIGINT)
            output, _ = running.communicate(timeout=60)
        finally:
            running.kill()
    assert running.returncode == case.code, output
    assert "PASS" not in output
