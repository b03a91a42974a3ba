from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.simulator import FaultPlan


def struck(plan: FaultPlan, count: int) -> list[int]:
    """The numbers of those of `count` generation requests that a fault took."""
    return [number for number in range(1, count + 1) if plan.pick(number)]


def test_on_and_times_say_which() -> None:
    """on= is a span of request numbers, times= a limit."""
    assert struck(FaultPlan(["hang:on=3"]), 6) == [3]
    assert struck(FaultPlan(["hang:on=3-5"]), 6) == [3, 4, 5]
    assert struck(FaultPlan(["hang:on=3-"]), 6) == [3, 4, 5, 6]
    assert struck(FaultPlan(["hang:on=3-,times=2"]), 6) == [3, 4]


@given(st.integers(0, 2**32), st.sampled_from([0.1, 0.3, 0.7]))
def test_the_same_seed_strikes_the_same_requests(seed: int, rate: float) -> None:
    """Chance comes from the seed alone."""
    specs = [f"hang:rate={rate}"]
    assert struck(FaultPlan(specs, seed), 50) == struck(FaultPlan(specs, seed), 50)


def test_a_seed_in_the_spec_outranks_the_simulators() -> None:
    """seed= makes a fault's chance independent of everything else."""
    assert struck(FaultPlan(["hang:rate=0.5,seed=7"], 1), 50) == struck(
        FaultPlan(["hang:rate=0.5,seed=7"], 2), 50
    )
    assert struck(FaultPlan(["hang:rate=0.5"], 1), 50) != struck(FaultPlan(["hang:rate=0.5"], 2), 50)


def test_the_rate_is_kept() -> None:
    """0.3 of many is about 0.3."""
    assert 2800 < len(struck(FaultPlan(["hang:rate=0.3"], 4), 10_000)) < 3200


def test_the_first_declared_fault_has_the_request_and_one_does_not_shift_the_others_chance() -> None:
    """Order decides who strikes; each keeps its own lots."""
    alone = struck(FaultPlan(["moderated:rate=0.5,seed=3"]), 40)
    both = FaultPlan(["hang:on=1-5", "moderated:rate=0.5,seed=3"])
    names = [planned.fault.name if (planned := both.pick(number)) else "" for number in range(1, 41)]
    assert names[:5] == ["hang"] * 5
    assert [place + 1 for place, name in enumerate(names) if name == "moderated"] == [
        n for n in alone if n > 5
    ]


def test_a_fault_that_never_fired_is_reported() -> None:
    """A run that meant to see a fault and did not has shown nothing."""
    plan = FaultPlan(["hang:on=2", "moderated:on=99"])
    struck(plan, 5)
    assert plan.fired == {"hang:on=2": 1, "moderated:on=99": 0}
    assert plan.never_fired == ["moderated:on=99"]


def test_a_spec_given_twice_is_refused() -> None:
    """Its two counts could not be told apart."""
    with pytest.raises(ValueError, match=r"'hang'.*twice"):
        FaultPlan(["hang", "hang"])


def test_only_keyed_faults_reach_the_other_routes() -> None:
    """Faults strike generations; a revoked key shows on the balance too."""
    assert FaultPlan(["internal_error"]).pick_keyed(1) is None
    assert FaultPlan(["unauthorized"]).pick_keyed(1) is not None
    assert FaultPlan(["connection_refused:on=3-"]).pick_connection(2) is None
    assert FaultPlan(["connection_refused:on=3-"]).pick_connection(3) is not None
