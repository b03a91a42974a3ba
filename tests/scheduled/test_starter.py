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
from facemon.scheduled import requirement
from facemon.scheduled.starter import ACTION

WRITTEN = {
    ".github/workflows/facemon-monitor.yml",
    ".github/workflows/facemon-gate.yml",
    ".github/actions/facemon/action.yml",
    "facemon.toml",
    "checks/check_availability.py",
    "checks/pytest.ini",
    ".gitignore",
}
PLACE = f"facemon @ git+https://git.example.com/team/facemon@{'0123456789' * 4}"
MUTE = '[objectives]\nfast = "response_time.p95 <= 3s"\n'


@pytest.fixture(autouse=True)
def empty_repository(alone: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository as the current folder, and a facemon that came from a package index."""
    (alone / ".git").mkdir()
    by_version = requirement.requirement(f"facemon=={facemon.__version__}")
    monkeypatch.setattr(requirement, "installed", lambda version: by_version)
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
    """What is missing is written beside it."""
    init()
    (alone / "facemon.toml").write_text("[alerts.channels.console]\n")
    (alone / "checks/check_availability.py").unlink()
    said = init()
    assert "differs   facemon.toml: left as it is (it is yours)" in said.stdout
    assert "written   checks/check_availability.py" in said.stdout
    assert (alone / "facemon.toml").read_text() == "[alerts.channels.console]\n"


def test_force_replaces_what_is_facemons_and_nothing_that_is_the_users(alone: Path) -> None:
    """After an upgrade: workflows and action anew. facemon.toml, checks and .gitignore are theirs from the first
    moment. The help says both.
    """
    init()
    before = files(alone)
    for path in WRITTEN:
        (alone / path).write_text("# theirs\n")
    assert init("--force").exit_code == 0
    after = files(alone)
    kept = {path for path in WRITTEN if after[path].startswith("# theirs\n")}
    assert kept == {"facemon.toml", "checks/check_availability.py", "checks/pytest.ini", ".gitignore"}
    assert {after[path] == before[path] for path in WRITTEN - kept} == {True}
    said = " ".join(init("--help").stdout.replace("│", " ").split())
    assert "facemon.toml, the checks and .gitignore are yours: they are never replaced" in said
    assert "After an upgrade of facemon: facemon init --force" in said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"build/\n", b"build/\n.facemon/\nallure-results/\n"),
        (b"build/\n*.pem", b"build/\n*.pem\n.facemon/\nallure-results/\n"),
        (b"build/\r\n.facemon/\r\n", b"build/\r\n.facemon/\r\nallure-results/\r\n"),
        (b"build/\r\n*.pem", b"build/\r\n*.pem\r\n.facemon/\r\nallure-results/\r\n"),
        (b"\xef\xbb\xbf.facemon/\n", b"\xef\xbb\xbf.facemon/\nallure-results/\n"),
        (b"\xef\xbb\xbf", b"\xef\xbb\xbf.facemon/\nallure-results/\n"),
        (b"", b".facemon/\nallure-results/\n"),
        (b"caf\xe9/\n", b"caf\xe9/\n.facemon/\nallure-results/\n"),
        (b"# .facemon/ allure-results/\n", b"# .facemon/ allure-results/\n.facemon/\nallure-results/\n"),
    ],
    ids=[
        "own",
        "no-last-newline",
        "crlf",
        "crlf-unended",
        "bom",
        "only-a-bom",
        "empty",
        "latin-1",
        "a-comment",
    ],
)
@pytest.mark.parametrize("option", [(), ("--force",)], ids=["plain", "force"])
def test_a_gitignore_gets_the_lines_that_it_lacks(
    alone: Path, option: tuple[str, ...], before: bytes, after: bytes
) -> None:
    """Added at its end, once, and every byte that is there stays: without them the store would be committed."""
    path = alone / ".gitignore"
    path.write_bytes(before)
    assert "added to  .gitignore" in init(*option).stdout
    assert path.read_bytes() == after
    assert init(*option).stdout == "everything is there already: nothing was changed\n"
    assert path.read_bytes() == after


def test_a_gitignore_of_somebodys_own_is_enough_when_it_names_what_we_make(alone: Path) -> None:
    """It is never asked to look like ours."""
    (alone / ".gitignore").write_text("build/\n.facemon/ \nsite/\nallure-results/")
    assert ".gitignore" not in init().stdout
    assert (alone / ".gitignore").read_text() == "build/\n.facemon/ \nsite/\nallure-results/"


@pytest.mark.parametrize(
    ("file", "text", "table"),
    [
        ("facemon.toml", MUTE, "alerts"),
        ("facemon.toml", MUTE + '[alerts]\nflap = "1h"\n', "alerts"),
        ("facemon.toml", "", "alerts"),
        ("facemon.toml", "[alerts.channels]\n", "alerts"),
        ("pyproject.toml", MUTE.replace("[", "[tool.facemon."), "tool.facemon.alerts"),
        ("pyproject.toml", "[tool.facemon]\n", "tool.facemon.alerts"),
    ],
    ids=["objectives", "flap", "empty", "empty-table", "pyproject", "pyproject-empty"],
)
def test_a_file_without_a_channel_is_said_last_with_the_lines_to_add(
    alone: Path, file: str, text: str, table: str
) -> None:
    """An outage would be a green job of which nobody hears. What is to be done begins with it, and it is said again
    until it is mended; the lines can be pasted as they are.
    """
    (alone / file).write_text(text)
    first, second = init(), init()
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"next:\n  1. add a channel to {file} " in first.stdout
    for said in (first, second):
        before, _, lines = said.stdout.partition(f"NOBODY WILL BE TOLD: {file} names no channel.")
        assert "nothing was changed" in before or "next:" in before
        lines = lines.partition("\n\n")[2]
        assert lines == f'[{table}.channels.github_issue]\nlabels = ["facemon"]\n'
    assert (alone / file).read_text() == text
    (alone / file).write_text(text + lines)
    assert alert_settings(alone, {}).names == ("github_issue",)
    assert "NOBODY" not in init().stdout


def test_a_file_with_a_channel_is_left_in_peace(alone: Path) -> None:
    """Any channel will do."""
    (alone / "facemon.toml").write_text(f"{MUTE}[alerts.channels.console]\n")
    assert "NOBODY" not in init().stdout


def test_a_file_above_the_repository_is_no_channel_of_it(alone: Path) -> None:
    """A runner does not have it: the repository gets its own."""
    (alone.parent / "facemon.toml").write_text(MUTE)
    said = init()
    assert "written   facemon.toml" in said.stdout
    assert "NOBODY" not in said.stdout


@pytest.mark.parametrize("link", [".github", "checks", ".gitignore", "facemon.toml"])
def test_a_link_out_of_the_repository_is_named_and_not_followed(alone: Path, link: str) -> None:
    """Nothing is written, there or here."""
    outside = alone.parent / "outside"
    outside.mkdir()
    (outside / "ignore").write_text("build/\n")
    target = {".gitignore": outside / "ignore", "facemon.toml": outside / "facemon.toml"}.get(link, outside)
    (alone / link).symlink_to(target)
    said = init()
    assert said.exit_code == 4
    assert link in said.stderr
    if link != "facemon.toml":  # a link to nothing is refused by whoever reads the project's own file
        assert f"{link} is a link out of the repository" in said.stderr
    assert files(outside) == {"ignore": "build/\n"}
    assert [path.name for path in alone.iterdir() if path.name not in (".git", link)] == []


def test_a_link_within_the_repository_is_followed(alone: Path) -> None:
    """It is a part of it."""
    (alone / "tests/faces").mkdir(parents=True)
    (alone / "checks").symlink_to("tests/faces")
    assert init().exit_code == 0
    assert (alone / "tests/faces/check_availability.py").exists()


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


def test_it_installs_the_version_that_wrote_it_and_says_from_where(alone: Path) -> None:
    """Not whatever comes: a schedule that changes by itself is nobody's. That an index is asked is said plainly, with
    the way out: somebody else may hold the name there.
    """
    said = init().stdout
    assert f'"facemon[github,apprise,postgres]=={facemon.__version__}"' in (alone / ACTION).read_text()
    assert "from the package index that pip knows on the runner" in said
    assert 'facemon init --force --install "facemon @ git+https://HOST/OWNER/facemon@COMMIT"' in said
    assert "2. see where the workflows get facemon" in said


def test_it_installs_what_it_is_told_to(alone: Path) -> None:
    """And keeps to it: neither a second look nor an upgrade goes back to an index."""
    said = init("--install", PLACE).stdout
    assert PLACE.partition(" ")[2] in (alone / ACTION).read_text()
    assert "package index" not in said
    assert init().stdout == "everything is there already: nothing was changed\n"
    assert init("--force").stdout == "everything is there already: nothing was changed\n"
    moved = PLACE.replace("0123", "abcd")
    assert f"differs   {ACTION}" in init("--install", moved).stdout
    assert f"replaced  {ACTION}" in init("--install", moved, "--force").stdout
    assert moved.partition(" ")[2] in (alone / ACTION).read_text()


def test_a_place_that_can_change_is_said(alone: Path) -> None:
    """A branch: whatever it is on the day runs in a job that holds the key."""
    assert "Name a commit" in init("--install", "facemon @ git+https://git.example.com/a/facemon@main").stdout


def test_a_requirement_that_is_none_is_one_clear_sentence(alone: Path) -> None:
    """And nothing is written; a credential is not repeated."""
    said = init("--install", "requests")
    assert (said.exit_code, files(alone)) == (4, {})
    assert said.stderr.startswith("error: requirement 'requests' is not accepted: give facemon==1.2.3")
    said = init("--install", "facemon @ git+https://hunter2@git.example.com/facemon")
    assert said.exit_code == 4
    assert "holds a credential" in said.stderr
    assert "hunter2" not in said.output


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.parametrize("application", [False, True])
def test_from_nothing_to_green_in_two_commands(alone: Path, application: bool) -> None:
    """`facemon init`, `facemon check`: a pass, which rests on evidence, without a key and without the network; also in
    an application whose own tests need what is not installed where the monitor runs.
    """
    if application:
        (alone / "conftest.py").write_text("import an_application_that_is_not_installed\n")
        (alone / "pyproject.toml").write_text(
            '[tool.pytest.ini_options]\naddopts = "--cov=app"\nrequired_plugins = ["pytest-django"]\n'
        )
    code = "import sys; sys.argv[0] = 'facemon'; import facemon.cli; facemon.cli.main()"
    for command in ("init", "check"):
        ended = subprocess.run(
            [sys.executable, "-c", code, command], cwd=alone, capture_output=True, text=True, timeout=300
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verdict   PASS" in ended.stdout
    assert "success_rate >= 95% over 7d" in ended.stdout
