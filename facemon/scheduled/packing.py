"""The files of a store as they travel: a consistent copy each, compressed."""

from __future__ import annotations

import gzip
import re
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from facemon.errors import StoreError
from facemon.store.retention import forget

HISTORY = "allure-history.jsonl"
ENDING = ".gz"
KEEP = timedelta(days=60)
LARGE = 50_000_000
"""Bytes of a file from which on GitHub warns (docs.github.com, "About large files on GitHub")."""
_LIMIT = 95_000_000  # bytes; GitHub refuses files of more than 100 MB (the same page)
_LEAST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Packed:
    """files: name and content · keep: how far back the store's generations go, less than was asked where more would
    not fit · left_behind: how many generations are older, and stay out · too_large: what beside the store stays out.
    """

    files: dict[str, bytes]
    keep: timedelta = KEEP
    left_behind: int = 0
    too_large: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the largest file."""
        return max(map(len, self.files.values()))


def packed(store: Path, now: datetime, keep: timedelta = KEEP) -> Packed:
    """The database with the generations of the last `keep`, the error log beside it, the history of Allure's reports.

    The store itself is not changed. A database that is too large for GitHub keeps half of the time, and half of that:
    alerts must go on. Raises StoreError for one that cannot be read, or of which not even a day fits.
    """
    database, kept, gone = _database(store, now, keep)
    others = {
        path.name: _compressed(path)
        for path in sorted(store.parent.iterdir())
        if path != store and path.is_file() and travels(f"{path.name}{ENDING}", store)
    }
    too_large = tuple(name for name, content in others.items() if len(content) > _LIMIT)
    files = {store.name: database} | {name: others[name] for name in others if name not in too_large}
    return Packed({f"{name}{ENDING}": content for name, content in files.items()}, kept, gone, too_large)


def history_alone(folder: Path) -> Packed | None:
    """The history of Allure's reports, for a store that is a database; None where there is none that fits."""
    path = folder / HISTORY
    content = _compressed(path) if path.is_file() else b""
    return Packed({f"{HISTORY}{ENDING}": content}) if 0 < len(content) <= _LIMIT else None


def travels(name: str, store: Path | None) -> bool:
    """Whether a name on the branch is one of a store's files; of a database's, that of the reports' history alone."""
    if store is None:
        return name == f"{HISTORY}{ENDING}"
    log = re.escape(f"{store.stem}.errors.jsonl") + r"(\.\d+)?" + re.escape(ENDING)
    return name in (f"{store.name}{ENDING}", f"{HISTORY}{ENDING}") or bool(re.fullmatch(log, name))


def _database(store: Path, now: datetime, keep: timedelta) -> tuple[bytes, timedelta, int]:
    """A SQLite file as it is now, with what waits in its write-ahead log, while others may write."""
    with tempfile.TemporaryDirectory(prefix="facemon-state-") as folder:
        copy = Path(folder) / "copy.db"
        address = f"file:{quote(str(store.absolute()))}?mode=rw"
        try:
            with closing(sqlite3.connect(address, uri=True)) as connection:
                connection.execute("VACUUM INTO ?", (str(copy),))
        except sqlite3.Error as error:
            raise StoreError(f"the store {store} cannot be copied: {error}") from None
        gone = forget(copy, now - keep)
        while len(content := _compressed(copy)) > _LIMIT:
            if keep <= _LEAST:
                raise StoreError(
                    f"the last day of {store} is {len(content) / 1e6:.0f} MB compressed, and GitHub refuses files "
                    "above 100 MB: keep the store in a database (FACEMON_STORE=postgresql://…)"
                )
            keep = max(keep / 2, _LEAST)
            gone += forget(copy, now - keep)
        return content, keep, gone


def _compressed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 6, mtime=0)
