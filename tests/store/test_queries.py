"""Questions cost a fixed number of statements, and use the indices."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, event

from facemon.model import MonitoringData, State
from facemon.store import queries
from facemon.store.engine import Database
from facemon.store.location import locate
from facemon.store.migrate import ensure_schema


@pytest.fixture
def connection(sqlite: str) -> Iterator[Connection]:
    database = Database(locate(sqlite))
    ensure_schema(database)
    with database.writing() as connection:
        yield connection
    database.close()


def test_no_statement_for_each_record(
    connection: Connection, make_record: Callable[..., MonitoringData]
) -> None:
    """1100 records with their attempts and scores take seven statements: one, and two for each 500."""
    queries.insert_records(connection, [make_record() for _ in range(1100)])
    statements: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    found = queries.find_records(connection, [])
    assert len(found) == 1100
    assert all(len(record.attempts) == 1 for record in found)
    assert len(statements) == 7


@pytest.mark.parametrize(
    "filters",
    [{}, {"run_id": "r"}, {"state": State.DOWN}, {"error_type": "timeout"}],
    ids=lambda filters: next(iter(filters), "none"),
)
def test_indices(connection: Connection, filters: dict[str, str]) -> None:
    """The common questions are answered from an index, already in the order of time."""
    plans: list[str] = []

    def explain(cursor: object, statement: str, parameters: object) -> None:
        rows = (
            connection.connection.cursor().execute("EXPLAIN QUERY PLAN " + statement, parameters).fetchall()
        )
        plans.append(" / ".join(row[3] for row in rows))

    event.listen(connection, "before_cursor_execute", lambda *arguments: explain(*arguments[1:4]))
    queries.find_records(connection, queries.conditions(**filters), newest_first=True)  # type: ignore[arg-type]
    assert "INDEX ix_records_" in plans[0]
    assert "TEMP B-TREE" not in plans[0]


def test_one_statement_for_many(connection: Connection, make_record: Callable[..., MonitoringData]) -> None:
    """Many new records go in with one statement a table."""
    statements: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    queries.insert_records(connection, [make_record() for _ in range(50)])
    assert len(statements) == 2
