"""The verdict on records made by hand: rank, causes, and what stands in it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from facemon.config import Settings
from facemon.errors import StoreError
from facemon.ledger import Ledger
from facemon.model import (
    Attempt,
    ImageMetadata,
    MonitoringData,
    Performance,
    Phases,
    Quality,
    RecordedError,
    RequestParams,
    ResourceUse,
    Score,
    ScoreVerdict,
    State,
)
from facemon.plugin.promised import Promised
from facemon.plugin.section import lines
from facemon.plugin.state import SessionState
from facemon.plugin.verdict import Exit, RunVerdict, conclude
from facemon.slo.objectives import default_objectives
from facemon.store import RecordStore, Run, new_id

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
PHASES = Phases()
SOUND = Quality((Score("decodes", "1", ScoreVerdict.PASSED, 100.0),))


class Bench:
    """A run whose records are made by hand."""

    def __init__(self, folder: Path) -> None:
        plugins = SimpleNamespace(has_plugin=lambda _: False)
        config: Any = SimpleNamespace(pluginmanager=plugins)
        self.state = SessionState(config, promised=Promised("specification", default_objectives()))
        self.context = replace(self.state.shared_context(), ledger_path=str(folder / "ledger"))
        self.state.set_context(self.context)
        self.settings = Settings().model_copy(update={"store": str(folder / "facemon.db"), "target": "mock"})
        self.kept: list[MonitoringData] = []
        self.state.counts.passed = 1

    def picture(self, seconds: float = 0.5, **changes: Any) -> None:
        """A generation that went well."""
        moment = START + timedelta(seconds=len(self.kept))
        image = ImageMetadata(
            *("stability_v2beta", "core", "a face", "", "plain", "1", 7, "SUCCESS", "request-1"),
            *(1536, 1536, "png", "ab" * 32, 300_000, 3.0, seconds, PHASES),
        )
        record = MonitoringData(
            id=new_id(moment),
            timestamp=moment,
            request_params=RequestParams(30, "female", model="core"),
            performance=Performance(seconds),
            quality=SOUND,
            errors=(),
            attempts=(Attempt(1, moment, seconds, PHASES, "success"),),
            resources=ResourceUse(0.01, 2**20 * (100 + len(self.kept))),
            image=image,
            run_id=self.context.run_id,
        )
        self.kept.append(replace(record, **changes))

    def failure(self, kind: Any, state: State, **changes: Any) -> None:
        """A generation that ended with an error."""
        self.picture(
            image=None, quality=Quality(), errors=(RecordedError(kind, "a message", state, kind),), **changes
        )

    def verdict(self) -> RunVerdict:
        """Keep the records and judge them."""

        async def keep() -> None:
            async with await RecordStore.open(self.settings.store) as store:
                await store.start_run(Run(self.context.run_id, START, "mock"))
                for record in self.kept:
                    await store.add(record)

        asyncio.run(keep())
        return conclude(self.state, self.settings)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A run of one check that passed, and no records yet."""
    return Bench(tmp_path)


def test_enough_good_records_pass(bench: Bench) -> None:
    """59 sound faces in time confirm every objective."""
    bench.state.samples = True
    for _ in range(59):
        bench.picture()
    verdict = bench.verdict()
    assert [str(item.verdict) for item in verdict.judgements] == ["pass"] * 4
    assert verdict.exit is Exit.PASS
    assert verdict.health.state is State.UP


def test_pictures_that_nobody_judged_are_unknown(bench: Bench) -> None:
    """No evaluator could look at them: the objective has no data, and the run is not a pass."""
    bench.state.samples = True
    for _ in range(59):
        bench.picture(quality=Quality())
    verdict = bench.verdict()
    assert [str(item.verdict) for item in verdict.judgements] == ["pass", "pass", "pass", "unscored"]
    assert verdict.exit is Exit.UNKNOWN
    assert any("sound_picture_rate" in sentence for sentence in verdict.unknown)


def test_without_a_sample_no_objective_is_judged(bench: Bench) -> None:
    """Checks that measure no sample promise nothing about percentiles."""
    bench.picture()
    verdict = bench.verdict()
    assert verdict.judgements == ()
    assert verdict.exit is Exit.PASS


def test_a_refuted_objective_fails_though_every_check_passed(bench: Bench) -> None:
    """All faces came, but too late: the run fails, degraded, without one failed check."""
    bench.state.samples = True
    for _ in range(30):
        bench.picture(seconds=4.0)
    verdict = bench.verdict()
    assert verdict.exit is Exit.FAIL
    assert verdict.health.state is State.DEGRADED
    assert "response_time" in verdict.health.cause


@pytest.mark.parametrize(
    ("passed", "failed", "others", "unknown", "dead", "expected"),
    [
        (1, 0, 0, 0, 0, Exit.PASS),
        (1, 1, 0, 0, 0, Exit.FAIL),
        (1, 0, 1, 0, 0, Exit.FAIL),
        (1, 1, 0, 1, 1, Exit.FAIL),
        (1, 0, 0, 1, 0, Exit.UNKNOWN),
        (1, 0, 0, 0, 1, Exit.UNKNOWN),
        (0, 0, 0, 0, 0, Exit.UNKNOWN),
        (0, 0, 1, 0, 0, Exit.FAIL),
    ],
)
def test_fail_outranks_unknown_outranks_pass(
    bench: Bench, passed: int, failed: int, others: int, unknown: int, dead: int, expected: Exit
) -> None:
    """The rank of DESIGN §7, by what was counted."""
    counts = bench.state.counts
    counts.passed, counts.others_failed = passed, others
    counts.failed = ["test"] * failed
    counts.unknown = {"test": "unauthorized"} if unknown else {}
    bench.state.dead = ["gw0"] * dead
    bench.picture()
    assert bench.verdict().exit is expected


def test_a_service_that_is_down_is_no_pass(bench: Bench) -> None:
    """Where nothing is promised and no check failed, all requests failing still is a fail; some, no pass."""
    bench.state.counts.passed = 1
    for _ in range(8):
        bench.failure("server_error", State.DOWN)
    assert bench.verdict().exit is Exit.FAIL


def test_a_degraded_service_is_no_pass(bench: Bench) -> None:
    """Where nothing is promised, and some requests fail: the run does not say that all is well."""
    bench.state.counts.passed = 1
    for _ in range(8):
        bench.failure("server_error", State.DOWN)
    for _ in range(20):
        bench.picture()
    verdict = bench.verdict()
    assert verdict.health.state is State.DEGRADED
    assert verdict.exit is Exit.INCONCLUSIVE


def test_a_run_that_gave_up_is_no_pass_and_is_judged_as_one_that_looked(bench: Bench) -> None:
    """Its end depended on what it saw: unknown at best, and its objectives by evidence that holds at every look."""
    bench.state.samples = True
    for _ in range(60):
        bench.picture()
    assert str(bench.verdict().judgements[0].verdict) == "pass"
    bench.state.counts.skipped = {"Skipped: not tried: 5 generations in a row failed": 12}
    verdict = conclude(bench.state, bench.settings)
    assert str(verdict.judgements[0].verdict) == "inconclusive"
    assert verdict.exit is Exit.UNKNOWN


def test_unknown_outranks_inconclusive(bench: Bench) -> None:
    """Two samples and a generation that was not seen: unknown, and neither up nor down by it."""
    bench.state.samples = True
    bench.picture()
    bench.failure("unauthorized", State.UNKNOWN)
    verdict = bench.verdict()
    assert verdict.exit is Exit.UNKNOWN
    assert verdict.health.state is State.UNKNOWN
    assert (verdict.figures.count, verdict.figures.known) == (2, 1)
    assert verdict.figures.success_rate == 1


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("budget_exceeded", "budget ended the run"),
        ("unauthorized", "(401)"),
        ("payment_required", "(402)"),
        ("rate_limited", "(429)"),
    ],
)
def test_each_cause_of_ours_has_its_sentence(bench: Bench, kind: str, said: str) -> None:
    """A person reads what happened, once, with how often it did."""
    bench.picture()
    for _ in range(3):
        bench.failure(kind, State.UNKNOWN)
    verdict = bench.verdict()
    (sentence,) = [text for text in verdict.unknown if said in text]
    assert sentence.startswith("3 ")


def test_a_dead_worker_is_named(bench: Bench) -> None:
    """Which one, and that its records are kept."""
    bench.state.dead = ["gw1"]
    bench.picture()
    assert any("worker gw1 died" in sentence for sentence in bench.verdict().unknown)


def test_never_fired_faults_are_named_once(bench: Bench) -> None:
    """Several simulators in one run, as with drills or workers of their own: a fault that fired in one has fired."""
    bench.picture()
    bench.state.remember({"charged": 3.0, "never_fired": ["hang:on=9", "moderated:on=1"]})
    bench.state.remember({"charged": 3.0, "never_fired": ["hang:on=9"]})
    said = [sentence for sentence in bench.verdict().unknown if "never fired" in sentence]
    assert said == ["the fault hang:on=9 was declared and never fired"]


def test_charges_of_all_simulators_are_added(bench: Bench) -> None:
    """What they charged stands beside what we booked; a server that is not ours says nothing of it."""
    bench.picture()
    assert bench.verdict().spent is None
    bench.state.remember({"charged": 3.0})
    bench.state.remember({"charged": 0.9})
    assert conclude(bench.state, bench.settings).spent == pytest.approx(3.9)


def test_the_ledger_tells_what_was_booked(bench: Bench) -> None:
    """Booked credits come from the run's shared ledger."""
    ledger = Ledger(Path(bench.context.ledger_path))
    ledger.book(6.5)
    ledger.close()
    bench.picture()
    assert bench.verdict().spending.committed == 6.5


def test_records_of_other_runs_are_not_judged(bench: Bench) -> None:
    """A store keeps many runs; a verdict is over one."""
    bench.picture()
    bench.failure("timeout", State.DOWN, run_id="01a202c1-96f2-74e5-8daf-c9d7fe1ab622")
    verdict = bench.verdict()
    assert verdict.exit is Exit.PASS
    assert verdict.figures.count == 1


def test_probes_stand_apart(bench: Bench) -> None:
    """Refusals and drills are counted as such and in no figure; memory is that of all."""
    bench.picture()
    bench.failure("moderated", State.DEGRADED, purpose="probe")
    verdict = bench.verdict()
    assert (verdict.figures.count, verdict.probes) == (1, 1)
    assert verdict.health.state is State.UP
    assert verdict.max_memory == 101 * 2**20


def test_the_throughput_is_from_first_call_to_last_picture(bench: Bench) -> None:
    """Three pictures, a second apart, the last of half a second: 3 in 2.5 s are 72 a minute."""
    for _ in range(3):
        bench.picture()
    assert bench.verdict().figures.throughput == pytest.approx(72)


def test_nothing_measured_and_no_record_is_unknown(bench: Bench) -> None:
    """Checks passed without one face asked for: nobody may read that the service is up, nor a pass."""
    verdict = bench.verdict()
    assert (verdict.exit, verdict.health.state) == (Exit.UNKNOWN, State.UNKNOWN)


def test_nothing_measured_but_refusals_passed_is_a_pass(bench: Bench) -> None:
    """A run of refusals only has records, which say that somebody was there: its passed checks are a pass."""
    bench.failure("moderated", State.DEGRADED, purpose="probe")
    verdict = bench.verdict()
    assert (verdict.exit, verdict.health.state) == (Exit.PASS, State.UP)


@pytest.mark.parametrize(("blind", "exit_"), [(ScoreVerdict.UNSCORED, Exit.UNKNOWN), (None, Exit.PASS)])
def test_a_picture_that_one_evaluator_could_not_judge_is_unknown(
    bench: Bench, blind: ScoreVerdict | None, exit_: Exit
) -> None:
    """One evaluator passed it, another could not look: nobody may call it sound, and the section names who."""
    more = (Score("not_blank", "1", blind, reason="no memory"),) if blind else ()
    bench.picture(quality=Quality((*SOUND.scores, *more)))
    verdict = bench.verdict()
    assert verdict.exit is exit_
    assert any("not_blank: no memory" in sentence for sentence in verdict.unknown) is bool(blind)


def test_the_stores_password_is_not_shown(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The records line says where they are in the location's words, which hold no password."""

    async def nothing(*_: object) -> list[MonitoringData]:
        return []

    monkeypatch.setattr("facemon.plugin.verdict._records", nothing)
    monkeypatch.setattr("facemon.plugin.verdict._finish", nothing)
    store = "postgresql://user:c4n4ry@db.example.com/faces"
    verdict = conclude(bench.state, bench.settings.model_copy(update={"store": store}))
    said = "\n".join(line for line, _ in lines(verdict))
    assert "c4n4ry" not in said
    assert "c4n4ry" not in repr(verdict)
    assert re.search(r"^records   .*db\.example\.com/faces · ", said, re.MULTILINE)


def test_nothing_at_all_is_unknown(bench: Bench) -> None:
    """No check came to a result."""
    bench.state.counts.passed = 0
    verdict = bench.verdict()
    assert verdict.exit is Exit.UNKNOWN
    assert "no check came to a result" in verdict.unknown


def test_a_store_that_cannot_be_read_is_an_error(bench: Bench, tmp_path: Path) -> None:
    """The verdict needs the records: without them there is none, and the caller hears why."""
    (tmp_path / "broken.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError):
        conclude(bench.state, bench.settings.model_copy(update={"store": str(tmp_path / "broken.db")}))


def test_a_run_that_never_started_is_judged_too(bench: Bench) -> None:
    """No check got as far as asking: the verdict is there though the store knows no such run."""
    bench.state.counts.passed = 0
    assert conclude(bench.state, bench.settings).exit is Exit.UNKNOWN


def test_what_the_run_said_is_kept(bench: Bench) -> None:
    """The store has the verdict's exit, state, cause and objectives for whoever looks later."""
    bench.state.samples = True
    bench.picture()
    verdict = bench.verdict()

    async def read() -> Run | None:
        async with await RecordStore.open(bench.settings.store) as store:
            return await store.latest_run()

    kept = asyncio.run(read())
    assert kept is not None
    assert kept.summary["exit"] == int(verdict.exit) == 10
    assert kept.summary["state"] == "up"
    objectives: Any = kept.summary["objectives"]
    assert {name: item["verdict"] for name, item in objectives.items()} == {
        item.text: str(item.verdict) for item in verdict.judgements
    }
    first = objectives[verdict.judgements[0].text]
    assert first["figure"] == "100.0%"
    assert first["sentence"] == verdict.judgements[0].text
    assert first["samples"] == 1
