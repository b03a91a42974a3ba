"""Judgements in words: short, with a unit, and never better than the number."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.slo.judging import Counted, Verdict, judge, judge_values
from facemon.slo.language import parse
from facemon.slo.metrics import METRICS
from facemon.slo.words import amount, figure, first_attempts, interval, needed, percent


@given(st.floats(0, 1))
def test_a_share_never_looks_better_than_it_is(share):
    """Cut downwards where high is good, upwards where low is good; never off by more than a tenth of a percent."""
    down, up = float(percent(share)[:-1]) / 100, float(percent(share, low_is_good=True)[:-1]) / 100
    assert down <= share + 1e-9 and share - 1e-9 <= up and up - down <= 0.001 + 1e-9


@pytest.mark.parametrize(
    ("metric", "value", "said"),
    [
        ("success_rate", 0.9999, "99.9%"),
        ("success_rate", 0.95, "95.0%"),
        ("error_rate", 0.0501, "5.1%"),
        ("error_rate", 0.05, "5.0%"),
        ("cpu", math.inf, "unbounded"),
        ("response_time", 2.314, "2.31 s"),
        ("response_time", math.inf, "a failure"),
        ("response_time", None, "no data"),
        ("quality_score", 83.26, "83.3"),
        ("prompt_adherence", 0.8234, "0.823"),
        ("throughput", 99.4, "99.4/min"),
        ("throughput", 12345.6, "12346/min"),
        ("memory", 243.21, "243 MB"),
        ("memory", 1843.2, "1843 MB"),
        ("memory", math.inf, "unbounded"),
        ("credits", 3.0, "3 credits"),
        ("retry_count", 0.25, "0.25"),
    ],
)
def test_an_amount_has_its_unit(metric, value, said):
    """Three digits and the unit, as people write it."""
    assert amount(METRICS[metric], value) == said


@pytest.mark.parametrize(
    ("sentence", "value", "said"),
    [
        ("response_time.p95 <= 3s", 3.004, "p95 3.004 s"),
        ("response_time.p95 <= 3s", 3.0, "p95 3 s"),
        ("response_time.p95 <= 3s", 2.999999, "p95 2.999999 s"),
        ("response_time.p95 <= 3s", 3.014, "p95 3.01 s"),
        ("quality_score.mean >= 80", 79.99, "mean 79.99"),
    ],
)
def test_a_figure_beside_its_limit_is_not_rounded_onto_it(sentence, value, said):
    """A broken promise of 3 s does not read as 3 s, nor a kept one by a hair; else three digits do."""
    assert figure(judge_values(parse(sentence), [value] * 59)) == said


def test_a_figure_names_its_statistic():
    """`p95 2.3 s`, `99.0%`; where the percentile falls among the failures it says so."""
    p95 = parse("response_time.p95 <= 3s")
    assert figure(judge_values(p95, [2.3] * 59)) == "p95 2.3 s"
    assert figure(judge_values(p95, [2.3] * 9 + [math.inf])) == "p95 a failure"
    assert figure(judge_values(parse("success_rate >= 95%"), [1.0] * 99 + [0.0])) == "99.0%"
    assert figure(judge_values(p95, [])) == "no data"


def test_first_attempts_stand_beside_what_retries_mended(make):
    """The first attempt's figure is shown where it differs from the final one, and only there."""
    rate = parse("success_rate >= 95%")
    assert first_attempts(judge(rate, [make(attempts=2)] * 3 + [make()])) == "25.0% at the first attempt"
    assert first_attempts(judge(rate, [make()] * 4)) == ""
    p95 = parse("response_time.p95 <= 3s")
    assert first_attempts(judge(p95, [make(2.0, attempts=2)])) == "a failure at the first attempt"
    assert first_attempts(judge(parse("error_rate <= 5%"), [make(attempts=2)])) == ""


def test_intervals():
    """Both bounds; a question mark where there is none; nothing without data; `counted` where nothing is uncertain."""
    rate, p95 = parse("success_rate >= 95%"), parse("response_time.p95 <= 3s")
    assert interval(judge_values(rate, [1.0] * 59)) == "95.0% to 100.0%"
    assert interval(judge_values(p95, [2.0] * 9)) == "2 s to ?"
    assert interval(judge_values(p95, [])) == ""
    pace = parse("throughput >= 100/min")
    counted = {"throughput": Counted(101, 101, 101, 202)}
    assert interval(judge(pace, [], counted=counted)) == "counted"
    assert (
        interval(judge(pace, [], counted={"throughput": Counted(101, -math.inf, 110, 2)}))
        == "0/min to 110/min"
    )


def test_what_is_needed():
    """A number where samples would decide, a sentence where none would, nothing where it is decided."""
    rate = parse("success_rate >= 95%")
    assert needed(judge_values(rate, [1.0] * 10)) == "49 more samples would decide"
    assert needed(judge_values(rate, [1.0] * 58)) == "1 more sample would decide"
    assert needed(judge_values(rate, [])) == "59 more samples would decide"
    assert needed(judge_values(rate, [1.0] * 19 + [0.0])) == "no affordable number of samples would decide"
    assert needed(judge_values(rate, [1.0] * 59)) == ""


def test_nothing_is_said_of_samples_where_they_do_not_say():
    """A mean without data, and a figure of a whole run: no number, and no claim that none would do."""
    assert needed(judge_values(parse("prompt_adherence.mean >= 0.9"), [])) == ""
    pace = judge(parse("throughput >= 100/min"), [], counted={"throughput": Counted(100, 90, 110, 9)})
    assert pace.verdict is Verdict.INCONCLUSIVE and needed(pace) == ""
    assert needed(replace(pace, verdict=Verdict.UNSCORED)) == ""
