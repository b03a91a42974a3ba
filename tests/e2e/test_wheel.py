"""The built wheel works in anybody's repository."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout and unpacked: a folder to put on the path."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked"


def run(wheel: Path, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command in a stranger's folder, with the wheel before everything else on the path."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FACEMON_")}
    environment["PYTHONPATH"] = str(wheel)
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


def test_the_wheel_holds_the_checks(wheel: Path) -> None:
    """Every check of the repository ships, and so do migrations, type marker, plugin, and the portraits' tables."""
    shipped = {path.name for path in (wheel / "facemon" / "shipped_checks").glob("check_*.py")}
    assert shipped == {path.name for path in (ROOT / "checks").glob("check_*.py")}
    assert (wheel / "facemon" / "py.typed").exists()
    assert list((wheel / "facemon" / "store" / "migrations" / "versions").glob("000*_*.py"))
    assert {"auditions.json", "fitted.npy"} <= {
        path.name for path in (wheel / "facemon" / "simulator" / "portraits").iterdir()
    }
    (points,) = wheel.glob("facemon-*.dist-info/entry_points.txt")
    assert "facemon = facemon.plugin" in points.read_text()


def test_facemon_check_works_in_a_strangers_folder(wheel: Path, tmp_path: Path) -> None:
    """With a pytest.ini that asks for a plugin nobody has, the shipped checks run all the same."""
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\naddopts = -p plugin_that_nobody_has\nfacemon_samples = 60\n"
        "facemon_response_time_limit = 60\n"  # a busy machine is slow to draw, and that is no finding
    )
    code = "import facemon, facemon.cli, sys; print(facemon.__file__); sys.argv[0] = 'facemon'; facemon.cli.main()"
    ended = run(wheel, tmp_path, "-c", code, "check", "--target", "mock")
    assert str(wheel) in ended.stdout
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verdict   PASS" in ended.stdout
    assert (tmp_path / ".facemon" / "facemon.db").exists()


def test_a_local_folder_of_checks_comes_first(wheel: Path, tmp_path: Path) -> None:
    """`facemon check` runs ./checks where there is one."""
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "check_mine.py").write_text(
        "async def check_mine(facemon):\n    await facemon.generate(age=50, gender='male')\n"
    )
    code = "import facemon.cli, sys; sys.argv[0] = 'facemon'; facemon.cli.main()"
    ended = run(wheel, tmp_path, "-c", code, "check", "--target", "mock")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout
