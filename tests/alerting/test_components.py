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
    of_check,
    of_metric,
)
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
    ],
)
def test_a_users_own_module_is_its_own_component(name, component):
    """Named after its file; never nothing."""
    assert of_check(name) == component


@pytest.mark.parametrize("component", [*ALL, "beards"])
def test_what_explains_what(component):
    """Our own side explains all others, availability all but the two; nothing explains itself or the monitor."""
    assert explained(component, {MONITOR}) is (component != MONITOR)
    assert explained(component, {AVAILABILITY}) is (component not in (MONITOR, AVAILABILITY))
    assert not explained(component, {SPEED, PICTURES, API, "beards"}) and not explained(component, set())
