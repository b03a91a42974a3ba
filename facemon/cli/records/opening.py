"""The store opened for reading, and the filters that several commands have."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from facemon.cli.trouble import CommandError
from facemon.cli.values import moment, number_or_text, one_of
from facemon.clock import SystemClock
from facemon.errors import ErrorType, InvalidInput
from facemon.model import AGES, GENDERS, State

if TYPE_CHECKING:
    from facemon.store import RecordStore
    from facemon.store.records import Filters

Run = Annotated[
    str | None, typer.Option(metavar="ID|last", help="Of one run: its id or the beginning of it, or last.")
]
OfState = Annotated[
    str | None, typer.Option("--state", metavar="STATE", help="up, degraded, down or unknown.")
]
OfError = Annotated[
    str | None,
    typer.Option(
        "--error-type", metavar="TYPE", help="How it ended, such as timeout, server_error or rate_limited."
    ),
]
OfAge = Annotated[str | None, typer.Option("--age", metavar="20|30|40|50|60|70", help="The age asked for.")]
OfGender = Annotated[
    str | None, typer.Option("--gender", metavar="male|female", help="The gender asked for.")
]
Since = Annotated[
    str | None,
    typer.Option(
        metavar="SPAN|DATE", help="Not older than 90s, 30m, 24h, 7d, or since 2026-03-01T08:30 (UTC)."
    ),
]
All = Annotated[
    bool, typer.Option("--all", help="Also deliberate refusals and drills, which count in no figure.")
]


@asynccontextmanager
async def opened(location: str | None) -> AsyncIterator[RecordStore]:
    """The store of an option, else of the settings. Raises CommandError when there is none, StoreError."""
    from facemon.cli.reach import settings_of
    from facemon.store import RecordStore

    where = _existing(settings_of(store=location).store)
    async with await RecordStore.open(where, read_only=True) as store:
        yield store


def _existing(where: str) -> str:
    path = Path(where).expanduser()
    if "://" not in where and not path.exists():
        raise CommandError(
            f"there is no store at {str(path.absolute())!r}",
            "facemon check and facemon generate make records; --store names another file",
        )
    return where


async def filters(
    store: RecordStore,
    *,
    run: str | None,
    state: str | None,
    error_type: str | None,
    age: str | None,
    gender: str | None,
    since: str | None,
    everything: bool,
) -> Filters:
    """The options as the store's filters. Raises InvalidInput."""
    found: Filters = {}
    if state is not None:
        found["state"] = State(one_of("state", state, tuple(State)))
    if error_type is not None:
        found["error_type"] = cast(ErrorType, one_of("error type", error_type, get_args(ErrorType)))
    if age is not None:
        found["age"] = _age(age)
    if gender is not None:
        found["gender"] = one_of("gender", gender, GENDERS)
    if since is not None:
        found["since"] = moment("since", since, SystemClock().now())
    if not everything:
        found["purpose"] = "measure"
    if run is not None:
        found["run_id"] = await run_id(store, run)
    return found


async def run_id(store: RecordStore, name: str) -> str:
    """The run of an id, of the beginning of just one id, or `last`. Raises InvalidInput."""
    runs = await store.runs(limit=1 if name == "last" else None)
    found = runs if name == "last" else [run for run in runs if name and run.id.startswith(name)]
    if len(found) != 1:
        what = (
            "more of its characters: several runs begin with these"
            if found
            else "last, or an id that facemon records runs lists"
        )
        raise InvalidInput("run", name, what)
    return found[0].id


def _age(text: str) -> int:
    value = number_or_text(text)
    if value not in AGES:
        raise InvalidInput("age", value, "one of " + ", ".join(map(str, AGES)))
    return int(value)
