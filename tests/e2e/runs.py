"""Runs of the checks in processes of their own, and what they left behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from facemon.model import MonitoringData
from facemon.store import RecordStore, Run

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Finished:
    """A run that ended. failing: file stem of a check → how many of its tests failed or could not see."""

    exit_code: int
    output: str
    failing: Counter[str]
    run: Run | None
    records: list[MonitoringData]

    @property
    def error_types(self) -> Counter[str]:
        """Of the measured generations."""
        return Counter(kind for r in self.records if r.purpose == "measure" for kind in r.error_types)


def run_checks(folder: Path, *options: str, key: str | None = None, checks: str = "checks") -> Finished:
    """Run `pytest checks` with a store and a JUnit file in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    store, junit = folder / "run.db", folder / "junit.xml"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FACEMON_")}
    environment.pop("STABILITY_API_KEY", None)
    if key:
        environment["STABILITY_API_KEY"] = key
    command = [
        sys.executable,
        "-m",
        "pytest",
        checks,
        "-q",
        "-p",
        "no:cacheprovider",
        "--color=no",
        "--tb=short",
    ]
    command += ["--junitxml", str(junit), "--facemon-store", str(store), *options]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        stdin=subprocess.DEVNULL,
    )
    run, records = asyncio.run(_kept(store)) if store.exists() else (None, [])
    return Finished(ended.returncode, ended.stdout + ended.stderr, _failing(junit), run, records)


def _failing(junit: Path) -> Counter[str]:
    if not junit.exists():
        return Counter()
    cases = ElementTree.parse(junit).getroot().iter("testcase")
    bad = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    return Counter(case.get("classname", "").rsplit(".", 1)[-1] for case in bad)


async def _kept(store: Path) -> tuple[Run | None, list[MonitoringData]]:
    async with await RecordStore.open(store) as opened:
        return await opened.latest_run(), await opened.records()
