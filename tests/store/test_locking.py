"""One holder at a time, over processes; no holder for ever."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from facemon.store.locking import interprocess_lock

Spawn = Callable[..., subprocess.Popen[str]]


def test_one_at_a_time(tmp_path: Path) -> None:
    """While it is held nobody else gets it, not even in this process; afterwards it is free."""
    with interprocess_lock(tmp_path / "lock") as first:
        with interprocess_lock(tmp_path / "lock", patience=0) as second:
            assert (first, second) == (True, False)
        with interprocess_lock(tmp_path / "lock", patience=0) as third:
            assert not third
    with interprocess_lock(tmp_path / "lock", patience=0) as again:
        assert again


def test_dead_holder(tmp_path: Path, spawn: Spawn) -> None:
    """A process that dies with the lock lets go of it."""
    holder = spawn(
        "import sys\nfrom pathlib import Path\nfrom facemon.store.locking import interprocess_lock\n"
        "with interprocess_lock(Path(sys.argv[1])) as held:\n    print(held, flush=True)\n    sys.stdin.read()\n",
        tmp_path / "lock",
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    with interprocess_lock(tmp_path / "lock", patience=0) as held:
        assert not held
    holder.kill()
    holder.communicate()
    with interprocess_lock(tmp_path / "lock", patience=0) as held:
        assert held


def test_no_folder(tmp_path: Path) -> None:
    """A lock file that cannot be made is an OSError."""
    with pytest.raises(FileNotFoundError), interprocess_lock(tmp_path / "a" / "lock"):
        pass
