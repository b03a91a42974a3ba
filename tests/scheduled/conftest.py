"""Commands in an empty folder, and a remote repository beside it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

MOMENT = datetime(2026, 3, 2, 12, 20, 30, tzinfo=UTC)

Git = Callable[..., str]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No variable of facemon's or of GitHub's, git without its user's settings, and an empty current folder."""
    for name in [*os.environ]:
        if name.startswith(("FACEMON_", "GITHUB_", "GIT_")) or name in (
            "STABILITY_API_KEY",
            "PYTEST_ADDOPTS",
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def git() -> Git:
    """`git("log", "-1", cwd=folder)` returns what git said."""

    def run(*arguments: str, cwd: Path | None = None) -> str:
        line = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *arguments]
        return subprocess.run(line, cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()

    return run


@pytest.fixture
def origin(tmp_path: Path, git: Git) -> Path:
    """A bare repository with one commit on main."""
    path = tmp_path / "origin.git"
    git("init", "--quiet", "--bare", "--initial-branch=main", str(path))
    first = tmp_path / "work"
    git("clone", "--quiet", str(path), str(first))
    (first / "README").write_text("a project\n")
    git("add", "README", cwd=first)
    git("commit", "--quiet", "-m", "one", cwd=first)
    git("push", "--quiet", "origin", "HEAD:main", cwd=first)
    return path


@pytest.fixture
def clone(origin: Path, tmp_path: Path, git: Git) -> Callable[[str], Path]:
    """`clone("a")`: a fresh runner's checkout."""

    def make(name: str) -> Path:
        path = tmp_path / name
        git("clone", "--quiet", "--branch", "main", str(origin), str(path))
        return path

    return make
