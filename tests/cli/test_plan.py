"""`facemon plan`: from options to figures, without asking the service anything."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from facemon.cli.trouble import Exit
from tests.cli.conftest import Invoke


def test_a_schedule_with_the_promises_of_the_specification(invoke: Invoke) -> None:
    """Cost, delays, false alarms and the samples of each verdict."""
    result = invoke("plan", "--every", "15min", "--samples", "12")
    assert result.exit_code == Exit.OK, result.output
    assert "3,456 credits (34.56 USD) a day" in result.stdout
    for part in ("false alarms  16", "7.5 min (median)", "response_time.p95 <= 3s", "59", "506"):
        assert part in result.stdout


def test_the_price_is_that_of_the_model(invoke: Invoke) -> None:
    """core costs 3 credits, ultra 8; and of another provider its own."""

    def daily(*words: str) -> float:
        return float(json.loads(invoke("plan", "--json", *words).stdout)["credits"]["day"])

    assert daily("--model", "ultra") / daily() == pytest.approx(8 / 3)
    assert daily("--provider", "stability_v1") / daily() == pytest.approx(0.9 / 3)


def test_objectives_come_from_the_project(invoke: Invoke) -> None:
    """From facemon.toml; a sentence on the command line takes their place."""
    Path("facemon.toml").write_text('[objectives]\nup = "success_rate >= 90% over 2h"\n', "utf-8")
    found = json.loads(invoke("plan", "--json").stdout)["objectives"]
    assert [each["objective"] for each in found] == ["success_rate >= 90% over 2h"]
    found = json.loads(invoke("plan", "--json", "--objective", "error_rate <= 5%").stdout)["objectives"]
    assert [each["objective"] for each in found] == ["error_rate <= 5%"]


def test_the_limit_of_the_setting_holds(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no objective is stated, the response time's limit is that of the checks."""
    monkeypatch.setenv("FACEMON_RESPONSE_TIME_LIMIT", "7")
    assert "response_time.p95 <= 7s" in invoke("plan").stdout


def test_one_window_for_all(invoke: Invoke) -> None:
    """Or none."""
    assert "success_rate >= 95% over 4h" in invoke("plan", "--window", "4h").stdout
    text = invoke("plan", "--window", "none", "--objective", "success_rate >= 95% over 4h").stdout
    assert "over 4h" not in text


def test_markdown_for_a_page(invoke: Invoke) -> None:
    """A table an objective a row."""
    text = invoke("plan", "--markdown").stdout
    assert re.search(r"^\| success_rate >= 95% \| 12 samples \|", text, re.MULTILINE)


def test_a_wish_is_met_by_the_cheapest(invoke: Invoke) -> None:
    """The best few with their figures, and the command that shows more."""
    result = invoke("plan", "--find-outage-within", "1h", "--budget", "600/day")
    assert result.exit_code == Exit.OK, result.output
    assert "2 samples every 1h" in result.stdout
    assert "next: facemon plan --every 1h --samples 2 --window none" in result.stderr
    said = ("--objective", "success_rate >= 90%", "--model", "ultra")
    result = invoke("plan", "--find-outage-within", "2h", *said)
    assert "--objective 'success_rate >= 90%' --model ultra shows all" in result.stderr


def test_a_given_part_of_the_schedule_is_kept(invoke: Invoke) -> None:
    """The search is over the rest."""
    words = ("--find-outage-within", "4h", "--every", "30min", "--window", "none", "--json")
    offers = json.loads(invoke("plan", *words).stdout)["offers"]
    assert {(each["every"], each["window"]) for each in offers} == {(1800.0, None)}


def test_a_month_is_thirty_days(invoke: Invoke) -> None:
    """A budget for a month, and false alarms a day."""
    common = ("plan", "--json", "--every", "4h", "--window", "none")
    daily = invoke(*common, "--budget", "100/day", "--false-alarms", "3/month")
    monthly = invoke(*common, "--budget", "3000/month", "--false-alarms", "0.1/day")
    assert json.loads(daily.stdout) == json.loads(monthly.stdout)


@pytest.mark.parametrize(
    ("wish", "met"),
    [
        ("--false-alarms 4.1/month", True),
        ("--false-alarms 3.9/month", False),
        ("--false-alarms 0.13/day", False),
        ("--budget 864/day", True),
        ("--budget 25920/month", True),
        ("--budget 863/day", False),
    ],
)
def test_a_rate_means_what_it_says(invoke: Invoke, wish: str, met: bool) -> None:
    """12 samples an hour: 4.01 false alarms a month, 864 credits a day."""
    result = invoke("plan", "--every", "1h", "--samples", "12", "--window", "none", *wish.split())
    assert result.exit_code == (Exit.OK if met else Exit.FAIL)


def test_a_wish_that_nothing_meets_names_the_obstacle(invoke: Invoke) -> None:
    """Exit code 1, the option in the way, and what would do."""
    result = invoke(
        "plan", "--find-outage-within", "30min", "--false-alarms", "0.1/month", "--budget", "100/day"
    )
    assert result.exit_code == Exit.FAIL
    assert "no schedule of the" in result.stdout
    assert "without --budget the cheapest is" in result.stdout


def test_means_are_left_out_of_a_search_and_named(invoke: Invoke) -> None:
    """They are in the plan itself."""
    sentences = ("--objective", "prompt_adherence.mean >= 0.9", "--objective", "success_rate >= 95%")
    result = invoke("plan", "--find-outage-within", "1h", *sentences)
    assert result.exit_code == Exit.OK
    assert "left out of the search, not about a share: prompt_adherence.mean >= 0.9" in result.stderr


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("--every 1", "--every '1' is not accepted: give a number and a unit"),
        ("--every 5s", "give 1min to 30d"),
        ("--every 0min", "give 1min to 30d"),
        ("--samples 0", "give a whole number from 1 to 10000"),
        ("--samples many", "give a whole number"),
        ("--window soon", "--window 'soon' is not accepted"),
        ("--window 1s", "a window of 1 s is not accepted"),
        ("--objective 'sucess_rate >= 99%'", "did you mean success_rate?"),
        ("--false-alarms few", "such as 0.5/month"),
        ("--budget 100", "such as 0.5/month or 500/day"),
        ("--budget 5/week", "such as 0.5/month or 500/day"),
        ("--find-outage-within now", "a number and a unit"),
        ("--find-outage-within 1h --every 5s", "give 1min to 30d"),
        ("--find-outage-within 1h --objective 'memory.max <= 256MB'", "no objective is about a share"),
        ("--model crayon", "crayon"),
        ("--json --markdown", "one of them"),
    ],
)
def test_what_is_refused(invoke: Invoke, one_error: Callable[[Result], str], words: str, part: str) -> None:
    """In one sentence, with what is accepted."""
    result = invoke("plan", *shlex.split(words))
    assert result.exit_code == Exit.USAGE
    assert part in one_error(result)


def test_every_example_of_the_help_runs(invoke: Invoke) -> None:
    """At least two, each within a line."""
    text = invoke("plan", "--help").stdout.partition("Examples")[2]
    examples = [line.strip() for line in text.splitlines() if line.strip().startswith("facemon ")]
    assert len(examples) >= 2
    for example in examples:
        result = invoke(*shlex.split(example)[1:])
        assert result.exit_code == Exit.OK, f"{example}: {result.output}"
