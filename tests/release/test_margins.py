"""Margins as a person writes them: read, replaced, taken out, and refused with the way out."""

import pytest

from facemon.errors import InvalidInput
from facemon.release.margins import DEFAULTS, Margin, known, margins_of
from facemon.slo.metrics import METRICS


def test_the_defaults_are_the_documented_ones() -> None:
    """1 point of rates, 10 % of p95, 2 points of quality, 0.01 of adherence, 10 points of diversity, no credit more."""
    assert [str(margin) for margin in DEFAULTS] == [
        "success_rate=1%",
        "first_attempt_success_rate=1%",
        "response_time.p95=10%",
        "sound_picture_rate=1%",
        "quality_score.mean=2",
        "prompt_adherence.mean=0.01",
        "diversity_score=10",
        "credits.mean=0%",
    ]


@pytest.mark.parametrize("margin", DEFAULTS, ids=str)
def test_a_margin_that_is_shown_is_one_that_can_be_typed(margin: Margin) -> None:
    """What a margin says of itself reads back as the same margin."""
    assert margin in margins_of([str(margin)])


@pytest.mark.parametrize(
    ("text", "margin"),
    [
        ("success_rate=2%", Margin("success_rate", None, 0.02)),
        ("success_rate = 2 %", Margin("success_rate", None, 0.02)),
        ("response_time.p99=25%", Margin("response_time", "p99", 0.25)),
        ("first_attempt_time.p50=5%", Margin("first_attempt_time", "p50", 0.05)),
        ("quality_score=3", Margin("quality_score", "mean", 3.0)),
        ("quality_score.mean=3 points", Margin("quality_score", "mean", 3.0)),
        ("prompt_adherence=2%", Margin("prompt_adherence", "mean", 0.02)),
        ("diversity_score=5", Margin("diversity_score", None, 5.0)),
        ("credits=200%", Margin("credits", "mean", 2.0)),
        ("retry_count=0.1", Margin("retry_count", "mean", 0.1)),
    ],
)
def test_an_amount_is_read_in_its_unit(text: str, margin: Margin) -> None:
    """Percentage points for rates, per cent of the baseline for times and credits, else the metric's own unit."""
    assert margin in margins_of([text])


def test_what_is_said_replaces_the_default_and_leaves_the_others() -> None:
    """One margin is typed, eight are compared; `off` makes it seven."""
    assert len(margins_of(["success_rate=5%"])) == len(DEFAULTS)
    assert "success_rate" not in {margin.name for margin in margins_of(["success_rate=off"])}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("succes_rate=1%", "did you mean success_rate?"),
        ("response_time.p9x=10%", "did you mean response_time.p95?"),
        ("response_time.mean=10%", "response_time.pNN"),
        ("response_time=10%", "response_time.pNN"),
        ("response_time.p0=10%", "response_time.pNN"),
        ("memory=1%", "one of success_rate"),
        ("diversity_score=1%", "a number with its unit"),
        ("diversity_score.mean=1", "one of success_rate"),
        ("diversity_score=0", "no number of pairs could confirm"),
        ("diversity_score=100", "less than 100"),
        ("error_rate=1%", "one of success_rate"),
        ("success_rate", "METRIC=AMOUNT"),
        ("success_rate=", "METRIC=AMOUNT"),
        ("=1%", "METRIC=AMOUNT"),
        ("success_rate=1", "such as 1%"),
        ("success_rate=0%", "no number of pairs could confirm"),
        ("success_rate=-1%", "a number with its unit"),
        ("success_rate=100%", "less than 1"),
        ("success_rate=nan%", "a number with its unit"),
        ("response_time.p95=10", "such as 1%"),
        ("response_time.p95=0%", "no number of pairs could confirm"),
        ("response_time.p95=1000%", "less than 10"),
        ("response_time.p95=0.3s", "such as 1%"),
        ("quality_score=100", "less than 100"),
        ("quality_score=2%", "a number with its unit"),
        ("prompt_adherence=1.5", "less than 1"),
        ("throughput=off", "off for one of"),
    ],
)
def test_a_margin_that_is_none_is_refused_with_what_is_accepted(text: str, says: str) -> None:
    """Misspelt, without its unit, or such that nothing could confirm or exceed it."""
    with pytest.raises(InvalidInput) as refused:
        margins_of([text])
    assert says in str(refused.value)


def test_two_margins_for_one_metric_are_refused() -> None:
    """The second would silently outrank the first; a short name is the same metric."""
    with pytest.raises(InvalidInput, match="twice"):
        margins_of(["quality_score=2", "quality_score.mean=3"])


def test_at_least_one_metric_is_compared() -> None:
    """With all but the price off, nothing of the service would be seen."""
    with pytest.raises(InvalidInput, match="at least one metric"):
        margins_of([f"{margin.name}=off" for margin in DEFAULTS if not margin.counted])


def test_a_kept_run_takes_no_margin_of_diversity() -> None:
    """It holds no pictures: a margin for it that was said is refused with the way out; off and the default are not."""
    with pytest.raises(
        InvalidInput, match="diversity_score with a kept run, which holds no pictures: ask both"
    ):
        margins_of(["diversity_score=10"], kept=True)
    assert margins_of([], kept=True) == DEFAULTS
    assert not any(margin.of_pictures for margin in margins_of(["diversity_score=off"], kept=True))


def test_diversity_alone_is_nothing_to_compare_with_a_kept_run() -> None:
    """It will be left out, and then nothing of the service would be seen; of two that are asked it is enough."""
    off = [f"{margin.name}=off" for margin in DEFAULTS if margin.name != "diversity_score"]
    assert [str(margin) for margin in margins_of(off)] == ["diversity_score=10"]
    with pytest.raises(InvalidInput, match="at least one metric"):
        margins_of(off, kept=True)


def test_the_known_names_are_metrics() -> None:
    """What a refusal offers is accepted."""
    for name in known():
        metric, _, statistic = name.replace("pNN", "p95").partition(".")
        assert metric in METRICS
        Margin(metric, statistic or None, 0.1)
