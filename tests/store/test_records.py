"""The contract of the store, in both databases."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from facemon.errors import InvalidInput, StoreError
from facemon.model import MonitoringData, RecordedError, RequestParams, Score, ScoreVerdict, State
from facemon.store import RecordNotSaved, RecordStore, Run, new_id

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
Make = Callable[..., MonitoringData]


@pytest.fixture
async def store(location: str) -> AsyncIterator[RecordStore]:
    async with await RecordStore.open(location) as store:
        yield store


def score(evaluator: str = "blur", verdict: ScoreVerdict = ScoreVerdict.PASSED, **more: Any) -> Score:
    return Score(evaluator, "1", verdict, **more)


async def test_add_and_get(store: RecordStore, make_record: Make) -> None:
    """What `add` returns is what `get` finds."""
    record = make_record(run_id="run", check="check_x", purpose="probe")
    stored = await store.add(record)
    assert stored == record
    assert await store.get(record.id) == stored


async def test_time_zones(store: RecordStore, make_record: Make) -> None:
    """A moment of any time zone comes back as the same moment in UTC; a naive one is refused, record and all."""
    east = START.astimezone(timezone(timedelta(hours=9)))
    stored = await store.add(make_record(timestamp=east))
    found = await store.get(stored.id)
    assert (found.timestamp, found.timestamp.tzinfo) == (START, UTC)
    naive = replace(make_record(), timestamp=datetime(2026, 3, 1))  # noqa: DTZ001  the point of the test
    with pytest.raises(RecordNotSaved, match="without a time zone") as caught:
        await store.add(naive)
    assert caught.value.unsaved == (naive,)


async def test_twice(store: RecordStore, make_record: Make) -> None:
    """An id is unique: a second record of the same id is an error that carries the record, the first stays."""
    record = await store.add(make_record())
    again = replace(record, check="again")
    with pytest.raises(RecordNotSaved, match=record.id) as caught:
        await store.add(again)
    assert caught.value.unsaved == (again,)
    assert await store.get(record.id) == record


async def test_prefix(store: RecordStore, make_record: Make) -> None:
    """The beginning of just one id finds its record; none and several are told apart."""
    first, second = await store.add(make_record()), await store.add(make_record())
    same = next(i for i in range(36) if first.id[i] != second.id[i])
    assert await store.get(first.id[: same + 1]) == first
    with pytest.raises(InvalidInput, match="several records begin with these"):
        await store.get(first.id[:same])
    for unknown in ("ffff", "", "%", "_", first.id + "0"):
        with pytest.raises(InvalidInput, match="the id of a record in this store"):
            await store.get(unknown)


async def test_scores_change_the_view(store: RecordStore, make_record: Make) -> None:
    """Late scores end the pending state, and what can be filtered follows them: state, error type, quality."""
    record = make_record()
    record = await store.add(replace(record, quality=replace(record.quality, pending=True)))
    assert await store.count(state=State.UP) == 1
    await store.add_scores(
        record.id,
        (score("size", score=50.0, weight=0.5), score("blur", ScoreVerdict.FAILED, score=2.0, weight=0.5)),
    )
    found = await store.get(record.id)
    assert (found.quality.pending, found.state, found.quality.quality_score) == (False, State.DEGRADED, 10.0)
    assert await store.records(state=State.DEGRADED) == [found]
    await store.add_scores(record.id, (score("blur", score=72.0, weight=0.5),))
    assert [found.quality.quality_score for found in await store.records(state=State.UP)] == [60.0]
    await store.add_scores(record.id, (score("decodes", ScoreVerdict.FAILED, error_type="invalid_image"),))
    assert await store.count(state=State.DOWN, error_type="invalid_image") == 1


async def test_late_score_does_not_hide_an_earlier_one(store: RecordStore, make_record: Make) -> None:
    """What can be filtered follows all scores of a record, not only the last that came."""
    record = await store.add(make_record())
    await store.add_scores(record.id, (score("blur", ScoreVerdict.FAILED, score=4.0),))
    await store.add_scores(record.id, (score("size", score=90.0),))
    assert await store.count(state=State.DEGRADED) == 1


async def test_no_scores(store: RecordStore, make_record: Make) -> None:
    """No scores at all is an answer too: the record is no longer pending."""
    record = make_record()
    await store.add(replace(record, quality=replace(record.quality, pending=True)))
    await store.add_scores(record.id, ())
    assert await store.get(record.id) == record


async def test_scores_of_nobody(store: RecordStore) -> None:
    """Scores of a record that is not here are refused, and name it."""
    with pytest.raises(InvalidInput, match="record id 'nobody'"):
        await store.add_scores("nobody", (score(),))


async def test_final_error_outranks_a_late_one(store: RecordStore, make_record: Make) -> None:
    """The error type to filter by is the one the generation ended with."""
    record = await store.add(make_record(failed=True))
    await store.add_scores(record.id, (score("decodes", ScoreVerdict.FAILED, error_type="invalid_image"),))
    assert await store.count(error_type="timeout", state=State.DOWN) == 1


async def test_filters(store: RecordStore, make_record: Make) -> None:
    """Each filter narrows alone, together they narrow together; `count` counts what `records` lists."""
    old, young, raw = RequestParams(70, "male"), RequestParams(20, "female"), RequestParams(prompt="x")
    kept = [
        await store.add(make_record(request_params=params, run_id=run, purpose=purpose, failed=failed))
        for params, run, purpose, failed in (
            (old, "a", "measure", False),
            (young, "a", "probe", True),
            (raw, "b", "measure", True),
            (young, None, "measure", False),
        )
    ]
    expected: list[tuple[dict[str, Any], list[int]]] = [
        ({}, [0, 1, 2, 3]),
        ({"run_id": "a"}, [0, 1]),
        ({"age": 20}, [1, 3]),
        ({"gender": "male"}, [0]),
        ({"purpose": "measure"}, [0, 2, 3]),
        ({"state": State.DOWN}, [1, 2]),
        ({"error_type": "timeout", "run_id": "b"}, [2]),
        ({"error_type": "moderated"}, []),
        ({"since": START + timedelta(minutes=1)}, [1, 2, 3]),
        ({"until": START + timedelta(minutes=1)}, [0]),
        ({"since": START + timedelta(minutes=1), "until": START + timedelta(minutes=3), "age": 20}, [1]),
        ({"run_id": None}, [0, 1, 2, 3]),
    ]
    for filters, indices in expected:
        found = await store.records(**filters)
        assert [record.id for record in found] == [kept[i].id for i in indices], filters
        assert await store.count(**filters) == len(indices)


async def test_order_and_limit(store: RecordStore, make_record: Make) -> None:
    """Records come by their time, oldest or newest first, however they came in; records of one moment by id."""
    times = [START + timedelta(seconds=s) for s in (5, 1, 3, 3)]
    kept = [await store.add(make_record(timestamp=time)) for time in times]
    expected = sorted(kept, key=lambda record: (record.timestamp, record.id))
    assert await store.records() == expected
    assert await store.records(newest_first=True) == expected[::-1]
    assert await store.records(newest_first=True, limit=2) == expected[:1:-1]
    assert await store.records(limit=0) == []
    with pytest.raises(InvalidInput, match="limit -1"):
        await store.records(limit=-1)


async def test_runs(store: RecordStore) -> None:
    """Runs are kept from their start, completed at their end, and listed newest first."""
    assert await store.latest_run() is None
    first = Run(new_id(START), START, "https://me:hunter2@api.example", "stability_v2beta", "core", workers=4)
    second = Run(new_id(START), START + timedelta(hours=1), "sim")
    await store.start_run(second)
    await store.start_run(first)
    assert await store.runs() == [second, first]
    assert await store.latest_run() == second
    end = START + timedelta(minutes=2)
    await store.finish_run(first.id, end, {"verdict": "pass", "p95": float("nan"), "words": ["é", None]})
    done = (await store.runs())[1]
    assert done == replace(
        first, finished_at=end, summary={"verdict": "pass", "p95": None, "words": ["é", None]}
    )


async def test_unknown_run(store: RecordStore) -> None:
    """A run that was not started here cannot be finished here."""
    with pytest.raises(InvalidInput, match="run id 'nobody'"):
        await store.finish_run("nobody", START, {})


async def test_failed_batch_member_fails_alone(store: RecordStore, make_record: Make) -> None:
    """Of many records that come at once only the bad ones fail, and each caller hears of its own."""
    taken = await store.add(make_record())
    batch = [make_record() for _ in range(8)]
    batch[3] = replace(batch[3], id=taken.id)
    batch[5] = replace(batch[5], errors=(RecordedError("timeout", "x", State.DOWN, object()),))  # type: ignore[arg-type]
    answers = await asyncio.gather(*map(store.add, batch), return_exceptions=True)
    for index, (record, answer) in enumerate(zip(batch, answers, strict=True)):
        if index in (3, 5):
            assert isinstance(answer, RecordNotSaved)
            assert answer.unsaved == (record,)
        else:
            assert answer == record
    assert await store.count() == 7


async def test_closed(store: RecordStore, make_record: Make) -> None:
    """A closed store says so, for each kind of call; the record is handed back. Closing twice is allowed."""
    await store.close()
    await store.close()
    record = make_record()
    with pytest.raises(RecordNotSaved, match="is closed") as caught:
        await store.add(record)
    assert caught.value.unsaved == (record,)
    with pytest.raises(StoreError, match="is closed"):
        await store.records()
    with pytest.raises(StoreError, match="is closed"):
        await store.add_scores("x", ())


async def test_read_only(location: str, make_record: Make) -> None:
    """A store opened for reading only shows everything and changes nothing."""
    async with await RecordStore.open(location) as store:
        record = await store.add(make_record())
    async with await RecordStore.open(location, read_only=True) as store:
        assert await store.get(record.id) == record
        with pytest.raises(RecordNotSaved, match="was opened for reading only"):
            await store.add(make_record())
        assert await store.count() == 1


async def test_memory(make_record: Make) -> None:
    """A store in memory takes readers and writers at once, and is gone with its last user."""
    async with await RecordStore.open(":memory:") as store:
        records = [make_record() for _ in range(20)]
        await asyncio.gather(*map(store.add, records), *(store.count() for _ in range(20)))
        assert await store.records() == records
        assert store.error_log is None
    async with await RecordStore.open(":memory:") as store:
        assert await store.count() == 0


def test_any_event_loop(sqlite: str, make_record: Make) -> None:
    """A store is not bound to the event loop it was opened in."""
    store = asyncio.run(RecordStore.open(sqlite))
    record = asyncio.run(store.add(make_record()))
    assert asyncio.run(store.get(record.id)) == record
    asyncio.run(store.close())


async def test_failed_attempts_are_logged(sqlite: str, make_record: Make) -> None:
    """A failed attempt stands in the error log before its record is there, and the record names the entry."""
    async with await RecordStore.open(sqlite) as store:
        good, bad = await store.add(make_record()), await store.add(make_record(failed=True))
        assert store.error_log is not None
        assert store.error_log.path == Path(sqlite).with_name("facemon.errors.jsonl")
        assert good.attempts[0].log_id is None
        log_id = bad.attempts[0].log_id
        assert log_id is not None
        entry = store.error_log.find(log_id)
        assert entry is not None
        assert (entry["recordId"], entry["errorType"]) == (bad.id, "timeout")
        assert await store.get(bad.id) == bad


async def test_strange_attempt(sqlite: str, make_record: Make) -> None:
    """A failed attempt that cannot even be logged gets an answer, and its record is handed back."""
    record = make_record(failed=True)
    naive = replace(record.attempts[0], started_at=datetime(2026, 3, 1))  # noqa: DTZ001  the point of the test
    record = replace(record, attempts=(naive,))
    async with await RecordStore.open(sqlite) as store:
        with (
            pytest.warns(RuntimeWarning, match="a moment with a time zone"),
            pytest.raises(RecordNotSaved) as caught,
        ):
            await asyncio.wait_for(store.add(record), 10)
    assert caught.value.unsaved == (record,)


@pytest.mark.filterwarnings("default")
async def test_broken_error_log_costs_no_record(sqlite: str, tmp_path: Path, make_record: Make) -> None:
    """Where the error log cannot be written, the records are, and one warning says so."""
    log = tmp_path / "missing" / "errors.jsonl"
    async with await RecordStore.open(sqlite, error_log=log) as store:
        with pytest.warns(RuntimeWarning, match="error log .* cannot be written: No such file") as warned:
            kept = [await store.add(make_record(failed=True)) for _ in range(3)]
        assert len(warned) == 1
        assert await store.records() == kept
        assert kept[0].attempts[0].log_id is None


async def test_broken_error_log_where_warnings_are_errors(
    sqlite: str, tmp_path: Path, make_record: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """With -W error the warning goes to the log: raised, it would cost the record."""
    async with await RecordStore.open(sqlite, error_log=tmp_path / "missing" / "x") as store:
        record = await store.add(make_record(failed=True))
        assert await store.get(record.id) == record
    assert "cannot be written" in caplog.text


@pytest.mark.postgres
async def test_secrets_stay_in(postgres: str) -> None:
    """A password in a URL is in no message and in no representation."""
    url = postgres.replace("postgres:@", "postgres:hunter2@")
    assert "hunter2" in url
    async with await RecordStore.open(url) as store:
        assert "hunter2" not in store.location + repr(store) + repr(vars(store))
        with pytest.raises(StoreError) as caught:
            await store.start_run(Run("r", datetime(2026, 3, 1), "sim"))  # noqa: DTZ001  to make it fail
    assert "hunter2" not in str(caught.value)
