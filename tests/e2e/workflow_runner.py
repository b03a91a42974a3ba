"""Plays the `run` steps of a workflow as a GitHub runner does: in order, with bash, in a fresh clone of a repository.

Of the expressions it knows those that our workflows use: paths such as `vars.NAME`, texts, `||`, `&&`, `!`, `==`.
Steps with `uses` are passed over: the clone and the installed package stand for them. A step's time limit is kept as
GitHub's runner keeps it: SIGINT and SIGTERM go to the shell alone, and what it had started goes on to the job's end.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_PLACE = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_STATUS = {"cancelled()": False}
_PRIVATE = re.compile("FACEMON_|STABILITY_|GITHUB_|PYTEST_|GIT_")


@dataclass(frozen=True)
class Step:
    """A step that was played. outcome: success, failure, or skipped · output: what it wrote to both streams."""

    command: str
    outcome: str
    code: int | None = None
    output: str = ""


@dataclass
class Job:
    """folder: the clone · summary: the page of the job · red: a step failed that may not."""

    folder: Path
    steps: list[Step] = field(default_factory=list)
    summary: str = ""
    red: bool = False

    def step(self, beginning: str) -> Step:
        """The first whose command begins so."""
        return next(step for step in self.steps if step.command.startswith(beginning))

    @property
    def log(self) -> str:
        """All that the steps said."""
        return "".join(f"$ {step.command}\n[{step.outcome}]\n{step.output}\n" for step in self.steps)


@dataclass
class Github:
    """What surrounds the jobs of one repository. contexts: `secrets`, `vars`, `github`, `inputs` · environment: of the
    runner itself · without: commands that this machine cannot run · minute: how many seconds one of a time limit has.
    """

    origin: Path
    room: Path
    contexts: Mapping[str, Mapping[str, str]]
    environment: Mapping[str, str]
    without: Iterable[str] = ()
    minute: float = 60.0
    jobs: list[Job] = field(default_factory=list)

    def play(self, workflow: str, job: str, **inputs: str) -> Job:
        """Run a job in a fresh clone. inputs: of a workflow that is called; the others have their default."""
        number = len(self.jobs) + 1
        played = Job(self.room / f"clone-{number}")
        self.jobs.append(played)
        git("clone", "--quiet", f"file://{self.origin}", str(played.folder))
        content = yaml.safe_load((played.folder / ".github/workflows" / workflow).read_text())
        contexts: dict[str, Any] = {**self.contexts, "inputs": _inputs(content, inputs), "steps": {}}
        files = {name: self.room / f"{name.lower()}-{number}" for name in _FILES}
        for path in files.values():
            path.touch()
        around = {
            **{name: value for name, value in os.environ.items() if not _PRIVATE.match(name)},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_RUN_ID": str(100 + number),
            "GITHUB_WORKSPACE": str(played.folder),
            **{name: str(path) for name, path in files.items()},
            **self.environment,
        }
        started: list[subprocess.Popen[bytes]] = []
        try:
            for step in content["jobs"][job]["steps"]:
                if "run" in step and not step["run"].startswith(tuple(self.without)):
                    self._play(played, step, contexts, around, started)
        finally:
            for process in started:
                _kill(process)
        played.summary = files["GITHUB_STEP_SUMMARY"].read_text()
        return played

    def _play(
        self,
        job: Job,
        step: dict[str, Any],
        contexts: dict[str, Any],
        around: dict[str, str],
        started: list[subprocess.Popen[bytes]],
    ) -> None:
        command = step["run"].strip()
        if not _due(str(step.get("if", "")), contexts, job.red):
            played = Step(command, "skipped")
        else:
            own = {name: filled(str(value), contexts) for name, value in step.get("env", {}).items()}
            script, said = self.room / "step.sh", self.room / f"said-{len(self.jobs)}-{len(job.steps)}"
            script.write_text(filled(command, contexts) + "\n")
            with said.open("wb") as file:
                process = subprocess.Popen(
                    ["bash", "-e", str(script)],
                    cwd=job.folder,
                    env={**around, **own},
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            started.append(process)
            minutes = step.get("timeout-minutes")
            code = _ended(process, minutes * self.minute if minutes else 600)
            outcome = "failure" if code else "success"
            played = Step(command, outcome, code, said.read_text())
            job.red = job.red or (outcome == "failure" and not step.get("continue-on-error"))
        job.steps.append(played)
        if "id" in step:
            contexts["steps"][step["id"]] = {"outcome": played.outcome}


def _ended(process: subprocess.Popen[bytes], limit: float) -> int:
    """The exit code of the shell, never 0 after its limit in seconds. GitHub's waits 7.5 s and 2.5 s, we 1 s each."""
    with suppress(subprocess.TimeoutExpired):
        return process.wait(limit)
    for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        process.send_signal(sent)
        with suppress(subprocess.TimeoutExpired):
            return process.wait(1) or 1
    return process.wait() or 1


def _kill(process: subprocess.Popen[bytes]) -> None:
    """What a step had started, and left behind."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


_FILES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")


def _inputs(content: Mapping[Any, Any], given: Mapping[str, str]) -> dict[str, str]:
    call = (content[True] or {}).get("workflow_call") or {}  # YAML 1.1 reads `on` as a truth value
    known = call.get("inputs", {})
    assert set(given) <= set(known), f"no such input: {set(given) - set(known)}"
    return {name: given.get(name, str(said.get("default", ""))) for name, said in known.items()}


def _due(condition: str, contexts: Mapping[str, Any], red: bool) -> bool:
    """Without a status function, a step runs only after steps that succeeded."""
    plain = condition.strip().removeprefix("${{").removesuffix("}}").strip()
    asks_status = any(f"{name}()" in plain for name in ("always", "cancelled", "failure", "success"))
    if red and not asks_status:
        return False
    return not plain or all(_holds(part.strip(), contexts) for part in plain.split("&&"))


def _holds(part: str, contexts: Mapping[str, Any]) -> bool:
    if part.startswith("!"):
        return not _holds(part[1:].strip(), contexts)
    if part in _STATUS:
        return _STATUS[part]
    left, found, right = part.partition("==")
    value = _value(left.strip(), contexts)
    return value == _value(right.strip(), contexts) if found else bool(value)


def filled(text: str, contexts: Mapping[str, Any]) -> str:
    """A text with its expressions replaced; of `a || b` the first that is not empty."""

    def value(found: re.Match[str]) -> str:
        values = [_value(part.strip(), contexts) for part in found[1].split("||")]
        return next(filter(None, values), "")

    return _PLACE.sub(value, text)


def _value(operand: str, contexts: Mapping[str, Any]) -> str:
    if operand.startswith("'"):
        return operand.strip("'")
    assert re.fullmatch(r"[a-z]+(\.[A-Za-z_][\w-]*)+", operand), f"an expression nobody taught me: {operand}"
    value: Any = contexts
    for name in operand.split("."):
        value = value.get(name, {}) if isinstance(value, Mapping) else {}
    return value if isinstance(value, str) else ""


def git(*arguments: str, cwd: Path | None = None) -> str:
    """What git said. No configuration of this machine's user has a part in it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = ("-c", "user.name=ada", "-c", "user.email=ada@example.com", "-c", "init.defaultBranch=main")
    ended = subprocess.run(
        ["git", *who, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
