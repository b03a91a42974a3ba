"""The walk: every file once, and everything else named with the reason."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from facemon.calibrating import folder as folder_module
from facemon.calibrating.folder import walk
from facemon.errors import InvalidInput


def test_files_are_found_in_all_subfolders(tmp_path: Path) -> None:
    """By their path in the folder, sorted; folders that are gone through are no entries."""
    (tmp_path / "b" / "c").mkdir(parents=True)
    for name in ("b/c/2.png", "b/1.png", "a.txt"):
        (tmp_path / name).touch()
    assert [*walk(tmp_path)] == [("a.txt", None), ("b/1.png", None), ("b/c/2.png", None)]


def test_links_are_named_with_what_is_wrong(tmp_path: Path) -> None:
    """A link to a file is that file; one to nothing, to itself or to a folder is left out."""
    (tmp_path / "a.png").touch()
    (tmp_path / "sub").mkdir()
    for name, target in {
        "file": "a.png",
        "dead": "none.png",
        "loop": "loop",
        "sub/up": "..",
    }.items():
        (tmp_path / name).symlink_to(target)
    found = dict(walk(tmp_path))
    assert (found["a.png"], found["file"]) == (None, None)
    assert found["dead"] == "it is a link to a file that does not exist"
    assert found["loop"] == "it cannot be read: it is a link that leads back to itself"
    assert "it is a link to a folder" in str(found["sub/up"])
    assert len(found) == 5


def test_what_is_no_file_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe and a socket: opening the first would never end."""
    monkeypatch.chdir(tmp_path)  # the path of a socket may have 107 characters
    os.mkfifo("pipe.png")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.png")
        assert {why for _, why in walk(tmp_path)} == {"it is neither a file nor a folder"}


def test_a_subfolder_that_may_not_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, with the reason, and the rest is found; where it is the folder itself, that is refused."""
    (tmp_path / "a.png").touch()
    closed = tmp_path / "closed"
    closed.mkdir()
    open_folder = os.scandir

    @contextmanager
    def scandir(path: Path) -> Iterator[Iterator[os.DirEntry[str]]]:
        if Path(path) == closed:  # the user who runs the tests may list everything
            raise PermissionError(13, "Permission denied")
        with open_folder(path) as entries:
            yield entries

    monkeypatch.setattr(folder_module.os, "scandir", scandir)
    (_, (name, why)) = walk(tmp_path)
    assert name == "closed/"
    assert str(why).startswith("the subfolder cannot be listed: it may not be read")
    with pytest.raises(InvalidInput, match=r"give a folder that can be listed \(it may not be read"):
        next(walk(closed))
