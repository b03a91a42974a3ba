"""What the plugin's other tests stand on: a pytest run inside a test, cut off from the surroundings it was started in.

Not a conftest: these are plain functions, and the tests below hold them to what the others rely on.
"""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

# Runs in this process forget the modules they were the first to import, and numpy cannot be imported twice.
import alembic.command
import allure
import httpx
import numpy as np
import PIL.JpegImagePlugin
import PIL.PngImagePlugin
import PIL.WebPImagePlugin
import platformdirs
import psutil
import pytest
import respx
import sqlalchemy.dialects.sqlite

import facemon.monitoring
import facemon.plugin.engine
import facemon.plugin.evidence
import facemon.plugin.facade
import facemon.plugin.gallery
import facemon.plugin.overlay
import facemon.plugin.section
import facemon.plugin.verdict
import facemon.simulator.mock
import facemon.simulator.portraits.encoding
import facemon.simulator.portraits.painter
import facemon.simulator.process
from facemon.model import MonitoringData
from facemon.store import RecordStore, Run

IMPORTED = (alembic, allure, httpx, np, PIL, respx, sqlalchemy, facemon)

# `pytester` moves the home folder; the portraits drawn once are for all runs.
CACHE = platformdirs.user_cache_dir()
MARK = "PLUGIN_TEST_MARK"

# Plugins that cost every new process half a second and do nothing here.
FEWER_PLUGINS = ("-p", "no:allure_pytest", "-p", "no:respx", "-p", "no:anyio", "-p", "no:platformdirs")

ONE_FACE = """
async def test_one(facemon):
    await facemon.generate(age=30, gender="male")
"""
SAMPLE = """
async def test_a_face(facemon, facemon_request):
    await facemon.generate(facemon_request)
"""
NOTHING_ASKED = """
def test_nothing(facemon):
    pass
"""
PLAIN = """
def test_plain():
    pass
"""

INI = """
[pytest]
addopts = --strict-markers --strict-config --import-mode=importlib -p no:cacheprovider -p no:hypothesispytest
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
filterwarnings = error
"""


def run(
    pytester: pytest.Pytester,
    source: str | None,
    *options: str,
    target: str | None = "mock",
    env: Mapping[str, str] | None = None,
    ini: str = "",
    apart: bool = False,
) -> pytest.RunResult:
    """Run pytest on `source` (None: on what is there already) with facemon's target, and nothing of ours around it.

    env: variables beside those kept · ini: more lines for the ini file · apart: in a process of its own; nothing
    that it started may be left then.
    """
    if source is not None:
        pytester.makepyfile(test_it=source)
    (pytester.path / "pytest.ini").write_text(INI + ini)
    arguments = [*(("--facemon-target", target) if target else ()), *options]
    mark = uuid.uuid4().hex
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("FACEMON_", "STABILITY_", "PYTEST_")):
                patch.delenv(name)
        for name, value in {"XDG_CACHE_HOME": CACHE, "COLUMNS": "160", MARK: mark, **(env or {})}.items():
            patch.setenv(name, value)
        if not apart:
            return pytester.runpytest_inprocess(*arguments, no_reraise_ctrlc=True)
        result = pytester.run(sys.executable, "-m", "pytest", *FEWER_PLUGINS, *arguments, timeout=100)
    assert not left_behind(mark), "the run left processes behind"
    return result


def left_behind(mark: str, patience: float = 10.0) -> list[psutil.Process]:
    """The processes of a run that outlive it by more than `patience` seconds."""
    end = time.monotonic() + patience
    while (left := marked(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def marked(mark: str) -> list[psutil.Process]:
    """The living processes, this one apart, that inherited the mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                found.append(process)
        except psutil.Error:  # gone, or a zombie, or not ours to look at
            continue
    return found


def section(result: pytest.RunResult) -> dict[str, str]:
    """The section at the end by the first word of its lines; lines of the same word, and unheaded ones, are joined."""
    lines = result.outlines
    titles = [number for number, line in enumerate(lines) if re.fullmatch(r"=+ facemon =+", line)]
    if not titles:
        return {}
    said: dict[str, str] = {}
    last = ""
    for line in lines[titles[-1] + 1 :]:
        if line.startswith("===") or re.search(r" in \d+\.\d+s", line):
            break
        if line.startswith("verdict       objective"):
            continue
        word, _, rest = line.partition(" ")
        if word:
            said[word] = f"{said[word]}\n{rest.strip()}" if word in said else rest.strip()
            last = word
        elif line.strip():
            said[last] += "\n" + line.strip()
    return said


def everything(result: pytest.RunResult) -> str:
    """What the run said on both streams."""
    return result.stdout.str() + result.stderr.str()


def records(folder: Path) -> list[MonitoringData]:
    """The records of the store that a run in this folder kept, oldest first."""

    async def read() -> list[MonitoringData]:
        async with await RecordStore.open(folder / ".facemon" / "facemon.db", must_exist=True) as store:
            return await store.records()

    return asyncio.run(read())


def runs(folder: Path) -> list[Run]:
    """The runs of that store, newest first."""

    async def read() -> list[Run]:
        async with await RecordStore.open(folder / ".facemon" / "facemon.db", must_exist=True) as store:
            return await store.runs()

    return asyncio.run(read())


def test_a_run_sees_no_setting_of_its_surroundings(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A developer's own FACEMON_ variables and key reach no run that a test makes."""
    monkeypatch.setenv("FACEMON_TARGET", "nonsense")
    monkeypatch.setenv("STABILITY_API_KEY", "sk-canary")
    source = "import os\ndef test_it():\n    assert not [n for n in os.environ if n.startswith(('FACEMON_', 'STAB'))]"
    result = run(pytester, source, target=None)
    assert result.ret == 0


def test_a_process_that_a_run_leaves_is_found(pytester: pytest.Pytester) -> None:
    """The walk over marked processes can see one."""
    mark = uuid.uuid4().hex
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(MARK, mark)
        sleeper = psutil.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        assert left_behind(mark, patience=0.1) == [sleeper]
    finally:
        sleeper.kill()
        sleeper.wait()
    assert not left_behind(mark, patience=1)
