"""Where a store may be, and one clear sentence for where it may not."""

from pathlib import Path

import pytest

from facemon.errors import StoreError
from facemon.store.location import locate, prepare_file


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("a/b.db", Path("a/b.db")),
        (Path("/x/y.db"), Path("/x/y.db")),
        ("sqlite:///a/b.db", Path("a/b.db")),
        ("sqlite:////x/y.db", Path("/x/y.db")),
        ("sqlite+aiosqlite:///b.db", Path("b.db")),
        ("~/b.db", Path.home() / "b.db"),
        (":memory:", None),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
    ],
)
def test_sqlite(location: str | Path, path: Path | None) -> None:
    """A path, a SQLite URL, or memory."""
    assert locate(location).path == path
    assert locate(location).url is None


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_postgres(scheme: str) -> None:
    """PostgreSQL under its usual names is spoken to with psycopg; the label shows no password."""
    found = locate(f"{scheme}://me:hunter2@db.example/x?password=hunter2")
    assert found.url is not None
    assert found.url.drivername == "postgresql+psycopg"
    assert "hunter2" not in found.label
    assert "db.example" in found.label


@pytest.mark.parametrize(
    "location", ["", "mysql://me:hunter2@h/x", "http://me:hunter2@h/x", "postgresql://me:hunter2@h:port/x"]
)
def test_refused(location: str) -> None:
    """Anything else is refused in one sentence that says what is accepted, and shows no password."""
    with pytest.raises(StoreError, match="give a path, sqlite:///PATH or postgresql://") as caught:
        locate(location)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "location",
    [
        "postgresql://me:canary@pw@db.example/x",
        "postgresql://me:pw@canary/x@db.example/x",
        "postgresql://me:can?ary@canary@db.example/x",
        "postgresql://me@canary:canary@db.example/x",
    ],
)
def test_an_at_in_a_password_is_refused(location: str) -> None:
    """What stands behind it would be taken for the host and shown in errors: how to write it is said, and no more."""
    with pytest.raises(StoreError, match="written %40") as caught:
        locate(location)
    assert not any(part in str(caught.value) for part in ("canary", "pw", "db.example"))


def test_an_encoded_at_is_read() -> None:
    """The way out that the refusal names works; what the query holds is nobody's host."""
    found = locate("postgresql://me:pw%40canary@db.example/x?application_name=a@b")
    assert found.url is not None
    assert (found.url.password, found.url.host) == ("pw@canary", "db.example")


def test_folder(tmp_path: Path) -> None:
    """A folder is no store; the message shows how to name a file in it."""
    with pytest.raises(StoreError, match=r"is a folder: name a file in it, such as .*facemon\.db"):
        prepare_file(tmp_path, read_only=False, must_exist=False)


def test_one_missing_folder_is_made(tmp_path: Path) -> None:
    """The last folder of a path is made, since the default is one folder down."""
    prepare_file(tmp_path / "new" / "x.db", read_only=False, must_exist=False)
    assert (tmp_path / "new").is_dir()


def test_missing_way(tmp_path: Path) -> None:
    """Two missing folders are rather a typing mistake: nothing is made, and the message names the folder."""
    with pytest.raises(StoreError, match=r"make the folder .*b first"):
        prepare_file(tmp_path / "a" / "b" / "x.db", read_only=False, must_exist=False)
    assert not list(tmp_path.iterdir())


def test_file_as_folder(tmp_path: Path) -> None:
    """A file in a folder's place is named."""
    (tmp_path / "f").touch()
    with pytest.raises(StoreError, match="f is not a folder"):
        prepare_file(tmp_path / "f" / "x.db", read_only=False, must_exist=False)


@pytest.mark.parametrize("why", ["read_only", "must_exist"])
def test_missing_file(tmp_path: Path, why: str) -> None:
    """Who only wants to read hears that there is nothing, and nothing is made."""
    flags = {"read_only": False, "must_exist": False, why: True}
    with pytest.raises(StoreError, match=r"there is no store at .*: run the checks first"):
        prepare_file(tmp_path / "new" / "x.db", **flags)
    assert not list(tmp_path.iterdir())
