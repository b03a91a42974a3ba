"""Each promise as a series of outcomes: what counts, what does not, and when it fires."""

from datetime import timedelta

import pytest
from series import BLURRED, at, name, record, records, run

from facemon.alerting.components import API, AVAILABILITY, MONITOR, PICTURES, SPEED
from facemon.alerting.subjects import pace, subjects
from facemon.model import Quality, Score, ScoreVerdict
from facemon.slo.language import parse

BALANCE, FACES = "check_balance.py::check_credits", "check_availability.py::check_a_face"


def watched(sentence=None, seen=(), runs=()):
    """Component → its subject."""
    objectives = [parse(sentence)] if sentence else []
    return {each.component: each for each in subjects(objectives, seen, runs)}


def goods(subject):
    return "".join("." if outcome.good else "x" for outcome in subject.outcomes)


def judged(values):
    """Records whose pictures have these quality scores."""
    return [
        record(number, quality=Quality((Score("face", "1", ScoreVerdict.PASSED, value, weight=1.0),)))
        for number, value in enumerate(values)
    ]


@pytest.mark.parametrize(
    ("sentence", "kinds", "component", "expected", "share"),
    [
        ("success_rate >= 99%", ".xrb", AVAILABILITY, ".x..", 0.99),
        ("error_rate <= 1%", ".xrb", AVAILABILITY, ".x..", 0.99),
        ("first_attempt_success_rate >= 95%", ".xrb", AVAILABILITY, ".xx.", 0.95),
        ("sound_picture_rate >= 95%", ".xrb", PICTURES, "..x", 0.95),
    ],
)
def test_a_rate_is_a_series_of_good_and_bad(sentence, kinds, component, expected, share):
    """One outcome for each generation that can tell, with its record; a failure shows no picture."""
    subject = watched(sentence, records(kinds))[component]
    assert (goods(subject), subject.share, subject.mean) == (expected, share, None)
    assert subject.name == sentence and subject.outcomes[0].ref == name(0)
    assert subject.outcomes[-1].at == at(3)


def test_a_percentile_is_a_share_that_comes_in_time():
    """Of a p95 of 3 s that is 95 %: at 3 s in time, and a failure never."""
    seen = [record(0, seconds=3.0), record(1, seconds=3.01), record(2, "x", seconds=0.1), record(3)]
    subject = watched("response_time.p95 <= 3s", seen)[SPEED]
    assert (goods(subject), subject.share) == (".xx.", 0.95)


def test_a_low_percentile_of_what_should_be_high():
    """Of `quality_score.p5 >= 60` 95 % must have at least 60."""
    subject = watched("quality_score.p5 >= 60", judged([60, 59, 100]))[PICTURES]
    assert (goods(subject), subject.share) == (".x.", 0.95)


def test_a_mean_is_a_series_of_values():
    """In the unit of the promise, with its range; a failure takes the deadline."""
    subject = watched("quality_score.mean >= 80", judged([60, 90]))[PICTURES]
    assert [outcome.value for outcome in subject.outcomes] == [60, 90] and subject.share is None
    assert (subject.mean.limit, subject.mean.highest, subject.mean.low_is_good) == (80, 100, False)
    times = watched("response_time.mean <= 3s", records(".x"))[SPEED]
    assert [outcome.value for outcome in times.outcomes] == [1.0, 180.0] and times.mean.low_is_good


def test_what_cannot_be_seen_is_no_outcome():
    """Unknown records count for the monitor, and for nothing else; pictures that nobody judged for no picture rate."""
    found = watched("success_rate >= 99%", records(".?x?"))
    assert (goods(found[AVAILABILITY]), goods(found[MONITOR])) == (".x", ".x.x")
    unjudged = records("..", quality=Quality())
    assert watched("sound_picture_rate >= 95%", unjudged)[PICTURES].outcomes == ()


@pytest.mark.parametrize("sentence", ["throughput >= 10/min", "diversity_score >= 50", "memory.max <= 500MB"])
def test_a_figure_of_a_whole_run_is_no_series(sentence):
    """It is judged by its run."""
    assert list(watched(sentence, records("...x"))) == [MONITOR]


def test_three_failures_in_a_row_fire_and_two_do_not():
    """For an objective and for the monitor itself, with the records."""
    for sentence, component, sign in (("success_rate >= 99%", AVAILABILITY, "x"), (None, MONITOR, "?")):
        two, three = (
            watched(sentence, records("." * 20 + sign * count))[component].judged().finding
            for count in (2, 3)
        )
        assert two is None
        assert three.urgent and three.refs == (name(22), name(21), name(20)) and three.since == at(20)


def test_a_mean_that_fell_fires():
    """With the mean since then; one that is kept does not."""
    fell = watched("quality_score.mean >= 80", judged([90] * 20 + [40] * 30))[PICTURES].judged().finding
    assert 40 <= fell.mean < 80 and not fell.urgent
    assert watched("quality_score.mean >= 80", judged([82] * 50))[PICTURES].judged().finding is None


@pytest.mark.parametrize("check", [BALANCE, "check_beards.py::check_they_grow"])
def test_a_check_fires_after_three_failing_runs_in_a_row(check):
    """With fewer than three failures not at all; outcomes that tell nothing neither add to the row nor end it."""

    def finding(outcomes):
        runs = [run(number, {check: outcome}) for number, outcome in enumerate(outcomes)]
        (subject, _) = subjects([], [], runs)
        assert subject.name == check
        return subject.judged().finding

    assert finding(["passed"] * 9 + ["failed"] * 2) is None
    assert finding(["failed", "passed", "failed", "passed", "passed"]) is None
    assert finding(["passed", "failed", "unknown", "failed", "skipped"]) is None
    assert finding(["passed", "failed", "unknown", "failed", "skipped", "failed"]).seen == 3


def test_a_check_of_which_records_tell_is_evidence_only():
    """Availability, speed and pictures are watched by their records, so that one cause is one alert."""
    failing = [run(number, {FACES: "failed", BALANCE: "failed"}) for number in range(5)]
    assert set(watched(None, [], failing)) == {API, MONITOR}


def test_runs_that_overlap_are_outcomes_in_the_order_of_their_ends():
    """A run that began first and ended last breaks nothing."""
    long = run(0, {BALANCE: "failed"}, finished_at=at(9))
    runs = [long, run(1, {BALANCE: "failed"}), run(2, {BALANCE: "failed"})]
    subject = watched(None, [], runs)[API]
    assert [outcome.at for outcome in subject.outcomes] == [at(1.1), at(2.1), at(9)]
    assert subject.judged().finding.bad == 3


def test_a_run_that_keeps_no_checks_is_passed_over():
    """Runs of other versions, and those that were killed."""
    assert set(watched(None, [], [run(0, summary={}), run(1, summary={"checks": []})])) == {MONITOR}


def test_nothing_before_a_recovery_counts():
    """Not the failure at the very moment, either; three new ones do."""
    subject = watched("success_rate >= 99%", records("xxxx..xx"))[AVAILABILITY]
    assert subject.judged().finding.since == at(0)
    assert subject.judged(at(3)).finding is None and subject.judged(None, 0, at(3)).finding is None
    more = watched("success_rate >= 99%", records("xxxx..xxx"))[AVAILABILITY]
    assert more.judged(at(3)).finding.since == more.judged(None, 0, at(3)).finding.since == at(6)
    assert more.judged(at(8)).finding is None and more.judged(at(3), 0, at(6)).finding is None


def test_the_pace_is_that_of_the_last_week():
    """Outcomes an hour; the first, or none, counts as one."""
    assert pace(()) == 1.0
    outcomes = watched(None, records("." * 61))[MONITOR].outcomes
    assert pace(outcomes[:1]) == 1.0 and pace(outcomes) == pytest.approx(6.1)
    late = watched(None, [record(-9000), *records("." * 61)])[MONITOR].outcomes
    assert late[0].at < late[-1].at - timedelta(days=7) and pace(late) == pytest.approx(6.1)


def test_a_blurred_picture_is_no_failure_of_the_service():
    """It came; that it is bad is the pictures' business."""
    found = watched("success_rate >= 99%", records("b" * 9))
    assert record(0, "b").quality == BLURRED and found[AVAILABILITY].judged().finding is None
