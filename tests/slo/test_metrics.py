"""What each metric reads of a record, one by one."""

import dataclasses
import math

import pytest

from facemon.errors import ServerError
from facemon.model import Quality
from facemon.slo.metrics import DEADLINE, METRICS, Kind

DOWN = (ServerError("HTTP 500", status=500),)


def read(name, record):
    """What the metric of a name sees."""
    return METRICS[name].read(record)


def test_every_metric_of_the_specification_is_there():
    """The names are the specification's; each table entry is found by its own name."""
    assert {"response_time", "throughput", "success_rate", "quality_score", "prompt_adherence"} <= set(
        METRICS
    )
    assert {"diversity_score", "error_rate", "retry_count", "memory", "cpu"} <= set(METRICS)
    assert all(name == metric.name for name, metric in METRICS.items())


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_each_metric_has_a_range_a_unit_and_words(metric):
    """A finite range (the interval of a mean rests on it), units that scale upwards from 0, and a summary."""
    assert metric.lowest < metric.highest < math.inf
    assert next(iter(metric.unit.scales)) is not None and all(
        scale > 0 for scale in metric.unit.scales.values()
    )
    assert metric.summary and (metric.kind is not Kind.RATE or not metric.statistics)


def test_success_at_last_and_at_once(make):
    """A picture on the third attempt is a success, no first-attempt success, no error, and two retries."""
    record = make(5.0, attempts=3, first=2.5)
    assert (read("success_rate", record), read("first_attempt_success_rate", record)) == (1, 0)
    assert (read("error_rate", record), read("retry_count", record)) == (0, 2)
    assert (read("response_time", record), read("first_attempt_time", record)) == (5.0, math.inf)


def test_the_first_attempts_own_time(make):
    """Without a retry it is the attempt's own duration, without what lies around it."""
    assert read("first_attempt_time", make(1.4, first=1.2)) == 1.2


def test_no_attempt_at_all_has_the_records_time(make):
    """A foreign function's generation has no attempts: its time is the first one's too."""
    assert read("first_attempt_time", make(1.4, attempts=0)) == 1.4
    assert read("first_attempt_time", make(1.4, attempts=0, errors=DOWN)) == math.inf


def test_a_failure_is_slower_than_any_limit_and_costs_nothing_known(make):
    """However soon it came; what it cost stands in the ledger."""
    record = make(0.1, errors=DOWN)
    assert (read("response_time", record), read("success_rate", record), read("error_rate", record)) == (
        math.inf,
        0,
        1,
    )
    assert read("credits", record) is None and read("credits", make(credits_booked=6.5)) == 6.5


def test_a_broken_picture_is_a_failure(make):
    """It came in 0.1 s and does not decode: no success, and no judged picture."""
    record = make(0.1, scores={"decodes": "invalid_image", "not_blank": None})
    assert (read("success_rate", record), read("response_time", record)) == (0, math.inf)
    assert read("sound_picture_rate", record) is None


def test_soundness(make):
    """Sound if every evaluator found it so, unsound if one did not, and else nobody can tell."""
    sound, failed = make(scores={"a": True, "b": True}), make(scores={"a": True, "b": False, "c": None})
    assert read("sound_picture_rate", sound) == 1 and read("sound_picture_rate", failed) == 0
    pending = dataclasses.replace(sound, quality=dataclasses.replace(sound.quality, pending=True))
    silent = [make(), make(scores={"a": True, "b": None}), pending, make(errors=DOWN)]
    assert [read("sound_picture_rate", record) for record in silent] == [None] * 4
    waiting = dataclasses.replace(failed, quality=dataclasses.replace(failed.quality, pending=True))
    assert read("sound_picture_rate", waiting) == 0
    assert read("sound_picture_rate", dataclasses.replace(sound, quality=Quality(pending=True))) is None


def test_scores_are_the_records_own(make):
    """Quality and adherence are as the evaluators left them; None without them."""
    assert read("prompt_adherence", make(adherence=0.82)) == 0.82
    assert read("prompt_adherence", make()) is None and read("quality_score", make()) is None


def test_figures_of_a_run_are_in_no_record(make):
    """Throughput, memory, CPU and diversity are counted elsewhere."""
    assert {read(name, make()) for name, metric in METRICS.items() if metric.kind is Kind.RUN} == {None}


def test_the_deadline_is_the_settings_default():
    """The range of a time ends where a generation does."""
    from facemon.config import Settings

    assert Settings.model_fields["generation_timeout"].default == DEADLINE
