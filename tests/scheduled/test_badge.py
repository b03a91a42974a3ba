"""The badge says the state, of when it is, and `stale` where that is long ago."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from facemon.scheduled.badge import Badge, badge, endpoint, svg
from facemon.scheduled.slots import slot
from facemon.store.runs import Run

NOW = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)
HOURLY = "17 * * * *"


def run(ended: datetime | None, **summary: object) -> Run:
    return Run("r", NOW - timedelta(days=9), "live", finished_at=ended, summary=summary)


@pytest.mark.parametrize(
    ("state", "colour"),
    [
        ("up", "#3fb950"),
        ("degraded", "#d29922"),
        ("down", "#da3633"),
        ("unknown", "#8b949e"),
        ("new", "#8b949e"),
    ],
)
def test_a_state_has_its_colour(state: str, colour: str) -> None:
    """Green is for up alone; what is not known is grey."""
    found = badge(run(NOW, state=state), NOW, schedule=HOURLY)
    assert found == Badge("faces", f"{state} · 02 Mar 12:20 UTC", colour)


@pytest.mark.parametrize(("hours", "stale"), [(0, False), (2, False), (3, True), (50, True)])
def test_three_slots_without_a_run_are_stale(hours: int, stale: bool) -> None:
    """Two slots may be late or dropped; an old `up` is not shown as one."""
    found = badge(run(NOW - timedelta(hours=hours), state="up"), NOW, schedule=HOURLY)
    assert found.message.startswith("stale since") is stale
    assert (found.color == "#8b949e") is stale


def test_the_runs_own_schedule_counts_where_none_is_named() -> None:
    """A run by hand judges by the schedule that the last scheduled run kept; without any, a day is the limit."""
    seen = NOW - timedelta(hours=5)
    kept = slot(HOURLY, seen).as_data()
    assert badge(run(seen, state="up", slot=kept), NOW).message.startswith("stale")
    assert badge(run(seen, state="up"), NOW).message.startswith("up")
    assert badge(run(NOW - timedelta(hours=25), state="up"), NOW).message.startswith("stale")


def test_no_run_and_a_run_that_did_not_end_are_no_data() -> None:
    """A killed run says nothing of the service."""
    assert badge(None, NOW).message == badge(run(None, state="up"), NOW).message == "no data"


def test_the_endpoint_is_what_shields_reads() -> None:
    """schemaVersion 1, label, message, color; an unknown state is an error to it."""
    content = json.loads(endpoint(badge(run(NOW, state="down"), NOW, schedule=HOURLY)))
    assert content["schemaVersion"] == 1
    assert content["label"] == "faces"
    assert content["message"] == "down · 02 Mar 12:20 UTC"
    assert (content["color"], content["isError"]) == ("#da3633", False)
    assert json.loads(endpoint(badge(None, NOW)))["isError"] is True


def test_the_picture_is_svg_that_a_screen_reader_reads() -> None:
    """Well-formed whatever the state is called, with the whole message as its title."""
    root = ET.fromstring(svg(Badge("faces", 'up & "<b>"', "#3fb950")))
    assert root.attrib["aria-label"] == 'faces: up & "<b>"'
    assert [item.text for item in root.iter("{http://www.w3.org/2000/svg}text")] == ["faces", 'up & "<b>"']
