"""The reference's section on objectives says what the code does."""

import re
from pathlib import Path

import pytest

from facemon.slo.intervals import rate_bounds
from facemon.slo.judging import Verdict, decide
from facemon.slo.language import parse
from facemon.slo.metrics import METRICS, Kind
from facemon.slo.objectives import AXES, ObjectiveError, default_objectives

PAGE = (Path(__file__).parents[2] / "docs" / "reference.md").read_text("utf-8")
SECTION = PAGE.split("\n## Objectives\n")[1].split("\n## ")[0]
SENTENCE = re.compile(r"[a-z_]+(?:\.\w+)? (?:<=|>=) [^`\"]+")
REFUSED = re.findall(r"^\| `([^`]+)` \| (.+) \|$", SECTION.split("### What is refused")[1], re.MULTILINE)
ACCEPTED = {
    span
    for span in re.findall(r"[`\"]([^`\"\n]+)[`\"]", SECTION.split("### What is refused")[0])
    if SENTENCE.fullmatch(span)
}


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_every_metric_has_its_row(metric):
    """Statistics, sign, units, range and summary stand in one row, as the table of metrics has them."""
    statistics = " ".join(f"`{name}`" for name in metric.statistics) or "–"
    units = " ".join(f"`{spelling}`" if spelling else "none" for spelling in metric.unit.scales)
    reach = {Kind.RATE: "share", Kind.RUN: "run", Kind.VALUE: f"0 to {metric.highest:g}"}[metric.kind]
    sign = "<=" if metric.low_is_good else ">="
    row = f"| `{metric.name}` | {statistics} | `{sign}` | {units} | {reach} | {metric.summary} |"
    assert row in SECTION.splitlines()


def test_there_is_no_other_row():
    """A metric that went leaves no row behind."""
    rows = SECTION.split("| metric |")[1].split("\n\n")[0].splitlines()[2:]
    assert len(rows) == len(METRICS)


@pytest.mark.parametrize("sentence", sorted(ACCEPTED))
def test_every_example_is_accepted(sentence):
    """Each sentence shown as one is one, printed as it stands there."""
    assert str(parse(sentence)) in (sentence, sentence.replace("24h", "1d"))


def test_there_are_examples():
    """The search above finds them, and the defaults are among them."""
    assert len(ACCEPTED) >= 10
    assert {str(objective) for objective in default_objectives()} <= ACCEPTED


@pytest.mark.parametrize(("sentence", "reason"), REFUSED)
def test_every_refusal_is_as_told(sentence, reason):
    """The reason in the table is the whole reason, word for word."""
    with pytest.raises(ObjectiveError) as caught:
        parse(sentence)
    assert str(caught.value) == f"objective {sentence!r}: {reason}"


def test_there_are_refusals():
    """The table is found."""
    assert len(REFUSED) >= 8


def test_axes_and_verdicts_are_named():
    """Whatever a user can split by, and whatever he can be told."""
    assert all(f"`{axis}`" in SECTION for axis in AXES)
    assert all(f"| {verdict} |" in SECTION for verdict in Verdict)


def test_the_numbers_of_the_text():
    """59 and 93, 299, 88, and the fewest by default: 2 and 6."""
    rate, careful = parse("success_rate >= 95%"), parse("success_rate >= 99%")
    assert (rate.fewest, careful.fewest) == (2, 6)
    assert (
        decide(rate, [1.0] * 59)
        is decide(rate, [0.0] + [1.0] * 92)
        is decide(careful, [1.0] * 299)
        is Verdict.PASS
    )
    assert decide(rate, [0.0] + [1.0] * 91) is Verdict.INCONCLUSIVE and rate_bounds(58, 58)[0] < 0.95
    assert decide(rate, [1.0] * 88, sequential=True) is Verdict.PASS
    assert decide(rate, [1.0] * 87, sequential=True) is Verdict.INCONCLUSIVE
