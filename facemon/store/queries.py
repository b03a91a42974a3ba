"""The questions the store answers, and the statements that change it. Everything here runs inside a transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Table,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from facemon.errors import ErrorType, InvalidInput
from facemon.model import MonitoringData, Purpose, Score, State
from facemon.store.rows import (
    attempt_rows,
    record_from,
    record_row,
    rejudged_columns,
    run_from,
    run_row,
    score_rows,
)
from facemon.store.runs import Run
from facemon.store.schema import attempts, records, runs, scores

_CHUNK = 500  # records whose attempts and scores are fetched with one statement each
_INSERT_RECORD, _INSERT_ATTEMPT, _INSERT_SCORE = insert(records), insert(attempts), insert(scores)

_OF: BindParameter[str] = bindparam("of")
# One row for each score so far, one with empty score columns where there is none; the record's row is held.
_JUDGED = (
    select(records.c.errors, *(column for column in scores.c if column.name != "id"))
    .select_from(records.outerjoin(scores))
    .where(records.c.id == _OF)
    .order_by(scores.c.id)
    .with_for_update(of=records)
)
_REJUDGE = update(records).where(records.c.id == _OF)


def conditions(
    *,
    run_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    state: State | None = None,
    error_type: ErrorType | None = None,
    age: int | None = None,
    gender: str | None = None,
    purpose: Purpose | None = None,
) -> list[ColumnElement[bool]]:
    """What `RecordStore.records` may be narrowed by; since is included, until is not."""
    equal = {
        records.c.run_id: run_id,
        records.c.state: None if state is None else State(state).value,
        records.c.error_type: error_type,
        records.c.age: age,
        records.c.gender: gender,
        records.c.purpose: purpose,
    }
    found = [column == value for column, value in equal.items() if value is not None]
    if since is not None:
        found.append(records.c.timestamp >= since)
    if until is not None:
        found.append(records.c.timestamp < until)
    return found


def insert_records(connection: Connection, kept: Sequence[MonitoringData]) -> None:
    """Write new records, all rows of a table in one statement."""
    connection.execute(_INSERT_RECORD, [record_row(record) for record in kept])
    if of_attempts := [row for record in kept for row in attempt_rows(record)]:
        connection.execute(_INSERT_ATTEMPT, of_attempts)
    if of_scores := [row for record in kept for row in score_rows(record.id, record.quality.scores)]:
        connection.execute(_INSERT_SCORE, of_scores)


def append_scores(connection: Connection, record_id: str, new: tuple[Score, ...]) -> None:
    """Append scores to a record, and bring the columns that follow from them up to date."""
    known = connection.execute(_JUDGED, {"of": record_id}).mappings().all()
    if not known:
        raise InvalidInput("record id", record_id, "the id of a record in this store")
    rows = score_rows(record_id, new)
    if rows:
        connection.execute(_INSERT_SCORE, rows)
    before: list[Mapping[Any, Any]] = [row for row in known if row["evaluator"] is not None]
    connection.execute(_REJUDGE, {"of": record_id, **rejudged_columns(known[0]["errors"], [*before, *rows])})


def insert_run(connection: Connection, run: Run) -> None:
    """Write a new run; a run that is there already stays as it is, because each of its processes announces it."""
    announce = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(announce(runs).on_conflict_do_nothing(), run_row(run))


def close_run(
    connection: Connection, run_id: str, finished_at: datetime, summary: Mapping[str, object]
) -> None:
    """Write what a run said at its end."""
    change = update(runs).where(runs.c.id == run_id)
    if not connection.execute(change, {"finished_at": finished_at, "summary": dict(summary)}).rowcount:
        raise InvalidInput("run id", run_id, "the id of a run that was started in this store")


def find_records(
    connection: Connection,
    where: Iterable[ColumnElement[bool]],
    *,
    newest_first: bool = False,
    limit: int | None = None,
) -> list[MonitoringData]:
    """Records with their attempts and scores, by time: three statements for every 500."""
    order = (records.c.timestamp, records.c.id)
    query = select(records).where(*where).order_by(*(c.desc() for c in order) if newest_first else order)
    rows = connection.execute(query.limit(limit)).mappings().all()
    return [
        record
        for start in range(0, len(rows), _CHUNK)
        for record in _whole(connection, rows[start : start + _CHUNK])
    ]


def find_record(connection: Connection, name: str) -> MonitoringData:
    """The record of an id, or of the beginning of just one id. Raises InvalidInput for none and for several."""
    exact = find_records(connection, [records.c.id == name])
    # "~" sorts behind everything an id holds.
    found = exact or find_records(connection, [records.c.id >= name, records.c.id < name + "~"], limit=2)
    if not name or not found:
        raise InvalidInput("record id", name, "the id of a record in this store, or the beginning of one")
    if len(found) > 1:
        raise InvalidInput("record id", name, "more of its characters: several records begin with these")
    return found[0]


def count_records(connection: Connection, where: Iterable[ColumnElement[bool]]) -> int:
    """How many records there are."""
    return connection.execute(select(func.count()).select_from(records).where(*where)).scalar_one()


def find_runs(connection: Connection, limit: int | None = None) -> list[Run]:
    """The runs, newest first."""
    query = select(runs).order_by(runs.c.started_at.desc(), runs.c.id.desc()).limit(limit)
    return [run_from(row) for row in connection.execute(query).mappings()]


def _whole(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> list[MonitoringData]:
    ids = [row["id"] for row in rows]
    of_attempts = _children(connection, attempts, ids)
    of_scores = _children(connection, scores, ids)
    return [record_from(row, of_attempts[row["id"]], of_scores[row["id"]]) for row in rows]


def _children(
    connection: Connection, table: Table, record_ids: list[str]
) -> defaultdict[str, list[Mapping[Any, Any]]]:
    order = table.c.position if table is attempts else table.c.id
    query = select(table).where(table.c.record_id.in_(record_ids)).order_by(table.c.record_id, order)
    found = defaultdict[str, list[Mapping[Any, Any]]](list)
    for row in connection.execute(query).mappings():
        found[row["record_id"]].append(row)
    return found
