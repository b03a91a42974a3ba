"""Which part of the service a check or an objective speaks of, and which of them explains which."""

from pathlib import Path

import pytest

from facemon.alerting import components
from facemon.alerting.components import (
    API,
    AVAILABILITY,
    MONITOR,
    PICTURES,
    SPEED,
    explained,
    follows,
    of_check,
    of_metric,
)
from facemon.model import State
from facemon.slo.metrics import METRICS

ALL = (AVAILABILITY, SPEED, PICTURES, API, MONITOR)
SHIPPED = sorted(path.stem for path in (Path(__file__).parents[2] / "checks").glob("check_*.py"))


def test_every_shipped_check_has_a_component():
    """None of them is a component of its own by mistake, and the table names no check that there is not."""
    assert SHIPPED and sorted(components._OF_MODULE) == SHIPPED
    assert {of_check(f"{module}.py::check_it") for module in SHIPPED} <= set(ALL)


def test_every_metric_has_a_component():
    """An objective about any metric can be watched."""
    assert {of_metric(name) for name in METRICS} <= set(ALL)
    assert len(components._OF_METRIC) == len(METRICS)


@pytest.mark.parametrize(
    ("name", "component"),
    [
        ("check_availability.py::check_a_face", AVAILABILITY),
        ("check_beards.py::check_they_grow", "beards"),
        ("test_login.py::TestIt::test_in", "login"),
        ("beards.py::check_x", "beards"),
        ("check_.py::check_x", "check_"),
        ("check_speed.py::check_x", "check_speed"),
        ("test_monitor.py::test_x", "test_monitor"),
        ("pictures.py::check_x", "pictures"),
    ],
)
def test_a_users_own_module_is_its_own_component(name, component):
    """Named after its file; never nothing."""
    assert of_check(name) == component


@pytest.mark.parametrize("component", [*ALL, "beards"])
def test_what_explains_what(component):
    """Our own side explains all others while it is blind, an outage all but the two, a part of one only what follows
    from it; nothing explains itself or the monitor.
    """
    down, degraded, unknown = State.DOWN, State.DEGRADED, State.UNKNOWN
    assert explained(component, {MONITOR: unknown}, True) is (component != MONITOR)
    assert not explained(component, {MONITOR: unknown}, False) and not explained(component, {}, True)
    assert explained(component, {AVAILABILITY: down}, False) is (component not in (MONITOR, AVAILABILITY))
    assert explained(component, {AVAILABILITY: degraded}, False) is (component in (SPEED, API))
    others = dict.fromkeys((SPEED, PICTURES, API, "beards"), down)
    assert not explained(component, others, False)
    assert follows(component) is (component in (SPEED, API, "beards"))
