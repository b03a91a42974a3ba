"""The merged result, when its verdict is withheld, and the figures that objectives are judged on."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.load.figures import counted, load_objectives
from facemon.load.result import LoadResult
from facemon.load.schedule import Schedule
from facemon.load.tally import Answer, Tally
from facemon.slo.intervals import rate_bounds
from facemon.slo.judging import Verdict, judge
from facemon.slo.objectives import Objective

HUNDRED = Schedule(100 / 60, 600)  # 1000 requests


def result(schedule: Schedule = HUNDRED, workers: int = 1, failures: int = 0, **changes: Any) -> LoadResult:
    """A run in which the last `failures` requests failed and the others took 0.1 s; `changes` to the first worker."""
    tallies = {}
    for place in range(workers):
        dues = schedule.share(place, workers)
        tally = Tally.of(schedule, len(dues), limit=3.0)
        for due in dues:
            failed = due.number >= schedule.count - failures
            tally.start(due.at, due.at)
            tally.end(due.at, due.at, Answer("server_error" if failed else "success", 0.1 + due.at / 1000))
        tally.ended, tally.cpu_seconds, tally.memory = True, 50.0 / workers, 200_000_000
        tallies[f"gw{place}"] = tally
    tallies["gw0"] = replace(tallies["gw0"], **changes)
    return LoadResult(schedule, tallies)


def verdict(found: LoadResult, limit: float = 100.0) -> Verdict:
    """Of `throughput >= limit`."""
    return judge(Objective("throughput", None, limit), (), counted=counted(found)).verdict


def test_four_workers_are_one() -> None:
    """Shares merged give the counts, histograms, latencies over time and concurrency of one sender."""
    one, four = result(failures=7), result(workers=4, failures=7)
    for name in ("due", "sent", "served", "failed", "outcomes", "intended", "actual", "over_time"):
        assert getattr(four, name) == getattr(one, name), name
    assert four.concurrency == pytest.approx(one.concurrency)
    assert four.cpu == pytest.approx(one.cpu)


def test_what_is_under_way_is_arrivals_times_latency() -> None:
    """Little's law: 100 a minute that take 0.4 s on average are 0.67 at once on average."""
    busy = result().concurrency
    assert sum(busy.values()) / 600 == pytest.approx(100 / 60 * 0.4, rel=0.01)


def test_a_service_that_serves_all_passes() -> None:
    """1000 of 1000 in time: 100 a minute is confirmed, and so are memory and CPU."""
    judged = [judge(objective, (), counted=counted(result())) for objective in load_objectives(HUNDRED)]
    assert [item.text for item in judged] == [
        "throughput >= 100/min",
        "memory.max <= 256MB",
        "cpu.mean <= 30%",
    ]
    assert {item.verdict for item in judged} == {Verdict.PASS}
    assert judged[0].value == 100
    assert judged[0].lower < judged[0].upper == 100
    assert judged[2].value == pytest.approx(50 / 600)


@given(st.integers(0, 1000), st.floats(1, 100))
def test_a_promise_is_one_about_a_share(failures: int, limit: float) -> None:
    """X a minute at a rate of R: pass where the bound on the share served reaches min(X / R, 95 %), fail below it."""
    found = counted(LoadResult(HUNDRED, {"main": Tally(3, 600, 5, 1000, 1000, served=1000 - failures)}))
    promise = Objective("throughput", None, limit)
    lower, upper = rate_bounds(1000 - failures, 1000)
    share = min(promise.limit / 100, 0.95)
    if min(abs(lower - share), abs(upper - share)) < 1e-9:
        return
    expected = Verdict.PASS if lower >= share else Verdict.FAIL if upper < share else Verdict.INCONCLUSIVE
    assert judge(promise, (), counted=found).verdict is expected


def test_too_few_requests_say_how_many_would_do() -> None:
    """20 of 20 in time cannot show 95 %, 59 of 59 do; with a share below 95 % no number would."""
    short = Schedule(1, 20)
    found = counted(LoadResult(short, {"main": Tally(3, 20, 5, 20, 20, served=20, ended=True)}))["throughput"]
    assert "20 of 20 in time; a run of 59 such requests would show it" in found.note
    assert "would show it" not in counted(result())["throughput"].note
    assert "would show it" not in counted(result(failures=80))["throughput"].note


def test_a_few_failures_are_borne_and_many_are_not() -> None:
    """Of 1000, 30 failures pass, 50 decide nothing, 80 refute the promise."""
    assert [verdict(result(failures=number)) for number in (30, 50, 80)] == [
        Verdict.PASS,
        Verdict.INCONCLUSIVE,
        Verdict.FAIL,
    ]


OF = {objective.metric: objective for objective in load_objectives(HUNDRED)}
WITHHELD = [
    ({"cpu_while_sending": 0.91 * 600}, "91% of a core"),
    ({"dropped": 11, "started": 989}, "11 were dropped"),
    ({"started": 989, "unsent": 11}, "11 not sent"),
    ({"stopped": "the credit budget is spent"}, "the credit budget is spent"),
]


@pytest.mark.parametrize(("changes", "said"), WITHHELD)
def test_the_sender_was_the_limit(changes: dict[str, Any], said: str) -> None:
    """A sender that could not keep up has seen nothing: unscored, never a pass and never a fail, with the reason."""
    found = result(**changes)
    assert said in str(found.why_withheld())
    assert verdict(found) is verdict(replace_served(found)) is Verdict.UNSCORED
    assert said in counted(found)["throughput"].note


def replace_served(found: LoadResult) -> LoadResult:
    """The same with nothing served."""
    return LoadResult(found.schedule, {name: replace(t, served=0) for name, t in found.tallies.items()})


def test_a_late_sender_can_show_and_not_refute() -> None:
    """A late start can only make the service look worse: in time all the same is a pass; less is unscored, no fail."""
    late = result(late=11)
    assert verdict(late) is Verdict.PASS
    assert verdict(replace_served(late)) is Verdict.UNSCORED
    assert verdict(replace_served(result(late=10))) is Verdict.FAIL
    assert "11 of 1000 starts were late" in counted(late)["throughput"].note


@pytest.mark.parametrize(
    "changes", [{"cpu_while_sending": 0.89 * 600}, {"late": 10}, {"dropped": 9, "started": 991}]
)
def test_one_in_a_hundred_is_borne(changes: dict[str, Any]) -> None:
    """A few late starts, or a busy sender, withhold nothing."""
    assert result(**changes).why_withheld() is None


def test_a_worker_that_died_is_missing() -> None:
    """Its share is unknown, whatever the others saw."""
    whole = result(workers=2)
    found = LoadResult(HUNDRED, {"gw0": whole.tallies["gw0"]}, ("gw1",))
    assert found.unsent == 500
    assert verdict(found) is Verdict.UNSCORED
    assert "gw1 ended without" in str(found.why_withheld())


@pytest.mark.parametrize("metric", ["memory", "cpu"])
def test_our_own_weight_is_not_judged_by_half_a_run(metric: str) -> None:
    """A worker without a last word, a sending that was ended, nobody at all: no figure of the run, and no pass."""
    whole = result(workers=2)
    half = LoadResult(HUNDRED, {"gw0": whole.tallies["gw0"]}, ("gw1",))
    ended = result(stopped="the credit budget is spent")
    for found in (half, ended, LoadResult(HUNDRED, {})):
        assert judge(OF[metric], (), counted=counted(found)).verdict is Verdict.UNSCORED
    assert judge(OF[metric], (), counted=counted(whole)).verdict is Verdict.PASS


def test_answers_that_tell_nothing_withhold_it() -> None:
    """429 to more than one in a hundred: our quota, not the service's throughput; and they are in no latency."""
    tally = Tally.of(HUNDRED, 1000, limit=3.0)
    for due in HUNDRED.dues():
        tally.start(due.at, due.at)
        tally.end(due.at, due.at, Answer("rate_limited", 0.1, "rate_limited"))
    tally.ended = True
    found = LoadResult(HUNDRED, {"main": tally})
    assert "1000 of 1000 answers tell nothing of the service (rate_limited)" in str(found.why_withheld())
    assert found.intended.count == 0


def test_a_lower_rate_promises_itself() -> None:
    """At 30 a minute nobody can show 100: the rate is the promise."""
    assert load_objectives(Schedule(0.5, 60))[0].limit == 30
    assert load_objectives(Schedule(5, 60))[0].limit == 100


def test_a_tally_of_nothing_is_no_pass() -> None:
    """Without a single answer every figure exists, and none of them confirms anything."""
    found = LoadResult(HUNDRED, {})
    assert verdict(found) is Verdict.UNSCORED
    assert math.isfinite(counted(found)["throughput"].value)
