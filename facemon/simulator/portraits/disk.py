"""Pictures on disk: written whole or not at all, and checked when they are read."""

from __future__ import annotations

import os
import tempfile
import warnings
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

import platformdirs

from facemon.simulator.portraits.keys import PictureKey
from facemon.simulator.portraits.painter import DRAWING_VERSION

_DIGEST_SIZE = 16
_WRITES_BETWEEN_LOOKS = 50


def default_cache_folder() -> Path:
    """Where pictures are kept when nobody names a folder."""
    return Path(platformdirs.user_cache_dir("facemon")) / "portraits"


class DiskShelf:
    """A folder of encoded pictures, or none: then it forgets everything.

    A digest follows the picture in its file: viewers ignore it, and a torn or altered file is told from a
    sound one. A folder that cannot be written is given up for good, with one RuntimeWarning. Beyond `limit` bytes
    the files written longest ago go: now and then, so that the folder may pass the limit by some fifty pictures.
    """

    def __init__(self, folder: Path | None, limit: int = 2**30) -> None:
        self._folder = folder
        self._limit = limit
        self._writable = folder is not None
        self._writes = 0

    def read(self, key: PictureKey) -> bytes | None:
        """The picture, or None when it is missing or its file is not what was written."""
        if self._folder is None:
            return None
        try:
            content = (self._folder / _file_name(key)).read_bytes()
        except OSError:
            return None
        body, digest = content[:-_DIGEST_SIZE], content[-_DIGEST_SIZE:]
        return body if _digest(body) == digest else None

    def write(self, key: PictureKey, body: bytes) -> None:
        """Keep the picture; other processes see the old file or the new one, never a part of it."""
        if self._folder is None or not self._writable:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _replace(self._folder / _file_name(key), body)
            self._writes += 1
            if self._writes % _WRITES_BETWEEN_LOOKS == 1:
                _prune(self._folder, self._limit)
        except OSError as error:
            self._writable = False
            reason = f"{type(error).__name__}: {error}"
            warnings.warn(f"portraits are kept in memory only ({reason})", RuntimeWarning, stacklevel=2)


def _prune(folder: Path, limit: int) -> None:
    """Delete the oldest pictures, whatever drawing they are of, until the rest fits."""
    files = []
    for path in folder.glob("v*-*"):
        with suppress(OSError):  # another process may be pruning too
            status = path.stat()
            files.append((status.st_mtime, status.st_size, path))
    excess = sum(size for _, size, _ in files) - limit
    for _, size, path in sorted(files):
        if excess <= 0:
            return
        path.unlink(missing_ok=True)
        excess -= size


def _replace(path: Path, body: bytes) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.write(_digest(body))
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=_DIGEST_SIZE).digest()


def _file_name(key: PictureKey) -> str:
    subject = f"{key.age}-{key.gender}-{key.seed}"
    return f"v{DRAWING_VERSION}-{subject}-{key.width}x{key.height}-{key.variant}.{key.format}"
