"""The workflows: clean by the linters, least in what they may do, and each step one command that runs anywhere."""

from __future__ import annotations

import inspect
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

from facemon.cli.app import app
from facemon.cli.scheduled.site import site
from facemon.scheduled.requirement import requirement
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
CONFIDENTIAL = re.compile(r"\bsecrets\.(\w+)|\bgithub\.(token)")
_CHANNELS = {
    "FACEMON_SMTP_USER",
    "FACEMON_SMTP_PASSWORD",
    "FACEMON_WEBHOOK_SECRET",
    "FACEMON_APPRISE_URLS",
    "token",
}
# Command → the secrets that it cannot do without.
NEEDED = {
    "state": {"FACEMON_STORE", "token"},
    "check": {"FACEMON_STORE", "STABILITY_API_KEY"},
    "alerts": {"FACEMON_STORE", *_CHANNELS},
    "summary": {"FACEMON_STORE"},
    "heartbeat": {"FACEMON_HEARTBEAT_URL"},
    "site": {"FACEMON_STORE"},
    "gate": {"STABILITY_API_KEY"},
}
TARGET = "${{ vars.FACEMON_TARGET || 'live' }}"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository into which `facemon init` wrote."""
    folder = tmp_path_factory.mktemp("repository")
    (folder / ".git").mkdir()
    place = requirement(f"facemon @ git+https://git.example.com/team/facemon@{'0123456789' * 4}")
    for item in items(folder, place):
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
        for step in runs(path):
            name, command, *_ = step["run"].split()
            held = {a or b for a, b in CONFIDENTIAL.findall(repr(step.get("env")))}
            assert held == (NEEDED[command] if name == "facemon" else set()), step


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
        "facemon heartbeat",
        "facemon site",
        "facemon state push",
    ]


def test_a_failing_service_and_a_missing_report_do_not_make_the_job_red(repository: Path) -> None:
    """The check's exit code keeps no step from running, and from the report on nothing counts; nothing else is passed
    over, so that breakage is red. The report is made where monitoring broke, too.
    """
    found = [step for job, step in steps(monitor(repository)) if "outputs" in job]
    report = next(number for number, step in enumerate(found) if step.get("run") == "facemon site")
    lenient = [number for number, step in enumerate(found) if step.get("continue-on-error")]
    check = next(n for n, step in enumerate(found) if step.get("run", "").startswith("facemon check"))
    assert lenient == [check, *range(report, len(found))]
    assert all("!cancelled()" in step["if"] for step in found[report:])
    for path in actions(repository):
        content = yaml.safe_load(Path(path).read_text())["runs"]["steps"]
        node = [step for step in content if "setup-node" in step.get("uses", "")]
        assert [step["continue-on-error"] for step in node] == [True]


def test_a_service_that_hangs_leaves_time_to_tell_of_it(repository: Path) -> None:
    """The check is ended before the job is: 10 minutes are left for what comes before and after it. Nothing that is
    about the report can use them up.
    """
    for job, step in steps(monitor(repository)):
        if "outputs" in job and step.get("continue-on-error"):
            assert step["timeout-minutes"] <= (20 if step.get("run", "").startswith("facemon check") else 3)
            assert step["timeout-minutes"] <= job["timeout-minutes"] - 10


def test_the_page_is_what_facemon_site_made_and_is_published_if_it_was_uploaded(repository: Path) -> None:
    """The folder is the command's own; a page that could not be made is not deployed."""
    content = yaml.safe_load(monitor(repository).read_text())["jobs"]
    (upload,) = (step for step in content["monitor"]["steps"] if "upload-pages" in step.get("uses", ""))
    assert upload["with"]["path"] == inspect.signature(site).parameters["out"].default
    assert content["monitor"]["outputs"] == {"page": f"${{{{ steps.{upload['id']}.outcome }}}}"}
    assert "needs.monitor.outputs.page == 'success'" in content["publish"]["if"]


def test_nothing_is_told_that_is_not_kept(repository: Path) -> None:
    """`alerts send` hangs on the push before it; the heartbeat on all that came before it, and not on the report."""
    found = runs(monitor(repository))
    send = next(step for step in found if step["run"] == "facemon alerts send")
    before = found[found.index(send) - 1]
    assert before["run"] == "facemon state push"
    assert f"steps.{before['id']}.outcome == 'success'" in send["if"]
    heartbeat = next(step for step in found if step["run"] == "facemon heartbeat")
    assert "if" not in heartbeat
    assert found.index(heartbeat) < found.index(next(s for s in found if s["run"] == "facemon site"))


def test_the_monitor_comes_off_the_full_hour_and_alone(repository: Path) -> None:
    """And by hand, and at a call from outside; runs wait for each other, and none is cancelled by a third. Its slots
    are UTC: facemon is told no time zone.
    """
    content = yaml.safe_load(monitor(repository).read_text())
    triggers = content[True]  # YAML 1.1 reads `on` as a truth value
    (schedule,) = triggers["schedule"]
    assert int(schedule["cron"].split()[0]) not in (0, 15, 30, 45)
    assert {"workflow_dispatch", "repository_dispatch"} <= set(triggers)
    assert set(schedule) == {"cron"}
    assert content["concurrency"]["cancel-in-progress"] is False
    assert content["concurrency"]["queue"] == "max"


def test_the_monitor_has_a_budget(repository: Path) -> None:
    """Live checks name a cap, and the sample fits it at 3 credits a face."""
    check = next(step for step in runs(monitor(repository)) if step["run"].startswith("facemon check"))
    assert check["env"]["FACEMON_TARGET"] == TARGET
    cap, samples = (
        int(re.search(r"'(\d+)'", check["env"][name])[1])  # type: ignore[index]
        for name in ("FACEMON_MAX_CREDITS", "FACEMON_SAMPLES")
    )
    assert samples * 3 <= cap


def test_the_incidents_are_those_of_the_target_that_is_checked(repository: Path) -> None:
    """What judges, sums up and paints the badge counts only the runs against its target: another one would never see
    an outage.
    """
    found = {step["run"].split()[1]: step for step in runs(monitor(repository)) if "send" not in step["run"]}
    for command in ("check", "alerts", "summary", "heartbeat", "site"):
        assert found[command]["env"]["FACEMON_TARGET"] == TARGET
        assert "--target" not in found[command]["run"]


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
    assert {f"${{{{ inputs.{name} }}}}" for name in inputs if name != "artifact"} == handed


def test_the_gate_can_be_called_twice_in_one_run(repository: Path) -> None:
    """An artifact's name is unique in a run: the caller gives it, and there is one where it does not."""
    (path,) = (repository / ".github/workflows").glob("*gate.yml")
    said = yaml.safe_load(path.read_text())[True]["workflow_call"]["inputs"]["artifact"]
    assert said["default"] == "gate"
    assert "same run" in said["description"]
    (upload,) = (step for _, step in steps(path) if "upload-artifact" in step.get("uses", ""))
    assert upload["with"]["name"] == "${{ inputs.artifact }}"


def test_what_init_writes_is_formatted(written: Path) -> None:
    """The example check passes the formatter and the linter that most repositories use."""
    lint("ruff", "format", "--check", "--isolated", "--line-length=120", str(written / "checks"))
    lint("ruff", "check", "--isolated", str(written / "checks"))
