"""A database at its place, of this version's schema, and writable where it shall be."""

from __future__ import annotations

from facemon.store.engine import Database
from facemon.store.location import Location, prepare_file, remove_empty
from facemon.store.migrate import check_writable, ensure_schema


def open_database(place: Location, *, read_only: bool, must_exist: bool) -> Database:
    """Open a place, making the database or bringing it forward where that is needed. Raises StoreError.

    read_only: nothing is made or changed · must_exist: a missing file is an error.
    """
    made = place.path if place.path is not None and not place.path.exists() else None
    if place.path is not None:
        prepare_file(place.path, read_only=read_only, must_exist=must_exist)
    database = Database(place, read_only=read_only)
    try:
        ensure_schema(database)
        if not read_only:
            check_writable(database)
    except BaseException:
        database.close()
        if made is not None:
            remove_empty(made)
        raise
    return database
