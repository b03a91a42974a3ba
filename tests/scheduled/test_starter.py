"""`facemon init`: everything that scheduled monitoring needs, nothing of somebody's overwritten."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import facemon
from facemon.alerting.config import alert_settings
from facemon.cli.app import app
from facemon.promises import promises

WRITTEN = {
    ".github/workflows/facemon-monitor.yml",
    ".github/workflows/facemon-gate.yml",
    ".github/actions/facemon/action.yml",
    "facemon.toml",
    "checks/check_availability.py",
    ".gitignore",
}


@pytest.fixture(autouse=True)
def empty_repository(alone: Path) -> Path:
    """An empty repository as the current folder."""
    (alone / ".git").mkdir()
    return alone


def init(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["init", *arguments])


def files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text() for path in found}


def test_an_empty_repository_gets_every_file_and_is_told_what_is_next(alone: Path) -> None:
    """Each file is named; the secret, the permissions, the branch and Pages are spoken of."""
    said = init()
    assert said.exit_code == 0, said.output
    assert set(files(alone)) == WRITTEN
    for path in WRITTEN:
        assert f"written   {path}" in said.stdout
    for word in ("STABILITY_API_KEY", "Permissions", "facemon-state", "Pages", "FACEMON_HEARTBEAT_URL"):
        assert word in said.stdout


def test_the_second_time_nothing_changes(alone: Path) -> None:
    """And it says so."""
    init()
    before = {path: path.stat().st_mtime_ns for path in alone.rglob("*")}
    said = init()
    assert said.exit_code == 0
    assert said.stdout == "everything is there already: nothing was changed\n"
    assert {path: path.stat().st_mtime_ns for path in alone.rglob("*")} == before


def test_what_somebody_changed_is_named_and_left_alone(alone: Path) -> None:
    """Only --force replaces it; what is missing is written beside it."""
    init()
    (alone / "facemon.toml").write_text("[objectives]\n")
    (alone / "checks/check_availability.py").unlink()
    said = init()
    assert "differs   facemon.toml" in said.stdout
    assert "written   checks/check_availability.py" in said.stdout
    assert (alone / "facemon.toml").read_text() == "[objectives]\n"
    assert "replaced  facemon.toml" in init("--force").stdout
    assert "available" in (alone / "facemon.toml").read_text()


def test_a_gitignore_of_somebodys_own_is_enough_when_it_names_what_we_make(alone: Path) -> None:
    """It is never asked to look like ours."""
    (alone / ".gitignore").write_text("build/\n.facemon/\nsite/\nallure-results/\n")
    assert ".gitignore" not in init().stdout
    (alone / ".gitignore").write_text("build/\n")
    assert "differs   .gitignore" in init().stdout


def test_a_pyproject_that_speaks_of_facemon_is_not_silenced(alone: Path) -> None:
    """A facemon.toml beside it would outrank its objectives."""
    (alone / "pyproject.toml").write_text('[tool.facemon.objectives]\nfast = "response_time.p95 <= 2s"\n')
    said = init()
    assert "left out  facemon.toml" in said.stdout
    assert not (alone / "facemon.toml").exists()


def test_below_the_top_of_a_repository_it_refuses(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub would not read workflows there."""
    below = alone / "sub"
    below.mkdir()
    monkeypatch.chdir(below)
    said = init()
    assert said.exit_code == 4
    assert "not the top of its repository" in said.stderr
    assert files(below) == {}


def test_the_file_it_writes_is_understood(alone: Path) -> None:
    """Its objectives and its channel, and, with the comments taken off, those that it proposes."""
    init()
    assert [promise.name for promise in promises(alone)] == ["available", "at-first", "fast", "sound"]
    assert alert_settings(alone, {}).names == ("github_issue",)
    text = (alone / "facemon.toml").read_text()
    proposals = [
        line.removeprefix("# ") if " = " in line or line.startswith("# [") else line
        for line in text.splitlines()
    ]
    (alone / "facemon.toml").write_text("\n".join(proposals))
    tomllib.loads("\n".join(proposals))
    assert len(promises(alone)) == 5
    settings = alert_settings(alone, {})
    assert (settings.names, len(settings.maintenance)) == (("github_issue", "email"), 1)


def test_it_installs_the_version_that_wrote_it(alone: Path) -> None:
    """Not whatever comes: a schedule that changes by itself is nobody's."""
    init()
    action = (alone / ".github/actions/facemon/action.yml").read_text()
    assert f"facemon[github,apprise,postgres]=={facemon.__version__}" in action


@pytest.mark.slow
@pytest.mark.e2e
def test_from_nothing_to_green_in_two_commands(alone: Path) -> None:
    """`facemon init`, `facemon check`: a pass, which rests on evidence, without a key and without the network."""
    code = "import sys; sys.argv[0] = 'facemon'; import facemon.cli; facemon.cli.main()"
    for command in ("init", "check"):
        ended = subprocess.run(
            [sys.executable, "-c", code, command], cwd=alone, capture_output=True, text=True, timeout=300
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verdict   PASS" in ended.stdout
    assert "success_rate >= 95% over 7d" in ended.stdout
