"""Where a store is: a path, or a SQLAlchemy URL."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from facemon.errors import StoreError

MEMORY = ":memory:"
_ACCEPTED = "give a path, sqlite:///PATH or postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True, slots=True)
class Location:
    """label: as it may be shown (no password) · path: of a SQLite file · url: of a PostgreSQL database.

    Neither path nor url: a SQLite database in memory.
    """

    label: str
    path: Path | None = None
    url: URL | None = None


def locate(location: str | Path) -> Location:
    """Read a location. Raises StoreError for one that is no path and no URL of a kind we know."""
    text = str(location)
    if text == MEMORY:
        return Location(MEMORY)
    if not text.strip():
        raise StoreError(f"the store {text!r} has no name: {_ACCEPTED}")
    if "://" in text:
        return _from_url(text)
    path = Path(text).expanduser()
    return Location(str(path), path=path)


def _from_url(text: str) -> Location:
    kind, rest = text.split("://", 1)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The text is not repeated: it may hold a password.
        raise StoreError(f"the store's URL {kind}://… cannot be read: {_ACCEPTED}") from None
    backend = url.drivername.split("+")[0]
    if backend == "sqlite":
        return locate(url.database or MEMORY)
    if backend in ("postgresql", "postgres"):
        # What stands behind the first @ of a password is read as the host or the database, and would be shown.
        if rest.partition("?")[0].count("@") > 1 or "@" in f"{url.host}{url.database}":
            raise StoreError(
                f"the store's URL {kind}://… holds two @: one in a user or a password is written %40"
            )
        shown = url.set(query={}).render_as_string(hide_password=True)
        return Location(shown, url=url.set(drivername="postgresql+psycopg"))
    raise StoreError(f"the store {kind}://… is of a kind that facemon does not know: {_ACCEPTED}")


def prepare_file(path: Path, *, read_only: bool, must_exist: bool) -> None:
    """See that a SQLite file can be there. One missing folder is made (the default is `.facemon/facemon.db`), unless
    the file has to exist already; a longer missing way is rather a typing mistake.

    Raises StoreError for a folder in the file's place, a missing file, or a missing folder.
    """
    if path.is_dir():
        raise StoreError(f"the store {path} is a folder: name a file in it, such as {path / 'facemon.db'}")
    if path.exists():
        return
    if read_only or must_exist:
        raise StoreError(f"there is no store at {path}: run the checks first, or name another file")
    folder = path.parent
    if folder.is_dir():
        return
    if folder.exists():
        raise StoreError(f"the store {path} cannot be made: {folder} is not a folder")
    try:
        folder.mkdir(exist_ok=True)
    except FileNotFoundError:
        raise StoreError(f"the store {path} cannot be made: make the folder {folder} first") from None
    except OSError as error:
        raise StoreError(f"the store {path} cannot be made: {folder}: {error.strerror}") from None


def remove_empty(path: Path) -> None:
    """Take away the file that an opening made and could not write; one that holds something is somebody's."""
    with suppress(OSError):
        if path.stat().st_size == 0:
            path.unlink()
