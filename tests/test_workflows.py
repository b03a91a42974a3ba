"""The workflows: clean by the linters, least in what they may do, and each step one command that runs anywhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import facemon
from facemon.cli.app import app
from facemon.scheduled.starter import items, rendered, write

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
BIN = Path(sys.executable).parent
# What differs between our own workflows and those that `facemon init` writes.
OURS = {
    "@SETUP@": ".github/actions/setup",
    "@CHECKS@": " checks/check_availability.py checks/check_balance.py",
    "@GATE@": "gate.yml",
}
PINNED = re.compile(r"^\s*(?:- )?uses: (?:\$/|[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)", re.MULTILINE)
SECRET = re.compile(r"\$\{\{[^}]*\bsecrets\.")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository into which `facemon init` wrote."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / ".git").mkdir()
    for item in items(folder, facemon.__version__):
        write(folder, item)
    return folder


@pytest.fixture(params=["ours", "written"])
def repository(request: pytest.FixtureRequest, written: Path) -> Path:
    """Our own repository, and one that facemon init wrote into."""
    return ROOT if request.param == "ours" else written


def lint(*command: str) -> None:
    tool = shutil.which(command[0], path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    assert tool, f"{command[0]} is not installed: make test installs it"
    ended = subprocess.run([tool, *command[1:]], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def workflows(folder: Path) -> list[str]:
    return [str(path) for path in sorted((folder / ".github/workflows").glob("*.yml"))]


def actions(folder: Path) -> list[str]:
    return [str(path) for path in sorted((folder / ".github/actions").glob("*/action.yml"))]


def test_zizmor_finds_nothing(repository: Path) -> None:
    """No injection, no unpinned action, no credential left behind, no permission too many."""
    lint("zizmor", "--offline", "--no-config", str(repository / ".github"))


def test_actionlint_finds_nothing(repository: Path) -> None:
    """Syntax, expressions, contexts and types."""
    lint("actionlint", *workflows(repository))


def test_the_schema_holds(repository: Path) -> None:
    """The published schemas of workflows and of actions."""
    lint("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows(repository))
    lint("check-jsonschema", "--builtin-schema", "vendor.github-actions", *actions(repository))


def test_every_action_is_pinned_by_commit_with_its_tag(repository: Path) -> None:
    """A tag can be moved; a commit cannot. `$/` is this very repository at this very commit."""
    for path in (*workflows(repository), *actions(repository)):
        text = Path(path).read_text()
        assert len(re.findall(r"^\s*(?:- )?uses:", text, re.MULTILINE)) == len(PINNED.findall(text)), path


def test_one_action_has_one_pin() -> None:
    """Every workflow that uses an action uses the same commit of it."""
    pins: dict[str, set[str]] = {}
    for path in (*workflows(ROOT), *actions(ROOT)):
        for action, pin in re.findall(r"uses: ([\w.-]+/[\w.-]+)@(.*)", Path(path).read_text()):
            pins.setdefault(action, set()).add(pin)
    assert {action: len(found) for action, found in pins.items()} == dict.fromkeys(pins, 1)


def steps(path: str | Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """(job, step) of a workflow, in order."""
    for job in yaml.safe_load(Path(path).read_text())["jobs"].values():
        for step in job["steps"]:
            yield job, step


def runs(path: str | Path) -> list[dict[str, Any]]:
    """The steps of a workflow that run something, in order."""
    return [step for _, step in steps(path) if "run" in step]


def test_every_run_is_one_command_of_facemon_or_make(repository: Path) -> None:
    """It can be typed on anybody's machine; nothing is interpolated into it, least of all a secret."""
    for path in workflows(repository):
        for step in runs(path):
            command = step["run"].strip()
            assert "\n" not in command, command
            assert not re.search(r"[;|&]|\$\(|`|\$\{\{", command), command
            name, *rest = command.split()
            assert name in ("facemon", "make")
            if name == "facemon":
                known = {
                    found.name or found.callback.__name__
                    for found in app.registered_commands
                    if found.callback
                }
                assert rest[0] in known | {group.name for group in app.registered_groups}, command


def test_secrets_are_in_the_environment_of_the_one_step_that_needs_them(repository: Path) -> None:
    """Neither in a command nor in an input, nor in the environment of a whole job or workflow."""
    for path in workflows(repository):
        content = yaml.safe_load(Path(path).read_text())
        assert "env" not in content
        for job, step in steps(path):
            assert "env" not in job
            outside = {key: value for key, value in step.items() if key != "env"}
            assert not SECRET.search(repr(outside)), step


def test_permissions_are_the_least(repository: Path) -> None:
    """None by default; each job names its own, and only these may write."""
    may_write = {"monitor": {"contents", "issues"}, "publish": {"pages", "id-token"}}
    for path in workflows(repository):
        content = yaml.safe_load(Path(path).read_text())
        assert content["permissions"] == {}, path
        for name, job in content["jobs"].items():
            writes = {scope for scope, access in job["permissions"].items() if access == "write"}
            assert writes == may_write.get(name, set()), (path, name)


def monitor(folder: Path) -> Path:
    (found,) = (folder / ".github/workflows").glob("*monitor.yml")
    return found


def test_the_monitor_keeps_before_it_tells(repository: Path) -> None:
    """The commands of a scheduled run, in their order."""
    commands = [" ".join(step["run"].split()[:3]) for step in runs(monitor(repository))]
    check = next(command for command in commands if command.startswith("facemon check"))
    assert commands == [
        "facemon state fetch",
        check,
        "facemon alerts update",
        "facemon state push",
        "facemon alerts send",
        "facemon state push",
        "facemon summary",
        "facemon site",
        "facemon state push",
        "facemon heartbeat",
    ]


def test_a_failing_service_does_not_stop_the_monitor(repository: Path) -> None:
    """The check's exit code keeps no step from running; nothing else is passed over, so that breakage is red."""
    lenient = [step["run"].split()[1] for step in runs(monitor(repository)) if step.get("continue-on-error")]
    assert lenient == ["check"]


def test_nothing_is_told_that_is_not_kept(repository: Path) -> None:
    """`alerts send` hangs on the push before it; the heartbeat on all that came before it."""
    found = runs(monitor(repository))
    send = next(step for step in found if step["run"] == "facemon alerts send")
    before = found[found.index(send) - 1]
    assert before["run"] == "facemon state push"
    assert f"steps.{before['id']}.outcome == 'success'" in send["if"]
    assert "if" not in found[-1]


def test_the_monitor_comes_off_the_full_hour_and_alone(repository: Path) -> None:
    """And by hand, and at a call from outside; runs wait for each other."""
    content = yaml.safe_load(monitor(repository).read_text())
    triggers = content[True]  # YAML 1.1 reads `on` as a truth value
    (schedule,) = triggers["schedule"]
    assert int(schedule["cron"].split()[0]) not in (0, 15, 30, 45)
    assert {"workflow_dispatch", "repository_dispatch"} <= set(triggers)
    assert content["concurrency"]["cancel-in-progress"] is False


def test_the_monitor_has_a_budget(repository: Path) -> None:
    """Live checks name a cap, and the sample fits it at 3 credits a face."""
    check = next(step for step in runs(monitor(repository)) if step["run"].startswith("facemon check"))
    assert check["env"]["FACEMON_TARGET"] == "${{ vars.FACEMON_TARGET || 'live' }}"
    cap, samples = (
        int(re.search(r"'(\d+)'", check["env"][name])[1])  # type: ignore[index]
        for name in ("FACEMON_MAX_CREDITS", "FACEMON_SAMPLES")
    )
    assert samples * 3 <= cap


def test_the_incidents_are_those_of_the_target_that_is_checked(repository: Path) -> None:
    """`alerts update` counts only the runs against its target: another one would never see an outage."""
    found = runs(monitor(repository))
    check, update = (
        next(step for step in found if step["run"].startswith(command))
        for command in ("facemon check", "facemon alerts update")
    )
    assert update["env"]["FACEMON_TARGET"] == check["env"]["FACEMON_TARGET"]
    assert "--target" not in check["run"] + update["run"]


def test_ours_and_theirs_are_the_same_text() -> None:
    """One source: a mended workflow is mended for everybody."""
    for name in ("monitor.yml", "gate.yml"):
        assert (GITHUB / "workflows" / name).read_text() == rendered(name, OURS)
    action, ours = rendered("action.yml", {}), (GITHUB / "actions/setup/action.yml").read_text()
    assert ours.startswith(action.partition("@INSTALL@")[0])


def test_the_gate_hands_every_input_on(repository: Path) -> None:
    """By the environment, and as no option where it was not given."""
    (path,) = (repository / ".github/workflows").glob("*gate.yml")
    content = yaml.safe_load(path.read_text())
    inputs = content[True]["workflow_call"]["inputs"]
    (step,) = runs(path)
    handed = {
        value
        for name, value in step["env"].items()
        if f"${name}" in step["run"] or f"${{{name}" in step["run"]
    }
    assert {f"${{{{ inputs.{name} }}}}" for name in inputs} == handed


def test_what_init_writes_is_formatted(written: Path) -> None:
    """The example check passes the formatter and the linter that most repositories use."""
    lint("ruff", "format", "--check", "--isolated", "--line-length=120", str(written / "checks"))
    lint("ruff", "check", "--isolated", str(written / "checks"))
