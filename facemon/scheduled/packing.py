"""The files of a store as they travel: a consistent copy each, compressed."""

from __future__ import annotations

import gzip
import re
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from facemon.errors import StoreError
from facemon.store.retention import forget

HISTORY = "allure-history.jsonl"
_LIMIT = 95_000_000  # bytes; GitHub refuses files of more than 100 MB
_ENDING = ".gz"
_HEADER = b"SQLite format 3\0"  # https://www.sqlite.org/fileformat.html, section 1.3


def packed(store: Path, before: datetime | None = None) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file: the database, the error log beside it, the history of Allure's reports.

    before: older generations stay out of the copy; the store itself keeps them. Raises StoreError for one that cannot
    be read, or is too large for GitHub.
    """
    yield f"{store.name}{_ENDING}", _compressed(_database(store, before), store)
    log = f"{store.stem}.errors.jsonl"
    for path in sorted([*store.parent.glob(f"{log}*"), store.parent / HISTORY]):
        if path.is_file() and not path.name.endswith(".lock"):
            yield f"{path.name}{_ENDING}", _compressed(path.read_bytes(), path)


def unpack(content: Mapping[str, bytes], store: Path, origin: str) -> None:
    """Put the files beside the store's place, each whole or not at all. Raises StoreError for one that is broken,
    and where the store is not one of them: to start from nothing in its stead would tell everything anew.
    """
    if f"{store.name}{_ENDING}" not in content:
        held = ", ".join(name.removesuffix(_ENDING) for name in sorted(content) if name.endswith(_ENDING))
        raise StoreError(
            f"{origin} holds no {store.name} (but {held or 'nothing'}): name the store as it was, or another branch"
        )
    # All are looked at before any is put in its place.
    whole = {
        Path(name).name.removesuffix(_ENDING): _decompressed(data, name, origin)
        for name, data in content.items()
        if name.endswith(_ENDING) and _travels(name, store)
    }
    _check(whole[store.name], f"{store.name}{_ENDING}", origin)
    store.parent.mkdir(parents=True, exist_ok=True)
    for name, data in whole.items():
        _put(store.with_name(name), data)


def _travels(name: str, store: Path) -> bool:
    """Whether it is a name that `packed` gives."""
    log = re.escape(f"{store.stem}.errors.jsonl") + r"(\.\d+)?" + re.escape(_ENDING)
    return name in (f"{store.name}{_ENDING}", f"{HISTORY}{_ENDING}") or bool(re.fullmatch(log, name))


def _decompressed(data: bytes, name: str, origin: str) -> bytes:
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error) as error:  # cut off, no gzip or a wrong sum, garbage inside
        raise _broken(name, origin, f"is broken ({error})") from None


def _check(data: bytes, name: str, origin: str) -> None:
    """Raises StoreError where it is no database that SQLite finds whole."""
    if not data.startswith(_HEADER):
        raise _broken(name, origin, "is no SQLite database")
    with tempfile.TemporaryDirectory(prefix="facemon-state-") as folder:
        copy = Path(folder) / "copy.db"
        copy.write_bytes(data)
        try:
            with closing(
                sqlite3.connect(f"file:{quote(str(copy))}?mode=ro&immutable=1", uri=True)
            ) as connection:
                found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.Error as error:
            found = str(error)
    if found != "ok":
        raise _broken(name, origin, f"is a damaged database ({' '.join(found.split())})")


def _broken(name: str, origin: str, what: str) -> StoreError:
    return StoreError(
        f"{name} on the branch {origin} {what}: restore it, or delete the branch to start anew "
        f"(git push origin --delete {origin})"
    )


def _put(target: Path, data: bytes) -> None:
    part = target.with_name(f"{target.name}.part")
    part.write_bytes(data)
    # They belong to a database that goes: SQLite would read them into the new one.
    for ending in ("-wal", "-shm"):
        target.with_name(f"{target.name}{ending}").unlink(missing_ok=True)
    part.replace(target)


def _database(store: Path, before: datetime | None) -> bytes:
    """A SQLite file as it is now, with what waits in its write-ahead log, while others may write."""
    with tempfile.TemporaryDirectory(prefix="facemon-state-") as folder:
        copy = Path(folder) / "copy.db"
        address = f"file:{quote(str(store.absolute()))}?mode=rw"
        try:
            with closing(sqlite3.connect(address, uri=True)) as connection:
                connection.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.Error as error:
            raise StoreError(f"the store {store} cannot be copied: {error}") from None
        if before is not None:
            forget(copy, before)
        return copy.read_bytes()


def _compressed(content: bytes, path: Path) -> bytes:
    result = gzip.compress(content, 6, mtime=0)
    if len(result) > _LIMIT:
        raise StoreError(
            f"{path} is {len(result) / 1e6:.0f} MB compressed, and GitHub refuses files above 100 MB: "
            "keep the store in a database (FACEMON_STORE=postgresql://…)"
        )
    return result
