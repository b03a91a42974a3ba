"""The files of a store as they arrive: all of them looked at before any is put in its place."""

from __future__ import annotations

import gzip
import sqlite3
import tempfile
import zlib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from facemon.errors import StoreError
from facemon.scheduled.packing import ENDING, travels

_HEADER = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html, section 1.3


def unpack(content: Mapping[str, bytes], store: Path, branch: str) -> None:
    """Put the files beside the store's place, each whole or not at all. Raises StoreError for one that is broken,
    and where the store is not one of them: to start from nothing in its stead would tell everything anew.
    """
    if f"{store.name}{ENDING}" not in content:
        held = ", ".join(name.removesuffix(ENDING) for name in sorted(content) if name.endswith(ENDING))
        raise StoreError(
            f"{branch} holds no {store.name} (but {held or 'nothing'}): name the store as it was, or another branch"
        )
    whole = _decompressed(content, store, branch)
    _check(whole[store.name], f"{store.name}{ENDING}", branch)
    _put(whole, store.parent)


def unpack_history(content: Mapping[str, bytes], folder: Path, branch: str) -> None:
    """Put the history of Allure's reports there, where it is one of the files. Raises StoreError for a broken one."""
    _put(_decompressed(content, None, branch), folder)


def _decompressed(content: Mapping[str, bytes], store: Path | None, branch: str) -> dict[str, bytes]:
    return {
        name.removesuffix(ENDING): _whole(data, name, branch)
        for name, data in content.items()
        if travels(name, store)
    }


def _whole(data: bytes, name: str, branch: str) -> bytes:
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as error:  # cut off, no gzip or a wrong sum, garbage inside
        raise _broken(name, branch, f"is broken ({error})") from None


def _check(data: bytes, name: str, branch: str) -> None:
    """Raises StoreError where it is no database that SQLite finds whole."""
    if not data.startswith(_HEADER):
        raise _broken(name, branch, "is no SQLite database")
    with tempfile.TemporaryDirectory(prefix="facemon-state-") as folder:
        copy = Path(folder) / "copy.db"
        copy.write_bytes(data)
        address = f"file:{quote(str(copy))}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(address, uri=True)) as connection:
                found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.Error as error:
            found = str(error)
    if found != "ok":
        raise _broken(name, branch, f"is a damaged database ({' '.join(found.split())})")


def _broken(name: str, branch: str, what: str) -> StoreError:
    return StoreError(
        f"{name} on the branch {branch} {what}: restore it, or delete the branch to start anew "
        f"(git push origin --delete {branch})"
    )


def _put(whole: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in whole.items():
        part = folder / f"{name}.part"
        part.write_bytes(data)
        # They belong to a database that goes: SQLite would read them into the new one.
        for ending in ("-wal", "-shm"):
            (folder / f"{name}{ending}").unlink(missing_ok=True)
        part.replace(folder / name)
