"""A record becomes rows, and rows the same record."""

import string
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass, replace
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from facemon.model import Attempt, MonitoringData, RequestParams, ResourceUse, Score, ScoreVerdict
from facemon.store import queries
from facemon.store.engine import Database, dumps
from facemon.store.location import locate
from facemon.store.migrate import ensure_schema

VALUES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(-(2**31), 2**31 - 1),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(string.printable + "あé😀", max_size=20),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type; dataclasses with all their fields."""
    if kind in VALUES:
        return VALUES[kind]
    if is_dataclass(kind):
        return st.builds(kind, **{name: any_of(hint) for name, hint in get_type_hints(kind).items()})
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return st.one_of([any_of(part) for part in inner])
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(any_of(inner[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*map(any_of, inner))
    return st.from_type(kind)


VALUES[ResourceUse] = st.builds(ResourceUse, VALUES[float], *[st.integers(0, 2**50)] * 3)
VALUES[RequestParams] = st.builds(
    replace, any_of(RequestParams), seed=st.none() | st.integers(-(2**70), 2**70)
)
SCORES = st.lists(any_of(Score), max_size=3, unique_by=lambda score: score.evaluator).map(tuple)
RECORDS = st.builds(
    lambda record, scores: replace(record, quality=replace(record.quality, scores=scores)),
    any_of(MonitoringData),
    SCORES,
)


@pytest.fixture
def connection(location: str) -> Iterator[Connection]:
    database = Database(locate(location))
    ensure_schema(database)
    with database.writing() as connection:
        yield connection
        connection.rollback()
    database.close()


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(record=RECORDS)
def test_round_trip(connection: Connection, record: MonitoringData) -> None:
    """Every field of every record comes back as it was, from both databases."""
    with connection.begin_nested() as undone:
        queries.insert_records(connection, [record])
        assert queries.find_records(connection, []) == [record]
        undone.rollback()


@pytest.mark.parametrize("seed", [2**63 - 1, 2**63, -(2**70), 10**40])
def test_any_seed(connection: Connection, make_record: Callable[..., MonitoringData], seed: int) -> None:
    """A seed that no column holds, as a check of refusals sends it, is kept all the same."""
    record = make_record(request_params=RequestParams(seed=seed))
    queries.insert_records(connection, [record])
    assert queries.find_record(connection, record.id) == record


def test_hostile_text(connection: Connection, make_record: Callable[..., MonitoringData]) -> None:
    """NUL and lone surrogates, which a database cannot hold, cost a character and not the record."""
    good = make_record()
    attempt = replace(good.attempts[0], outcome="connection", error="a\0b\ud800c😀", request_id="\udcff")
    exchange = replace(attempt.exchange, response_body="\0\ud800") if attempt.exchange else None
    queries.insert_records(connection, [replace(good, attempts=(replace(attempt, exchange=exchange),))])
    kept = queries.find_record(connection, good.id).attempts[0]
    assert (kept.error, kept.request_id) == ("a\ufffdb\ufffdc😀", "\ufffd")
    assert kept.exchange == exchange


def test_numbers_without_json() -> None:
    """What JSON has no number for is null, at any depth: PostgreSQL refuses NaN in JSON."""
    assert dumps({"a": [float("nan"), {"b": (float("inf"), 1.5)}]}) == '{"a":[null,{"b":[null,1.5]}]}'


def test_latest_score_counts(connection: Connection, make_record: Callable[..., MonitoringData]) -> None:
    """Of one evaluator the last row counts, in the place of its first; others are untouched."""
    record = make_record()
    queries.insert_records(connection, [record])
    first = (Score("blur", "1", ScoreVerdict.FAILED, 10.0), Score("size", "1", ScoreVerdict.PASSED, 100.0))
    again = Score("blur", "2", ScoreVerdict.PASSED, 90.0)
    queries.append_scores(connection, record.id, first)
    queries.append_scores(connection, record.id, (again,))
    assert queries.find_record(connection, record.id).quality.scores == (again, first[1])


def test_attempts_keep_their_order(
    connection: Connection, make_record: Callable[..., MonitoringData]
) -> None:
    """Attempts come back in the record's order, whatever their numbers say."""
    good = make_record()
    attempts = tuple(replace(good.attempts[0], number=number) for number in (3, 1, 2))
    queries.insert_records(connection, [replace(good, attempts=attempts)])
    found: tuple[Attempt, ...] = queries.find_record(connection, good.id).attempts
    assert [attempt.number for attempt in found] == [3, 1, 2]
