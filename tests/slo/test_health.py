"""The state of the service: six rules, the first that holds decides."""

import pytest

from facemon.errors import (
    AttemptTimeout,
    BudgetExceeded,
    ConnectionFailed,
    Moderated,
    ServerError,
    Unauthorized,
)
from facemon.model import State
from facemon.slo.health import Health, health
from facemon.slo.judging import Counted, judge
from facemon.slo.language import parse
from facemon.slo.objectives import default_objectives

SERVER, TIMEOUT = (ServerError("HTTP 500", status=500),), (AttemptTimeout("no reply"),)
MODERATED = (Moderated("HTTP 403", status=403),)
KEY, BUDGET = (Unauthorized("HTTP 401", status=401),), (BudgetExceeded("cap"),)
NO_DNS = (ConnectionFailed("no name", "no dns"),)
SOUND = {"not_blank": True}


def seen(records, *, failed_checks=0):
    """The health with the default objectives judged over the same records."""
    judgements = [judge(objective, records) for objective in default_objectives()]
    return health(records, judgements, failed_checks=failed_checks)


# --- 1: nothing known ---


def test_nothing_measured_is_unknown():
    """No records at all: unknown, and not up."""
    assert seen([]) == Health(State.UNKNOWN, "nothing was measured")


def test_only_unknown_generations_are_unknown_with_the_commonest_cause(make):
    """Our key, our budget: unknown, whatever their number, never down and never up."""
    records = [make(errors=BUDGET)] + [make(errors=KEY)] * 99
    assert seen(records) == Health(State.UNKNOWN, "unauthorized")


def test_a_failed_check_is_evidence_without_records(make):
    """A check that failed saw the service, also where no generation did: degraded, not unknown."""
    found = seen([make(errors=KEY)], failed_checks=2)
    assert found == Health(State.DEGRADED, "2 failed checks")


# --- 2: the success rate is refuted, most failures mean down ---


def test_refuted_success_rate_with_down_failures_is_down(make):
    """10 of 59 fail with 500: 95 % is refuted, and the failures mean down, by their commonest error."""
    records = [make(scores=SOUND)] * 49 + [make(errors=SERVER)] * 8 + [make(errors=TIMEOUT)] * 2
    assert seen(records) == Health(State.DOWN, "server_error")


def test_refuted_success_rate_with_other_failures_is_degraded(make):
    """Refusals by moderation do not mean that the service is down, however many they are."""
    records = [make(scores=SOUND)] * 49 + [make(errors=MODERATED)] * 10
    assert seen(records) == Health(State.DEGRADED, "moderated")


@pytest.mark.parametrize(
    ("down", "degraded", "state"), [(6, 5, State.DOWN), (5, 5, State.DEGRADED), (5, 6, State.DEGRADED)]
)
def test_most_failures_means_more_than_half(make, down, degraded, state):
    """With mixed failures the majority decides; half is no majority."""
    records = [make(scores=SOUND)] * 40 + [make(errors=TIMEOUT)] * down + [make(errors=MODERATED)] * degraded
    assert seen(records).state is state


def test_a_broken_picture_is_a_failure_that_means_down(make):
    """Pictures that do not decode count as failures of the service, by the error that the evaluator found."""
    records = [make(scores=SOUND)] * 40 + [make(scores={"decodes": "invalid_image"})] * 19
    assert seen(records) == Health(State.DOWN, "invalid_image")


def test_down_outranks_what_is_unknown(make):
    """An outage stays an outage when the budget ends in the middle of it."""
    records = [make(errors=SERVER)] * 5 + [make(errors=BUDGET)] * 50
    assert seen(records) == Health(State.DOWN, "server_error")


# --- 3: an objective is refuted, or a check failed ---


def test_refuted_response_time_is_degraded(make):
    """Every picture comes, too late: degraded, named by what was measured and the objective that it breaks."""
    assert seen([make(4.0, scores=SOUND)] * 59) == Health(
        State.DEGRADED, "p95 4 s, where response_time.p95 <= 3s"
    )


def test_refuted_soundness_is_degraded_by_its_evaluator(make):
    """Blurred pictures: degraded, named by the evaluator that found it."""
    records = [make(scores={"not_blurred": False})] * 20 + [make(scores=SOUND)] * 39
    assert seen(records) == Health(State.DEGRADED, "not_blurred")


def test_retries_that_help_are_degraded(make):
    """Every first attempt fails and every second succeeds: not up."""
    assert seen([make(attempts=2, scores=SOUND)] * 59).state is State.DEGRADED


def test_a_failed_check_alone_is_degraded(make):
    """All generations are well and a check failed (a bad key was let in): degraded."""
    assert seen([make(scores=SOUND)] * 59, failed_checks=1) == Health(State.DEGRADED, "1 failed checks")


def test_few_failures_do_not_make_a_failed_check_down(make):
    """One 500 in 59 does not refute the success rate: with a failed check it is degraded, named by the error."""
    records = [make(scores=SOUND)] * 58 + [make(errors=SERVER)]
    assert seen(records, failed_checks=1) == Health(State.DEGRADED, "server_error")


@pytest.mark.parametrize("count", [1, 2, 59])
def test_nothing_succeeded_is_down_without_waiting_for_an_interval(make, count):
    """When not one generation succeeded, one time-out is enough to say down: it is what was seen."""
    assert seen([make(errors=TIMEOUT)] * count, failed_checks=1) == Health(State.DOWN, "timeout")


def test_nothing_succeeded_and_moderation_refused_is_degraded(make):
    """All refused by moderation: the service answers."""
    assert seen([make(errors=MODERATED)] * 9) == Health(State.DEGRADED, "moderated")


def test_degraded_outranks_what_is_unknown(make):
    """What was seen to be bad stays bad beside what was not seen."""
    records = [make(4.0, scores=SOUND)] * 59 + [make(errors=KEY)]
    assert seen(records).state is State.DEGRADED


def test_a_stray_error_is_not_the_reason(make):
    """Pictures are too late and one failed: the refuted objective is named; a refuted soundness by its fault."""
    late = [make(4.0, scores=SOUND)] * 92 + [make(errors=SERVER)]
    assert seen(late).cause.startswith("p95 4 s, where response_time")
    blurred = [make(scores={"not_blurred": False})] * 40 + [make(scores=SOUND)] * 89 + [make(errors=SERVER)]
    assert seen(blurred) == Health(State.DEGRADED, "not_blurred")


# --- 4: some are unknown ---


def test_one_unknown_generation_keeps_a_good_run_from_up(make):
    """Fifty-nine good ones and one that was not seen: unknown, with its cause."""
    records = [make(scores=SOUND)] * 59 + [make(errors=NO_DNS)]
    assert seen(records) == Health(State.UNKNOWN, "connection: no dns")


def test_an_objective_without_data_keeps_a_good_run_from_up(make):
    """Good pictures that nobody judged: soundness is promised and was not seen, so the run is unknown and says why."""
    assert seen([make()] * 59) == Health(State.UNKNOWN, "no data for sound_picture_rate >= 95%")


def test_a_withheld_figure_says_why(make):
    """A throughput that our own sender could not show is no absence of data."""
    pace = parse("throughput >= 100/min")
    found = judge(
        pace, [], counted={"throughput": Counted(80, 78, 82, 160, "the sender was the limit", withheld=True)}
    )
    assert health([make(scores=SOUND)] * 59, [found]) == Health(
        State.UNKNOWN, "throughput >= 100/min: the sender was the limit"
    )


# --- 5 and 6: a failure that nothing excuses, and else ---


def test_all_well_is_up(make):
    """Up, with the number of generations that say so."""
    assert seen([make(scores=SOUND)] * 59) == Health(State.UP, "59 generations")


def test_a_failure_among_too_few_is_degraded(make):
    """One failure in 59 refutes nothing and confirms nothing: what failed is not called up."""
    assert seen([make(scores=SOUND)] * 58 + [make(errors=SERVER)]) == Health(State.DEGRADED, "server_error")


def test_a_single_failure_within_a_confirmed_promise_leaves_it_up(make):
    """One failure in 93 still confirms 95 %: up."""
    assert seen([make(scores=SOUND)] * 92 + [make(errors=SERVER)]).state is State.UP


def test_a_refuted_figure_of_the_run_is_degraded(make):
    """Too few pictures a minute: degraded, by the figure and its objective."""
    pace = parse("throughput >= 100/min")
    found = judge(pace, [], counted={"throughput": Counted(80, 78, 82, 160)})
    assert health([make(scores=SOUND)] * 59, [found]) == Health(
        State.DEGRADED, "80/min, where throughput >= 100/min"
    )


def test_a_split_that_fails_in_one_cell_is_degraded(make):
    """The whole is well and one age is not: degraded."""
    records = [make(age=age, scores=SOUND) for age in (20, 30, 40, 50, 60) for _ in range(100)]
    records += [make(9.0, age=70, scores=SOUND)] * 5
    found = judge(parse("response_time.p90 <= 3s by age"), records)
    assert health(records, [found]).state is State.DEGRADED
