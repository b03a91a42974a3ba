"""A verdict for people and for machines: the same in both, and never a pass by accident."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from facemon.release.comparison import compare
from facemon.release.gate import GateReport, Plan
from facemon.release.looks import Pair
from facemon.release.margins import DEFAULTS, Margin
from facemon.release.measure import MetricComparison
from facemon.release.sides import Arm
from facemon.release.verdict import as_json, markdown, unfinished
from facemon.release.verdict_words import HEADINGS, allowed, row, sentence, side
from facemon.slo.judging import Verdict
from tests.release.pairs import MOMENT, failed, pairs, record

GOOD = record()
OLD = Arm("old-run", "sim", "stability_v2beta", "core", "headshot 1")
NEW = Arm("new-run", "sim", "stability_v2beta", "ultra", "plain|2")


def report(asked: list[Pair], stopped: str = "decided", cap: float | None = None) -> GateReport:
    found = compare(asked)
    return GateReport(found, OLD, NEW, Plan(DEFAULTS), MOMENT, 12.0, 6.0, 6.0 * found.pairs, cap, stopped)


PASS = report(pairs(450, GOOD, GOOD))
FAIL = report(pairs(50, GOOD, record(quality=20.0)))
OPEN = report(pairs(40, GOOD, GOOD), "the budget is spent", 240.0)
NONE = report([], "the budget is spent")
BLIND = report(pairs(9, record(quality=None), record(quality=None)))
ALL = {"pass": (PASS, 0), "fail": (FAIL, 1), "inconclusive": (OPEN, 10), "unknown": (NONE, 11)}


@pytest.mark.parametrize("word", ALL)
def test_sentence_markdown_and_json_agree(word: str) -> None:
    """All three say the same verdict, and the JSON its exit code."""
    found, code = ALL[word]
    data = json.loads(as_json(found))
    assert (data["verdict"], data["exitCode"]) == (word, code)
    assert data["sentence"] == sentence(found)
    assert sentence(found).startswith(f"{word}: ")
    assert f"Gate: {word}" in markdown(found).splitlines()[0]
    assert f"exit code {code}" in markdown(found)


def test_a_pass_says_what_it_cost() -> None:
    """Pairs and credits."""
    assert "after 444 pairs and 2664 credits" in sentence(PASS)


def test_a_fail_names_the_metric_and_by_how_much() -> None:
    """With both figures, what is sure, and what was allowed."""
    said = sentence(FAIL)
    assert "quality_score.mean is 20, where the baseline has 90" in said
    assert "(2 less is allowed)" in said
    assert "success_rate" not in said


def test_a_price_that_rose_needs_no_interval() -> None:
    """A counted figure is worse by what it is."""
    said = sentence(report([Pair(GOOD, record(price=8.0))]))
    assert "credits.mean is 8 credits, where the baseline has 3 credits (0 % more is allowed)" in said


def test_an_open_verdict_says_what_is_missing() -> None:
    """Why it ended, what is open, how many pairs and credits more."""
    said = sentence(OPEN)
    assert "(the budget is spent)" in said
    needed = OPEN.verdict.needed
    assert needed is not None
    assert f"about {needed} pairs more ({needed * 6} credits) would decide" in said


def test_an_unknown_verdict_says_why() -> None:
    """The budget, the evaluator that could not judge, the metric without data."""
    assert "the budget is spent" in sentence(NONE)
    assert "sharpness: no model" in sentence(BLIND)
    never_met = report([Pair(GOOD, failed()), Pair(failed(), GOOD)])
    assert never_met.verdict.verdict is Verdict.UNSCORED
    assert "no data for" in sentence(never_met)


@pytest.mark.parametrize("word", ALL)
def test_what_was_not_compared_is_said_with_the_reason(word: str) -> None:
    """Behind every verdict, for people and for machines; nothing is said where all was compared."""
    found, _ = ALL[word]
    left = replace(found, not_compared={"diversity_score": "a kept run holds no pictures"})
    words = "; diversity_score was not compared: a kept run holds no pictures"
    assert sentence(left) == sentence(found) + words
    assert words in markdown(left)
    assert json.loads(as_json(left))["notCompared"] == left.not_compared
    assert json.loads(as_json(found))["notCompared"] == {}
    assert "not compared" not in markdown(found)


def test_what_could_not_be_judged_stands_in_the_table() -> None:
    """Beside the pairs that could."""
    assert row(BLIND.verdict.metrics[4])[7] == "0 (5 unjudged)"


def test_the_table_has_a_cell_for_each_heading() -> None:
    """In Markdown a bar in a name is no border of a cell."""
    lines = markdown(PASS).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + len(DEFAULTS)
    assert {line.replace("\\|", "").count("|") for line in table} == {len(HEADINGS) + 1}
    assert "plain\\|2" in markdown(PASS)


def test_the_json_has_no_number_that_json_cannot_carry() -> None:
    """No bound and a figure among the failures are null."""
    data = json.loads(as_json(report(pairs(3, GOOD, failed()))))
    slow = next(each for each in data["metrics"] if each["metric"] == "response_time.p95")
    assert (slow["candidate"], slow["difference"], slow["upper"]) == (None, None, None)
    assert slow["baseline"] == 1.0


def test_the_json_holds_every_margin_and_both_sides() -> None:
    """So that a machine need not know the defaults."""
    data = json.loads(as_json(OPEN))
    assert [each["metric"] for each in data["metrics"]] == [margin.name for margin in DEFAULTS]
    assert [each["margin"] for each in data["metrics"]] == [margin.amount for margin in DEFAULTS]
    assert (data["baseline"]["runId"], data["candidate"]["model"]) == ("old-run", "ultra")
    assert data["credits"] == {"spent": 240.0, "cap": 240.0, "pricePerPair": 6.0}
    assert data["neededPairs"] == OPEN.verdict.needed


def test_a_gate_that_has_not_ended_is_unknown() -> None:
    """What stands in the files meanwhile, or for ever if it was killed."""
    text, data = unfinished()
    assert "unknown" in text
    assert json.loads(data)["exitCode"] == 11


@pytest.mark.parametrize(
    ("margin", "words"),
    [
        (Margin("success_rate", None, 0.01), "1 point less"),
        (Margin("success_rate", None, 0.025), "2.5 points less"),
        (Margin("response_time", "p95", 0.1), "10 % more"),
        (Margin("prompt_adherence", "mean", 0.01), "0.01 less"),
        (Margin("credits", "mean", 0.0), "0 % more"),
    ],
)
def test_a_margin_in_words(margin: Margin, words: str) -> None:
    """Percentage points for rates, per cent of the baseline for what is relative; in the direction that is worse."""
    assert allowed(margin) == words


def test_figures_have_their_sign_and_unit() -> None:
    """A difference of shares in points, of times in per cent, and bounds without the unit said again."""
    shown = row(
        MetricComparison(
            Margin("success_rate", None, 0.01), Verdict.PASS, 0.99, 0.985, -0.005, -0.0095, 0.001, 500
        )
    )
    assert shown[1:5] == ("99.0%", "98.5%", "-0.50 points", "-0.95 to +0.10")
    open_one = row(
        MetricComparison(
            Margin("response_time", "p95", 0.1), Verdict.INCONCLUSIVE, 5.0, 5.5, 0.1, -1.0, pairs=9
        )
    )
    assert open_one[2:5] == ("5.5 s", "+10.0 %", "? to ?")
    assert open_one[8] == "no affordable number"


def test_a_side_in_a_line() -> None:
    """Model, provider, target and template; a kept run by its id."""
    assert side(OLD) == "core of stability_v2beta at sim, template headshot 1"
    assert side(Arm("r1", "live", None, None, "", kept=True)).endswith("(kept run r1)")
