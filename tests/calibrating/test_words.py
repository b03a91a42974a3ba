"""Errors of the operating system and of codecs, said in words."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from facemon.calibrating.words import in_words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), "does not exist"),
        (PermissionError(errno.EACCES, "Permission denied"), "may not be read or written"),
        (OSError(errno.ENOSPC, "No space left on device"), "no room left"),
        (OSError(errno.EBUSY, "Device or resource busy"), "Device or resource busy"),
        (OSError(), "it cannot be opened"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "it is not UTF-8 text"),
        (ValueError("embedded null byte"), "no file can have that name"),
        (RuntimeError("Could not determine home directory."), "a user who does not exist"),
    ],
)
def test_the_reason_is_a_sentence(error: Exception, words: str) -> None:
    """No number, no codec, no name of an exception; a rarer one in the operating system's words."""
    said = in_words(error)
    assert words in said
    assert not {"Errno", "codec", "embedded", "Error"} & {part.strip("[]'") for part in said.split()}


@pytest.mark.parametrize("make", [Path.read_bytes, Path.iterdir])
def test_real_errors_have_words(tmp_path: Path, make: object) -> None:
    """What the operating system raises is what the table knows."""
    with pytest.raises(OSError) as caught:
        [*make(tmp_path / "none")]  # type: ignore[operator]
    assert in_words(caught.value) == "it does not exist"
