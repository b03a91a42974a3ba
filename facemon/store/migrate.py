"""Bring a database to the schema of this version, or say why it cannot be used.

A database at the newest revision costs one SELECT: alembic (0.2 s and 10 MB) is imported only where there is work.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from facemon.errors import StoreError
from facemon.store.engine import Database
from facemon.store.schema import HEAD

MIGRATIONS = Path(__file__).with_name("migrations")
_OURS = "facemon_"  # every revision's name starts with it: a stranger's `alembic_version` is told apart
_ADVISORY_LOCK = 0x666163656D6F6E  # "facemon"


def ensure_schema(database: Database) -> None:
    """See that the tables are there and of this version. Raises StoreError for a database that is not ours, is newer,
    or is older and opened for reading only.
    """
    with database.reading() as connection:
        found = _revision(connection, database)
    if found == HEAD:
        return
    if database.read_only:
        raise StoreError(f"the store {database.location.label} {_unreadable(found)}")
    if database.is_sqlite:
        database.use_write_ahead_log()
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        # Asked again under the lock: another process may have done the work by now.
        if _revision(connection, database) != HEAD:
            upgrade(connection, "head")


def check_writable(database: Database) -> None:
    """Hear now, and not at the first record, that the database cannot be written. Raises StoreError."""
    with database.writing() as connection:
        # Only a statement that writes tells: SQLite begins a transaction on a read-only file without a word.
        connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
        connection.rollback()


def upgrade(connection: Connection, revision: str) -> None:
    """Run the migrations up to a revision, within the connection's own transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, revision)


def _revision(connection: Connection, database: Database) -> str | None:
    """The database's revision: None for an empty one. Raises StoreError unless we may upgrade it or use it."""
    label = database.location.label
    found = _version(connection)
    if found is None:
        tables = inspect(connection).get_table_names()
        if set(tables) - {"alembic_version"}:
            raise StoreError(
                f"the store {label} holds tables of another application ({sorted(tables)[0]}, …): name another"
            )
    elif not found.startswith(_OURS):
        raise StoreError(f"the store {label} belongs to another application: name another")
    elif found > HEAD:
        raise StoreError(
            f"the store {label} was written by a newer facemon (schema {found}, this one knows {HEAD}): "
            "upgrade facemon, or name another"
        )
    return found


def _version(connection: Connection) -> str | None:
    try:
        with connection.begin_nested():
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError as error:
        missing = "no such table" in str(error.orig) or getattr(error.orig, "sqlstate", None) == "42P01"
        if not missing:
            raise
        return None


def _unreadable(found: str | None) -> str:
    if found is None:
        return "is empty: run the checks first, or name another"
    return f"is of an older facemon (schema {found}): open it once for writing, such as by running the checks"
