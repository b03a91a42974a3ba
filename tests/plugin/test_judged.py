"""Windows, figures of the whole run, markers and splits, judged on records made by hand."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from facemon.load.result import LoadResult
from facemon.load.schedule import Schedule
from facemon.model import State
from facemon.plugin.promised import Promised
from facemon.plugin.verdict import Exit, RunVerdict, conclude
from facemon.slo.judging import Counted
from facemon.slo.language import parse
from facemon.store import RecordStore, Run
from tests.plugin.test_verdict import START, Bench

EARLIER = "01a202c1-96f2-74e5-8daf-c9d7fe1ab622"
CHECK = "checks/check_it.py::check_it"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A run of one check that passed and takes the sample."""
    made = Bench(tmp_path)
    made.state.samples = True
    return made


def promise(bench: Bench, *sentences: str, by: str = "command line") -> None:
    """What the run promises."""
    bench.state.promised = Promised(by, tuple(map(parse, sentences)))


def earlier_run(bench: Bench, target: str = "mock", run_id: str = EARLIER) -> None:
    """Another run in the same store."""

    async def keep() -> None:
        async with await RecordStore.open(bench.settings.store) as store:
            await store.start_run(Run(run_id, START, target))

    asyncio.run(keep())


def only(verdict: RunVerdict) -> Any:
    """The one judgement."""
    (judgement,) = verdict.judgements
    return judgement


# --- windows ---


@pytest.mark.parametrize(
    ("target", "changes", "counts"),
    [
        ("mock", {}, True),
        ("sim", {}, False),
        ("mock", {"model": "ultra"}, False),
        ("mock", {"provider": "stability_v1"}, False),
        ("mock", {"template": "candidate"}, False),
    ],
)
def test_a_window_takes_in_earlier_runs_of_the_same_service(
    bench: Bench, target: str, changes: dict[str, Any], counts: bool
) -> None:
    """Of the same target, provider and model: 40 of an earlier run and 20 of this confirm what 20 cannot."""
    promise(bench, "success_rate >= 95% over 1h")
    earlier_run(bench, target)
    for number in range(60):
        bench.picture()
        if number < 40:
            last = bench.kept[-1]
            bench.kept[-1] = replace(
                last, run_id=EARLIER, request_params=replace(last.request_params, **changes)
            )
    judgement = only(bench.verdict())
    assert judgement.samples == (60 if counts else 20)
    assert str(judgement.verdict) == ("pass" if counts else "inconclusive")


def test_a_gates_records_are_nobodys_window(bench: Bench) -> None:
    """What a gate asked may be of a candidate, or made to misbehave: it says nothing of the service that is watched."""
    promise(bench, "success_rate >= 95% over 1h")
    earlier_run(bench)
    bench.picture(run_id=EARLIER, check="gate")
    bench.picture()
    assert only(bench.verdict()).samples == 1


def test_the_sample_of_a_load_phase_is_judged(bench: Bench) -> None:
    """An objective of the file about single generations counts where only the load phase measured them."""
    promise(bench, "success_rate >= 95%", by="file")
    bench.state.samples = False
    for _ in range(30):
        bench.failure("server_error", State.DOWN)
    bench.state.counts.passed = 1
    assert dict(bench.verdict().judged.left_out)
    bench.state.load = LoadResult(Schedule(1, 30), {})
    verdict = conclude(bench.state, bench.settings)
    assert [str(item.verdict) for item in verdict.judgements] == ["fail"]
    assert not verdict.judged.left_out


def test_a_window_ends_with_the_run_and_is_as_long_as_it_says(bench: Bench) -> None:
    """What lies further back than the last of this run's requests less the window does not count, whoever made it."""
    promise(bench, "success_rate >= 95% over 10min")
    earlier_run(bench)
    for minutes, run_id in (
        (30, EARLIER),
        (11, bench.context.run_id),
        (9, EARLIER),
        (0, bench.context.run_id),
    ):
        bench.picture(timestamp=START + timedelta(minutes=60 - minutes), run_id=run_id)
    assert only(bench.verdict()).samples == 2


def test_without_a_window_earlier_runs_are_other_peoples_business(bench: Bench) -> None:
    """A promise without `over` is one about this run."""
    promise(bench, "success_rate >= 95%")
    earlier_run(bench)
    bench.picture(run_id=EARLIER)
    bench.picture()
    assert only(bench.verdict()).samples == 1


def test_each_objective_has_its_own_window(bench: Bench) -> None:
    """They are read together and judged apart."""
    promise(bench, "success_rate >= 95% over 1min", "success_rate >= 95% over 1h", "success_rate >= 95%")
    earlier_run(bench)
    bench.picture(timestamp=START, run_id=EARLIER)
    bench.picture(timestamp=START + timedelta(minutes=30))
    assert [item.samples for item in bench.verdict().judgements] == [1, 2, 1]


def test_a_run_that_saw_nothing_is_not_vouched_for_by_earlier_ones(bench: Bench) -> None:
    """A hundred good pictures of an hour ago are no evidence about now: unscored, unknown."""
    promise(bench, "success_rate >= 95% over 24h")
    earlier_run(bench)
    for _ in range(100):
        bench.picture(run_id=EARLIER)
    verdict = bench.verdict()
    assert str(only(verdict).verdict) == "unscored"
    assert verdict.exit is Exit.UNKNOWN


# --- figures of the whole run ---


def test_memory_is_that_of_the_largest_process(bench: Bench) -> None:
    """In MB of a million bytes, over all records of the run, probes too."""
    promise(bench, "memory.max <= 256MB")
    bench.picture()
    bench.failure("moderated", State.DEGRADED, purpose="probe")
    judgement = only(bench.verdict())
    assert judgement.value == pytest.approx(101 * 2**20 / 1e6)
    assert str(judgement.verdict) == "pass"


def test_our_own_weight_fails_the_run_and_says_nothing_of_the_service(bench: Bench) -> None:
    """A monitor that is too large is a broken promise, and no degraded service."""
    promise(bench, "memory.max <= 50MB")
    bench.picture()
    verdict = bench.verdict()
    assert (verdict.exit, verdict.health.state) == (Exit.FAIL, State.UP)


@pytest.mark.parametrize(("score", "expected"), [(90.0, Exit.PASS), (20.0, Exit.FAIL)])
def test_diversity_is_that_of_the_least_diverse_set(bench: Bench, score: float, expected: Exit) -> None:
    """Of several sets that were compared the worst one counts, and its number of portraits."""
    promise(bench, "diversity_score >= 50")
    bench.state.diversity = [(99.0, 12), (score, 8)]
    bench.picture()
    verdict = bench.verdict()
    assert verdict.exit is expected
    assert (only(verdict).value, only(verdict).samples) == (score, 8)
    assert "of 2 sets" in only(verdict).note


def test_figures_under_load_are_those_of_the_load_phase(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Throughput, CPU, and memory too: what later checks took is not what was promised."""
    counted = {"throughput": Counted(99.0, 97.0, 100.0, 100), "memory": Counted(60.0, 60.0, 60.0, 9)}
    monkeypatch.setattr("facemon.plugin.judged.counted", lambda _: counted)
    result: Any = object()
    bench.state.load = result
    promise(bench, "throughput >= 95/min", "memory.max <= 70MB")
    bench.picture()
    verdict = bench.verdict()
    assert [item.value for item in verdict.judgements] == [99.0, 60.0]
    assert verdict.exit is Exit.PASS


def test_a_withheld_figure_is_unknown_with_its_reason(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sender was the limit: nothing is said of the service, and the section says why."""
    withheld = Counted(50.0, 40.0, 60.0, 100, "the sender was the limit", withheld=True)
    monkeypatch.setattr("facemon.plugin.judged.counted", lambda _: {"throughput": withheld})
    result: Any = object()
    bench.state.load = result
    promise(bench, "throughput >= 95/min")
    bench.picture()
    verdict = bench.verdict()
    assert verdict.exit is Exit.UNKNOWN
    assert "throughput >= 95/min: the sender was the limit" in verdict.unknown


# --- what is owed ---


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("throughput >= 95/min", "no rate was asked for"),
        ("cpu.mean <= 30%", "no rate was asked for"),
        ("diversity_score >= 50", "no check compared portraits"),
    ],
)
def test_what_a_file_promises_is_owed_by_runs_that_measure_it(bench: Bench, sentence: str, why: str) -> None:
    """A project's file states all its promises; a run that does not measure one leaves it out, by name."""
    promise(bench, sentence, by="file")
    bench.picture()
    verdict = bench.verdict()
    assert verdict.judgements == ()
    assert why in verdict.judged.left_out[sentence]
    assert verdict.exit is Exit.PASS


def test_a_run_without_a_sample_leaves_out_what_samples_show(bench: Bench) -> None:
    """As for the specification's own; memory is measured by any run."""
    bench.state.samples = False
    promise(bench, "success_rate >= 95%", "memory.max <= 256MB", by="file")
    bench.picture()
    verdict = bench.verdict()
    assert [item.text for item in verdict.judgements] == ["memory.max <= 256MB"]
    assert list(verdict.judged.left_out) == ["success_rate >= 95%"]


def test_what_the_command_line_promises_is_owed_whatever_runs(bench: Bench) -> None:
    """Who asks for a verdict gets one: without data it is unscored, and the run unknown."""
    bench.state.samples = False
    promise(bench, "diversity_score >= 50")
    bench.picture()
    verdict = bench.verdict()
    assert verdict.exit is Exit.UNKNOWN
    assert "diversity_score >= 50: no data" in verdict.unknown


def test_cells_without_data_are_named(bench: Bench) -> None:
    """A split of which cells saw nothing does not pass, and the section says which."""
    promise(bench, "success_rate >= 95% by gender")
    for _ in range(59):
        bench.picture()
    verdict = bench.verdict()
    assert verdict.exit is Exit.UNKNOWN
    assert "success_rate >= 95% by gender: no data for male" in verdict.unknown


# --- checks ---


def test_a_checks_objectives_are_judged_on_its_own_generations(bench: Bench) -> None:
    """Those of all its parameters, and nobody else's; a refuted one fails the run."""
    promise(bench)
    bench.state.marked = {CHECK: ["response_time.p95 <= 2s"]}
    for number in range(30):
        bench.picture(seconds=4.0, check=f"{CHECK}[{number}]")
        bench.picture(seconds=0.5, check="checks/check_other.py::check_it")
    verdict = bench.verdict()
    assert only(verdict).samples == 30
    assert verdict.exit is Exit.FAIL
    assert [name for name, _ in verdict.judged.named] == [f"{CHECK}: response_time.p95 <= 2s"]


def test_a_check_that_made_nothing_has_no_data(bench: Bench) -> None:
    """Its promise was not seen to be kept: unknown, and the sentence names the check."""
    promise(bench)
    bench.state.marked = {CHECK: ["success_rate >= 95%"]}
    bench.picture()
    verdict = bench.verdict()
    assert verdict.exit is Exit.UNKNOWN
    assert f"{CHECK}: success_rate >= 95%: no data" in verdict.unknown


# --- looking again and again ---


@pytest.mark.parametrize(("sequential", "verdict"), [(False, "pass"), (True, "inconclusive")])
def test_a_sequential_run_is_judged_by_sequential_evidence(
    bench: Bench, sequential: bool, verdict: str
) -> None:
    """59 clean samples confirm 95 % when one looks once, and not when one looked after each of them."""
    bench.settings = bench.settings.model_copy(update={"sequential": sequential})
    promise(bench, "success_rate >= 95%")
    for _ in range(59):
        bench.picture()
    assert str(only(bench.verdict()).verdict) == verdict


def test_checks_and_run_are_kept_under_their_names(bench: Bench) -> None:
    """The store's summary tells them apart."""
    promise(bench, "success_rate >= 50%")
    bench.state.marked = {CHECK: ["success_rate >= 50%"]}
    for _ in range(9):
        bench.picture(check=CHECK)
    bench.verdict()

    async def read() -> Run | None:
        async with await RecordStore.open(bench.settings.store) as store:
            return await store.latest_run()

    kept = asyncio.run(read())
    assert kept is not None
    objectives: Any = kept.summary["objectives"]
    verdicts = {name: kept["verdict"] for name, kept in objectives.items()}
    assert verdicts == {"success_rate >= 50%": "pass", f"{CHECK}: success_rate >= 50%": "pass"}
