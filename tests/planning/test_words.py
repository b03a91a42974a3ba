"""A plan in words, Markdown and JSON: the same figures, and whether they are certain."""

from __future__ import annotations

import json
import math

import pytest

from facemon.planning.as_data import as_json, offers_as_json
from facemon.planning.delay import Figure, exactly
from facemon.planning.offers import command, obstacles, offers_as_markdown
from facemon.planning.plan import Plan, plan
from facemon.planning.schedule import Schedule
from facemon.planning.spelling import count, credits_and_usd, percent, span
from facemon.planning.wish import Wish, search
from facemon.planning.words import as_markdown, facts, notes, rows
from facemon.slo.language import parse
from facemon.slo.objectives import default_objectives


def planned(*sentences: str, samples: int = 12) -> Plan:
    return plan(Schedule(3600, samples, 3), [parse(each) for each in sentences] or default_objectives())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(45, "45 s"), (450, "7.5 min"), (5400, "1.5 h"), (172_800, "2 d"), (math.inf, "> 30 d")],
)
def test_a_delay_is_said_in_the_unit_that_fits(seconds: float, said: str) -> None:
    """What is not found in the days that are followed is said so."""
    assert span(exactly(seconds)) == said


def test_what_is_simulated_shows_its_interval() -> None:
    """With a sign; what is computed shows none."""
    assert span(Figure(3600, 3240, 3960)) == "≈ 1 h (0.9 to 1.1)"
    assert span(Figure(3600, 3240, math.inf)) == "≈ 1 h (0.9 to ?)"
    assert count(Figure(0.5, 0.25, 1)) == "≈ 0.5 (0.25 to 1)"
    assert count(exactly(0.5)) == "0.5"
    assert count(exactly(1e-9)) == "< 0.001"
    assert count(exactly(0)) == "0"


def test_a_chance_is_not_called_certain_before_it_is() -> None:
    """99.99 % is cut to 99.9 %."""
    assert percent(0.9999) == "99.9 %"
    assert percent(1 - 1e-9) == "100 %"


def test_money_is_credits_and_dollars() -> None:
    """1 credit is 0.01 USD."""
    assert credits_and_usd(25_920) == "25,920 credits (259.20 USD)"


def test_the_facts_name_cost_and_what_retries_may_add() -> None:
    """12 an hour at 3 credits are 864 a day; three more attempts each are 2592 more."""
    said = dict(facts(planned()))
    assert "864 credits (8.64 USD) a day" in said["cost"] and "25,920 credits" in said["cost"]
    assert "2,592 credits" in said["retries"] and "time" in said["retries"]


def test_the_notes_say_what_the_tables_leave_open() -> None:
    """What is not planned, what no run can fail, what is simulated, how a split counts, how a mean is taken."""
    said = "\n".join(
        notes(
            planned(
                *("throughput >= 100/min", "success_rate >= 99%", "sound_picture_rate >= 70% by gender"),
                "prompt_adherence.mean >= 0.9",
                samples=4,
            )
        )
    )
    for part in ("throughput >= 100/min: not planned", "99%: no run can fail it", "≈", "a split", "a mean"):
        assert part in said
    assert [note.split(";")[0] for note in notes(planned())] == ["alarms are verdicts on objectives"]


def test_markdown_has_the_tables() -> None:
    """A row an objective, no broken cell."""
    text = as_markdown(planned())
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == 2 * (2 + 4)
    assert {line.count("|") for line in lines} == {7, 6}
    assert all(row[0] in text for row in rows(planned()))


def test_json_is_valid_and_keeps_the_figures() -> None:
    """No infinity, which JSON has not: null; seconds, credits and shares."""
    found = planned(samples=1)
    content = json.loads(json.dumps(as_json(found), allow_nan=False))
    assert content["outage"]["median"]["value"] is None
    assert content["credits"] == {"each": 3, "day": 72, "month": 2160, "retriesDayAtMost": 216}
    assert as_json(planned())["falseAlarmsMonth"]["value"] == planned().alarms.value
    assert as_json(planned("memory.max <= 256MB"))["objectives"][0]["notPlanned"]


def test_an_offer_names_the_command_that_shows_it() -> None:
    """With the schedule and the window."""
    found = search(
        Wish(outage=3600), default_objectives(), 3.0, every=(900.0,), samples=(2,), windows=(3600.0,)
    )
    assert command(found.offers[0]) == "facemon plan --every 15min --samples 2 --window 1h"
    assert "| 2 samples every 15min | 1h |" in offers_as_markdown(found)
    assert offers_as_json(found)["offers"][0]["window"] == 3600


def test_obstacles_name_the_wish_and_what_would_do() -> None:
    """By the option that was typed."""
    found = search(
        Wish(outage=60, budget=500),
        default_objectives(),
        3.0,
        every=(900.0,),
        samples=(1, 2),
        windows=(None,),
    )
    said = "\n".join(obstacles(found))
    assert "--find-outage-within is out of reach" in said
    assert "without --find-outage-within the cheapest is 1 samples every 15min" in said
    assert offers_as_json(found)["outOfReach"] == ["--find-outage-within"]
    json.dumps(offers_as_json(found), allow_nan=False)
    assert obstacles(found)[0] in offers_as_markdown(found)
