"""The files of a folder and its subfolders: none is passed over without a word."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from facemon.calibrating.words import in_words
from facemon.errors import InvalidInput


def walk(folder: Path) -> Iterator[tuple[str, str | None]]:
    """Each entry's path in the folder, and why it is left out, None for a file that can be opened; sorted.

    A subfolder that is left out (hidden, a link, not readable) is one entry, ending in `/`; the others are gone
    through and are none themselves. Raises InvalidInput where the folder itself cannot be listed.
    """
    if not folder.is_dir():
        accepted = "a folder, not a file" if folder.exists() else "a folder that exists"
        raise InvalidInput("folder of pictures", str(folder), accepted)
    try:
        found = sorted(_entries(folder, ""))
    except OSError as error:
        accepted = f"a folder that can be listed ({in_words(error)})"
        raise InvalidInput("folder of pictures", str(folder), accepted) from None
    yield from found


def _entries(folder: Path, way: str) -> Iterator[tuple[str, str | None]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{way}{entry.name}"
            if not entry.is_dir(follow_symlinks=False) or entry.name.startswith("."):
                yield (f"{name}/" if entry.is_dir(follow_symlinks=False) else name), _why_not(entry)
                continue
            try:
                yield from _entries(Path(entry.path), f"{name}/")
            except OSError as error:
                yield f"{name}/", f"the subfolder cannot be listed: {in_words(error)}"


def _why_not(entry: os.DirEntry[str]) -> str | None:
    """Why an entry that is no visible folder is left out."""
    if entry.name.startswith("."):
        return "it is hidden: its name begins with a full stop"
    try:
        mode = entry.stat().st_mode
    except FileNotFoundError:
        return "it is a link to a file that does not exist"
    except OSError as error:
        return f"it cannot be read: {in_words(error)}"
    if stat.S_ISDIR(mode):
        return "it is a link to a folder: these are not followed, as they may lead in a circle"
    # A pipe or a device would be waited for without an end.
    return None if stat.S_ISREG(mode) else "it is neither a file nor a folder"
