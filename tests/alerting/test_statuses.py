"""From records and runs to one status for each component: its state, its cause, and what it rests on."""

from __future__ import annotations

import shlex
from dataclasses import replace

import pytest
from series import at, incident, name, record, records, run

from facemon.alerting.components import API, AVAILABILITY, MONITOR, PICTURES, SPEED
from facemon.alerting.statuses import statuses
from facemon.alerting.subjects import subjects
from facemon.incident import EventKind
from facemon.model import Quality, RequestParams, Score, ScoreVerdict, State
from facemon.slo.language import parse
from facemon.store.incidents import Snapshot

RATE, FAST, GOOD = "success_rate >= 99%", "response_time.p95 <= 3s", "quality_score.mean >= 80"
SOUND = "sound_picture_rate >= 95%"
OPENED, RECOVERED, RESOLVED, REOPENED = (
    EventKind.OPENED,
    EventKind.RECOVERED,
    EventKind.RESOLVED,
    EventKind.REOPENED,
)
BALANCE, FACES = "check_balance.py::check_credits", "check_availability.py::check_a_face"

RUNS = (run(),)


def snapshot(*lives) -> Snapshot:
    return Snapshot(at(0), tuple(each for each, _ in lives), (), {each.id: events for each, events in lives})


def judged(seen, runs=RUNS, *lives, objectives=(RATE, FAST, SOUND), report=""):
    """Component → its status."""
    watched = subjects([parse(each) for each in objectives], seen, runs)
    return {each.component: each for each in statuses(watched, seen, runs, snapshot(*lives), report)}


# --- state and cause ---


def test_what_is_well_is_up_and_recovered():
    """Every component that was looked at, once; of the others nothing is said."""
    found = judged(records("." * 9), [run(number, {BALANCE: "passed"}) for number in range(3)])
    assert set(found) == {AVAILABILITY, SPEED, PICTURES, API, MONITOR}
    assert all(each.state is State.UP and each.recovered for each in found.values())
    assert set(judged([], [])) == set()


def test_an_outage_is_down_with_its_most_frequent_cause():
    """Urgent where an urgent rule fired."""
    status = judged(records("....xxsxx"))[AVAILABILITY]
    assert (status.state, status.cause, status.urgent) == (State.DOWN, "timeout", True)
    assert not status.recovered and status.evidence.rule == "3 failures in a row"


@pytest.mark.parametrize(
    ("kinds", "state"),
    [("xxx", State.DOWN), ("mmm", State.DEGRADED), ("xmxm", State.DEGRADED), ("xxmmx", State.DOWN)],
)
def test_down_is_only_where_most_failures_mean_down(kinds, state):
    """Half of them are not most."""
    assert judged(records("...." + kinds))[AVAILABILITY].state is state


@pytest.mark.parametrize(
    ("kinds", "was", "state"),
    [
        ("x" * 40 + ".x.x.x.x.x", None, State.DEGRADED),
        ("x" * 5 + "m" * 8, State.DOWN, State.DEGRADED),
        ("x" * 5 + "m" * 7, State.DOWN, State.DOWN),
        ("m" * 90 + "x" * 4, State.DEGRADED, State.DEGRADED),
        ("m" * 90 + "x" * 5, State.DEGRADED, State.DOWN),
        ("x.x.x.x.x.x.x.x.x.x.", State.DEGRADED, State.DEGRADED),
        ("x.x.x.x.x.x.x.x.x.x.", State.DOWN, State.DOWN),
        ("r" * 19 + "x", None, State.DEGRADED),
    ],
)
def test_the_state_is_that_of_the_last_generations(kinds, was, state):
    """Not the sum of a long incident; and where every second one fails it stays what it is."""
    life = incident(AVAILABILITY, (OPENED, 0.5))
    lives = [(replace(life[0], state=was), life[1])] if was is not None else []
    found = judged(records(kinds), RUNS, *lives, objectives=[RATE, "first_attempt_success_rate >= 95%"])
    assert found[AVAILABILITY].state is state


def test_the_cause_is_that_of_the_last_failures():
    """A day of refusals, and then timeouts: who is told of it now looks for timeouts."""
    assert judged(records("m" * 100 + "x" * 10))[AVAILABILITY].cause == "timeout"


@pytest.mark.parametrize(
    ("kinds", "blind"), [("....????", True), ("??????..?", False), ("?" * 9 + "x", False)]
)
def test_who_sees_the_last_generations_is_not_blind(kinds, blind):
    """Nothing at all is seen only where the last three were not."""
    assert judged(records(kinds))[MONITOR].blind is blind


def test_the_exchange_is_one_that_failed():
    """A picture that came at the second attempt shows the first."""
    seen = records("....rrrrrr")
    found = judged(seen, objectives=["first_attempt_success_rate >= 95%"])[AVAILABILITY]
    assert seen[-1].attempts[-1].exchange is None and "https://api.stability.ai" in found.evidence.request


def test_retries_alone_are_degraded():
    """Pictures come, though late: no failure means down."""
    status = judged(records("....rrrrrr"), objectives=["first_attempt_success_rate >= 95%"])[AVAILABILITY]
    assert (status.state, status.cause) == (State.DEGRADED, "retried")


def test_what_our_own_side_cannot_see_is_unknown():
    """U9: it is the monitor's, with its cause, and no outage; nothing else is said to be well."""
    found = judged(records("....????"), [run(0, {FACES: ("unknown", "no such host")})])
    status = found[MONITOR]
    assert (status.state, status.cause, status.urgent) == (State.UNKNOWN, "connection: no dns", True)
    assert status.evidence.checks == {FACES: "no such host"} and status.evidence.objectives == {}
    assert found[AVAILABILITY].state is State.UP
    assert set(judged(records("????"))) == {MONITOR}


def test_speed_and_pictures_are_degraded():
    """Whatever becomes of them; the cause is what was slow, or which evaluator found fault."""
    slow = judged([record(number, seconds=9.0) for number in range(9)])[SPEED]
    assert (slow.state, slow.cause) == (State.DEGRADED, f"{FAST} is not kept")
    bad = judged(records("." * 5 + "b" * 9))[PICTURES]
    assert (bad.state, bad.cause) == (State.DEGRADED, "refused by sharpness")


def test_a_check_that_fails_is_a_degraded_component_named_after_it():
    """With what it said in the last run, and where that run passed, with what fired."""
    failing = [run(number, {BALANCE: ("failed", "assert 3 == 0")}) for number in range(3)]
    status = judged(records("..."), failing)[API]
    assert (status.state, status.cause) == (State.DEGRADED, f"{BALANCE} fails")
    assert status.evidence.checks == {BALANCE: "assert 3 == 0"} and status.evidence.objectives == {}
    passed = judged(records("..."), [*failing, run(3, {BALANCE: "passed"})])[API]
    assert passed.evidence.checks == {BALANCE: "3 failures in a row"}


# --- evidence ---


def test_evidence_names_what_is_wrong():
    """Objectives with figure and interval of the last run, failing checks, error types, run, target, report."""
    item = {"verdict": "fail", "sentence": RATE, "figure": "62.5 %", "interval": "24 % to 91 %", "samples": 8}
    other = {**item, "sentence": "error_rate <= 1%"}
    kept = {**item, "verdict": "pass", "sentence": "first_attempt_success_rate >= 9%"}
    foreign = {**item, "sentence": FAST}
    objectives = {"a": item, "b": other, "c": kept, "d": foreign}
    last = run(
        1,
        {
            FACES: ("failed", "3 of 8"),
            "check_image_contract.py::x": ("failed", "no"),
            "check_a.py::y": "passed",
        },
        objectives,
    )
    status = judged(records(".....xxs"), [run(0), last], report="https://example.com/report")[AVAILABILITY]
    found = status.evidence
    assert found.objectives == {
        RATE: "62.5 % (24 % to 91 %, n = 8)",
        "error_rate <= 1%": "62.5 % (24 % to 91 %, n = 8)",
    }
    assert found.checks == {FACES: "3 of 8"} and found.error_types == {"timeout": 2, "server_error": 1}
    assert (found.run_id, found.target, found.report) == (last.id, "live", "https://example.com/report")


def test_an_objective_that_no_run_judged_has_what_fired():
    """Also without any run at all."""
    found = judged(records("...xxx"), [])[AVAILABILITY].evidence
    assert found.objectives == {RATE: "3 failures in a row"} and found.run_id == found.target == ""


def test_at_most_five_records_newest_first():
    """And none of before it began; of a slow service those that were slow."""
    assert judged(records("x" + "." * 60 + "xxxx"))[AVAILABILITY].evidence.records == tuple(
        name(number) for number in (64, 63, 62, 61)
    )
    many = judged(records("...." + "x" * 30))[AVAILABILITY].evidence.records
    assert many == tuple(name(number) for number in (33, 32, 31, 30, 29))
    slow = [record(number, seconds=9.0 if number > 20 else 1.0) for number in range(26)]
    assert judged([*slow, record(26)])[SPEED].evidence.records[0] == name(25)


def test_request_and_response_are_shown_as_they_were_kept():
    """Of the newest record that has them, redacted."""
    found = judged([*records("....xxx"), record(7, "x", attempts=())])[AVAILABILITY].evidence
    assert found.request.splitlines() == [
        "POST https://api.stability.ai/v2beta/stable-image/generate/core",
        "accept: image/*",
        "authorization: [redacted]",
        "",
        "prompt=a woman",
        "seed=7",
    ]
    assert found.response == 'content-type: application/json\n\n{"errors":["sorry"]}'
    assert judged(records("....xxx"), objectives=[RATE])[AVAILABILITY].evidence.request
    bare = [replace(each, attempts=()) for each in records("....xxx")]
    assert judged(bare)[AVAILABILITY].evidence.request == ""


@pytest.mark.parametrize(
    ("target", "end"),
    [
        ("live", "--target live --max-credits 10"),
        ("sim", "--target sim"),
        ("https://faces.example.com", "--target https://faces.example.com --max-credits 10"),
        ("live (https://faces.example.com)", "--target https://faces.example.com --max-credits 10"),
    ],
)
def test_a_command_asks_for_the_same_again(target, end):
    """The same face of the same model at the same place, with a cap where it may cost money."""
    found = judged(records("....xxx"), [run(target=target)])[AVAILABILITY].evidence
    assert found.repeat == f"facemon generate --age 30 --gender female --seed 7 --model core {end}"


def test_a_command_repeats_a_prompt():
    """Quoted for a shell."""
    asked = RequestParams(prompt="a man's face; $(x)", model="core")
    found = judged(records("....xxx", request_params=asked), [run(target="sim")])[AVAILABILITY].evidence
    words = shlex.split(found.repeat)
    assert words[2:4] == ["--prompt", "a man's face; $(x)"]


def test_a_mean_rests_on_the_records_of_its_finding():
    """No single picture is wrong, and still somebody can look at some, and repeat them."""
    quality = [Quality((Score("face", "1", ScoreVerdict.PASSED, each, weight=1.0),)) for each in (90, 40)]
    seen = [record(number, quality=quality[number >= 20]) for number in range(50)]
    status = judged(seen, objectives=[GOOD])[PICTURES]
    assert status.cause == f"{GOOD} is not kept" and len(status.evidence.records) == 5
    assert status.evidence.repeat.startswith("facemon generate --age 30")


# --- what was before ---


@pytest.mark.parametrize("end", [RECOVERED, RESOLVED])
def test_nothing_fires_again_on_what_was_before_the_end(end):
    """Whether it recovered, or somebody closed it: only failures after that moment count."""
    over = incident(AVAILABILITY, (OPENED, 2.5), (end, 5.5))
    assert judged(records("xxxxxx.xx"), [run()], over)[AVAILABILITY].state is State.UP
    assert judged(records("xxxxxx.xxx"), [run()], over)[AVAILABILITY].evidence.records == (
        name(9),
        name(8),
        name(7),
    )


def test_the_end_of_another_component_changes_nothing():
    """Speed recovered; the outage goes on."""
    over = incident(SPEED, (OPENED, 2.5), (RECOVERED, 9.5))
    assert judged(records("....xxx"), [run()], over)[AVAILABILITY].state is State.DOWN


def test_an_incident_whose_events_are_not_at_hand():
    """One that was closed long ago: its end counts by its own moment."""
    old, _ = incident(AVAILABILITY, (OPENED, 2.5), (RECOVERED, 5.5))
    assert judged(records("xxxxxx.xx"), [run()], (old, ()))[AVAILABILITY].state is State.UP


def test_that_an_end_was_told_later_is_no_second_end():
    """It recovered in a silence and was told after it: what failed in between counts."""
    closed, events = incident(AVAILABILITY, (OPENED, 2.5), (RECOVERED, 5.5))
    told = replace(events[1], number=3, at=at(8.5), before=State.DOWN)
    late = replace(closed, events=3, changed_at=at(8.5)), (*events, told)
    assert judged(records("xxxxxxxx.."), [run()], late)[AVAILABILITY].state is State.UP
    status = judged(records("xxxxxxxxxx"), [run()], late)[AVAILABILITY]
    assert status.evidence.rule == "3 failures in a row"


def test_what_an_outage_explained_does_not_fire_when_it_is_over():
    """A failure is slower than any limit: after the outage speed is not said to be bad for it."""
    over = incident(AVAILABILITY, (OPENED, 4.5), (RECOVERED, 23.5))
    seen = records("..." + "x" * 18 + "...")
    assert (
        judged(seen, [run()])[SPEED].state is not State.UP or judged(seen[:-2])[SPEED].state is not State.UP
    )
    assert judged(seen[:-2], [run()], over)[SPEED].state is State.UP


def test_an_own_incident_outlives_what_explains():
    """Slow before the outage and still open: its end is not the end of the slowness."""
    outage = incident(AVAILABILITY, (OPENED, 30.5), (RECOVERED, 35.5))
    slow = incident(SPEED, (OPENED, 20.5))
    seen = [*(record(number, seconds=9.0) for number in range(30)), *records("xxx..", 30)]
    assert judged(seen, [run()], outage, slow)[SPEED].state is State.DEGRADED


def test_each_reopening_takes_twice_as_many_successes():
    """As the rules count it, however often it is looked at: three after an outage, six after it broke again."""
    seen = records("....xxx...xxx")
    turns = [(OPENED, 6.5), (RECOVERED, 9.5), (REOPENED, 12.5)]
    open_ = incident(AVAILABILITY, *turns)
    assert open_[0].reopened == 1

    def state(goods):
        return judged([*seen, *records("." * goods, 13)], [run()], open_)[AVAILABILITY].state

    assert [state(goods) for goods in (3, 5, 6)] == [State.DOWN, State.DOWN, State.UP]
