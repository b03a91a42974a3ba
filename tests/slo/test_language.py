"""The language of objectives: what a sentence means, how it is printed, and why another is refused."""

import pytest

from facemon.errors import ConfigError
from facemon.slo.language import EXAMPLE, duration, parse, parse_duration, show
from facemon.slo.objectives import Objective, ObjectiveError


@pytest.mark.parametrize(
    ("sentence", "objective"),
    [
        ("response_time.p95 <= 3s", Objective("response_time", "p95", 3)),
        ("response_time.p99.9 <= 2500ms", Objective("response_time", "p99.9", 2.5)),
        ("response_time.mean <= 0.1min", Objective("response_time", "mean", 6)),
        ("success_rate >= 99%", Objective("success_rate", None, 0.99)),
        ("success_rate >= 0.99", Objective("success_rate", None, 0.99)),
        ("error_rate <= 0.5 %", Objective("error_rate", None, 0.005)),
        ("prompt_adherence.mean >= 0.9", Objective("prompt_adherence", "mean", 0.9)),
        ("prompt_adherence.mean >= 90%", Objective("prompt_adherence", "mean", 0.9)),
        ("quality_score.p10 >= 60 points", Objective("quality_score", "p10", 60)),
        ("throughput >= 100/min", Objective("throughput", None, 100)),
        ("throughput >= 2/s", Objective("throughput", None, 120)),
        ("memory.max <= 0.256GB", Objective("memory", "max", 256)),
        ("cpu.mean <= 30%", Objective("cpu", "mean", 0.3)),
        ("credits.mean <= 3.5 credits", Objective("credits", "mean", 3.5)),
        ("diversity_score >= 50", Objective("diversity_score", None, 50)),
        (EXAMPLE, Objective("response_time", "p95", 3, ("age",), 3600, 200)),
        (
            "success_rate>=95% from 100 samples over 7d by age, gender",
            Objective("success_rate", None, 0.95, ("age", "gender"), 7 * 86400, 100),
        ),
        ("success_rate ≥ 95% by model and check", Objective("success_rate", None, 0.95, ("model", "check"))),
        ("  error_rate\t≤ 5% \n over 90s ", Objective("error_rate", None, 0.05, window=90)),
    ],
)
def test_what_a_sentence_means(sentence, objective):
    """Metric, statistic, limit with its unit, and the clauses in any order."""
    assert parse(sentence) == objective


@pytest.mark.parametrize(
    ("objective", "sentence"),
    [
        (Objective("response_time", "p95", 0.0035), "response_time.p95 <= 0.0035s"),
        (Objective("error_rate", None, 0.005), "error_rate <= 0.5%"),
        (Objective("throughput", None, 100 / 60), "throughput >= 1.66666666667/min"),
        (
            Objective("success_rate", None, 0.95, ("age", "gender"), 5400, 72),
            "success_rate >= 95% by age, gender over 90min from 72 samples",
        ),
    ],
)
def test_how_it_is_printed(objective, sentence):
    """In the unit that people use, clauses in one order; it is what `str` gives too."""
    assert show(objective) == str(objective) == sentence


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(60, "1min"), (90, "90s"), (3600, "1h"), (5400, "90min"), (86400, "1d"), (61.5, "61.5s")],
)
def test_durations_both_ways(seconds, text):
    """The largest unit of which it is a whole number; read again it is the same."""
    assert duration(seconds) == text and parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "1", "1 week", "-1h", "1h30min", "nan s", "１h", "1e3s"])
def test_what_is_no_duration(text):
    """The refusal says what is accepted."""
    with pytest.raises(ValueError, match="a number and a unit, such as 90s"):
        parse_duration(text)


FULL = f"write it as {EXAMPLE!r}"
MALFORMED = [
    # a metric that is none
    ("respons_time.p95 <= 3s", "there is no metric 'respons_time'; did you mean response_time?"),
    ("responseTime.p95 <= 3s", "did you mean response_time?"),
    ("RESPONSE_TIME.p95 <= 3s", "did you mean response_time?"),
    ("succes_rate >= 99%", "did you mean success_rate?"),
    ("success rate >= 95%", "did you mean success_rate?"),
    ("error-rate <= 5%", "did you mean error_rate?"),
    ("first_attempt_sucess_rate >= 95%", "did you mean first_attempt_success_rate?"),
    ("latency.p95 <= 3s", "did you mean response_time?"),
    ("uptime >= 99.9%", "did you mean success_rate?"),
    ("credit.mean <= 3", "did you mean credits?"),
    ("p95 <= 3s", "there is no metric 'p95': give success_rate, "),
    ("response_time․p95 <= 3s", "did you mean response_time?"),  # a dot that is none
    # a statistic that is none, or is missing
    (
        "response_time <= 3s",
        "has no statistic to judge by: give response_time.p50, p95, p99 (any percentile)",
    ),
    ("response_time. <= 3s", "after the point stands nothing: give response_time.pNN, response_time.mean"),
    ("response_time.meen <= 3s", "did you mean response_time.mean?"),
    ("response_time.median <= 3s", "did you mean response_time.p50?"),
    ("response_time.avg <= 3s", "did you mean response_time.mean?"),
    ("response_time.P95 <= 3s", "did you mean response_time.p95?"),
    ("response_time.95 <= 3s", "did you mean response_time.p95?"),
    ("response_time.max <= 3s", "has no statistic 'max' to judge by: give response_time.p50"),
    ("response_time.p100 <= 3s", "has no statistic 'p100' to judge by"),
    ("response_time.p0 <= 3s", "p0 is no percentile that samples can tell: give one from p0.01 to p99.99"),
    ("response_time.p99.9999 <= 3s", "give one from p0.01 to p99.99"),
    ("success_rate.mean >= 99%", "success_rate is one figure and has no statistic: leave .mean out"),
    ("memory.p95 <= 256MB", "give memory.max"),
    ("prompt_adherence >= 0.9", "give prompt_adherence.mean, "),
    # a comparison that is none, or the wrong way round
    ("response_time.p95 >= 3s", "a low response_time is a good one: write <=, not >="),
    ("success_rate <= 99%", "a high success_rate is a good one: write >=, not <="),
    ("response_time.p95 < 3s", "'<' is no comparison of this language: write <="),
    ("response_time.p95 == 3s", "'==' is no comparison of this language: write <="),
    ("success_rate => 99%", "'=>' is no comparison of this language: write >="),
    ("response_time.p95 is at most 3s", f"it compares nothing: {FULL}"),
    ("response_time.p95", f"it compares nothing: {FULL}"),
    ("<= 3s", f"it compares nothing: {FULL}"),
    ("", f"it compares nothing: {FULL}"),
    (" \n\t ", f"it compares nothing: {FULL}"),
    # a unit that is missing, or does not fit
    ("response_time.p95 <= 3", "is a duration, and a number alone does not say how much: give s, ms, min"),
    ("response_time.p95 <= 3sec", "'sec' is no unit of it: give s, ms, min"),
    ("response_time.p95 <= 3%", "'%' is no unit of it: give s, ms, min"),
    ("response_time.p95 <= 3ｓ", "is no unit of it: give s, ms, min"),  # full-width
    ("success_rate >= 99s", "is a share, and 's' is no unit of it: give %, no unit"),
    ("success_rate >= 99 percent", "give %, no unit"),
    ("throughput >= 100", "give /min, /s, /h"),
    ("throughput >= 100/minute", "give /min, /s, /h"),
    ("memory.max <= 256mb", "give MB, GB, kB"),
    ("success_rate >= 99", "is a share, of which 1 is all: write 99%"),
    ("cpu.mean <= 30", "of which 1 is all: write 30%"),
    ("prompt_adherence.mean >= 90", "write 90%"),
    ("response_time.p95 <= 3s; success_rate >= 99%", "'s;' is no unit of it"),
    # a limit that is none, or out of range
    ("response_time.p95 <=", f"after <= stands nothing: {FULL}"),
    ("success_rate >= nan", "'nan' is no number: give one such as 3, 0.9 or 99.5"),
    ("response_time.p95 <= infs", "'infs' is no number"),
    ("response_time.p95 <= -3s", "'-3' is no number"),
    (
        "response_time.p95 <= 3,5s",
        "'3,5' is no number: give one such as 3, 0.9 or 99.5, without sign, blanks or commas",
    ),
    ("response_time.p95 <= 3_000ms", "'3_000' is no number"),
    ("response_time.p95 <= .5s", "'.5' is no number"),
    ("response_time.p95 <= ３s", "is no number"),  # a full-width digit
    ("response_time.p95 <= 3by age", "'3by' is no number"),
    ("response_time.p95 <= 99999999999999999999s", "is no number"),
    ("response_time.p95 <= 1e999s", "inf is no limit for response_time: give a duration above 0"),
    ("success_rate >= 101%", "101% is more than all: give a share from 1% to 99.99%"),
    ("quality_score.mean >= 101", "it can never be confirmed: quality_score is never above 100"),
    # a promise that can never fail, never be confirmed, or fails for one failure
    ("success_rate >= 0%", "it can never fail: any number of failures keeps it"),
    ("error_rate <= 100%", "it can never fail"),
    ("quality_score.mean >= 0", "it can never fail: quality_score is never below 0"),
    ("response_time.mean <= 3min", "it can never fail: response_time is never above 180"),
    ("memory.max <= 1e99MB", "it can never fail"),
    ("response_time.p95 <= 0s", "it can never be confirmed: response_time is never below 0"),
    ("throughput >= 1e12/min", "it can never be confirmed"),
    (
        "success_rate >= 99.9999%",
        "it can hardly ever be confirmed: that takes more than 30000 samples; give a share",
    ),
    ("success_rate >= 0.0001%", "it can hardly ever fail"),
    (
        "success_rate >= 100%",
        "it would fail for one failure, and no number of samples could confirm it: give a share",
    ),
    ("error_rate <= 0%", "it would fail for one failure"),
    ("success_rate >= 95% from 1 sample", "it would fail for one failure in 1: give 2 samples or more"),
    ("success_rate >= 99% from 5 samples", "it would fail for one failure in 5: give 6 samples or more"),
    ("response_time.p99.9 <= 3s from 51 samples", "give 52 samples or more"),
    # clauses
    ("success_rate >= 95% by agee", "it cannot be split by 'agee'; did you mean age?"),
    (
        "success_rate >= 95% by colour",
        "it cannot be split by 'colour': give age, gender, model, template, check",
    ),
    ("success_rate >= 95% by age, age", "it is split by age, age: name each once"),
    ("success_rate >= 95% by age gender", "write 'by age, gender'"),
    ("success_rate >= 95% by age,", "write 'by age'"),
    ("success_rate >= 0.95 by", f"after 'by' stands nothing: {FULL}"),
    ("success_rate >= 95% by age by gender", "'by' stands in it twice: say it once"),
    ("success_rate >= 95% over 1h over 2h", "'over' stands in it twice: say it once"),
    ("success_rate >= 95% from 9 samples from 9 samples", "'from' stands in it twice: say it once"),
    ("success_rate >= 95% BY age", "did you mean by?"),
    ("success_rate >= 95% form 200 samples", "'form 200 samples' is not understood; did you mean from?"),
    ("success_rate >= 95% please", "'please' is not understood: give by, over, from"),
    (
        "success_rate >= 95% over 24",
        "'24' is no window: give a number and a unit, such as 90s, 30min, 1h, 7d",
    ),
    ("success_rate >= 95% over 1 week", "'1 week' is no window"),
    ("success_rate >= 95% over -1h", "'-1h' is no window"),
    ("success_rate >= 95% over 30s", "a window of 30 s is not accepted: give 1min to 366d"),
    ("success_rate >= 95% over 400d", "give 1min to 366d"),
    ("success_rate >= 95% from 200", "'from 200' is not understood: write it as 'from 200 samples'"),
    ("success_rate >= 95% from 2.5 samples", "write it as 'from 200 samples'"),
    ("success_rate >= 95% from 0 samples", "0 samples are not accepted: give 1 to 1000000"),
    ("success_rate >= 95% from 5000000 samples", "give 1 to 1000000"),
    (
        "throughput >= 100/min by age",
        "throughput is one figure of a whole run: leave `by`, `over` and `from` out",
    ),
    ("memory.max <= 256MB over 1h", "leave `by`, `over` and `from` out"),
]


@pytest.mark.parametrize(("sentence", "reason"), MALFORMED, ids=[repr(sentence) for sentence, _ in MALFORMED])
def test_a_malformed_objective_is_refused(sentence, reason):
    """With the sentence itself, the reason, and the nearest valid spelling or what is accepted, in one line."""
    with pytest.raises(ObjectiveError) as caught:
        parse(sentence)
    said = str(caught.value)
    assert reason in said
    assert said.startswith(f"objective {' '.join(sentence.split())!r}: ")
    assert "\n" not in said and isinstance(caught.value, ConfigError)


def test_there_are_many_of_them():
    """Each sentence of the table stands there once, and there are at least 45."""
    assert len({sentence for sentence, _ in MALFORMED}) == len(MALFORMED) >= 45


@pytest.mark.parametrize(
    "sentence",
    [
        "1" * 50_000,
        "response_time.p95 <= " + "1" * 50_000 + "x",
        "response_time.p95 <= 3s" + " by" * 20_000,
        "response_time.p95 <= 3s" + " " * 50_000 + "x",
        "x" * 50_000 + " <= 3s",
        "response_time.p95 <= 3s by " + "age ," * 10_000,
        "response_time.p95 <= " + "1e" * 20_000,
    ],
    ids=range(7),
)
def test_a_monstrous_sentence_is_refused_in_a_short_one(sentence):
    """The refusal quotes its beginning and stays readable."""
    with pytest.raises(ObjectiveError) as caught:
        parse(sentence)
    assert len(str(caught.value)) < 500
