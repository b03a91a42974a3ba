"""The verdict of pairs: what passes, what fails, what is left open, and what nobody can know."""

import functools
from dataclasses import replace

import numpy as np
import pytest

from facemon.model import Attempt, MonitoringData, Phases, State
from facemon.release import percentile_measure
from facemon.release.comparison import EXIT_CODES, Comparison, GateVerdict, compare
from facemon.release.looks import Pair
from facemon.release.margins import DEFAULTS, Margin, margins_of
from facemon.release.measure import MetricComparison
from facemon.slo.judging import Verdict
from tests.release.pairs import MOMENT, failed, pair, pairs, record

GOOD = record()
WIDE = margins_of(
    (
        "success_rate=40%",
        "first_attempt_success_rate=40%",
        "response_time.p95=100%",
        "sound_picture_rate=40%",
        "quality_score=40",
        "prompt_adherence=0.4",
        "diversity_score=40",
    )
)


def metric(found: GateVerdict, name: str) -> MetricComparison:
    return next(each for each in found.metrics if each.margin.name == name)


def test_nothing_is_not_a_pass() -> None:
    """Without a pair every metric is unscored, and so is the gate: exit 11."""
    found = compare([])
    assert found.verdict is Verdict.UNSCORED
    assert {each.verdict for each in found.metrics} == {Verdict.UNSCORED}
    assert EXIT_CODES[found.verdict] == 11


def test_equal_sides_pass_and_no_sooner_than_the_evidence_suffices() -> None:
    """At the default margins 444 pairs without any difference pass, and 443 do not; all but diversity after 388."""
    assert compare(pairs(443, GOOD, GOOD)).verdict is Verdict.INCONCLUSIVE
    found = compare(pairs(1000, GOOD, GOOD))
    assert found.verdict is Verdict.PASS
    assert found.pairs == 444
    of_records = [margin for margin in DEFAULTS if not margin.of_pictures]
    assert compare(pairs(387, GOOD, GOOD), of_records).verdict is Verdict.INCONCLUSIVE
    assert compare(pairs(1000, GOOD, GOOD), of_records).pairs == 388


def test_it_stops_at_the_pair_that_decides() -> None:
    """What comes after it is not looked at."""
    comparison = Comparison(WIDE)
    seen = 0
    while not comparison.finished:
        comparison.add(Pair(GOOD, failed()))
        seen += 1
    assert comparison.pairs == seen < 20
    assert comparison.verdict().verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("candidate", "name"),
    [
        (failed(), "success_rate"),
        (record(sound=False), "sound_picture_rate"),
        (record(quality=20.0), "quality_score.mean"),
        (record(adherence=0.0), "prompt_adherence.mean"),
        (record(seconds=2.0), "response_time.p95"),
        (record(price=8.0), "credits.mean"),
    ],
)
def test_a_candidate_that_is_worse_fails_for_that(candidate: MonitoringData, name: str) -> None:
    """Each metric alone brings the gate to a fail, with its interval beyond the margin."""
    found = compare(pairs(400, GOOD, candidate))
    assert found.verdict is Verdict.FAIL
    bad = metric(found, name)
    assert bad.verdict is Verdict.FAIL
    worst_allowed = bad.margin.amount if bad.margin.measure.low_is_good else -bad.margin.amount
    assert (bad.lower >= worst_allowed) if bad.margin.measure.low_is_good else (bad.upper <= worst_allowed)


@pytest.mark.parametrize(
    ("margin", "beyond", "within"),
    [
        ("response_time.p95=10%", record(1.11), record(1.09)),
        ("quality_score=2", record(quality=87.5), record(quality=88.5)),
        ("prompt_adherence=0.01", record(adherence=0.78), record(adherence=0.8)),
    ],
)
def test_the_margin_is_where_it_was_put(margin: str, beyond: MonitoringData, within: MonitoringData) -> None:
    """Of candidates on both sides of it, the one beyond is never passed, and the one within is never failed."""
    only = [each for each in margins_of([margin]) if each.name.startswith(margin.split("=")[0])]
    verdicts = [compare(pairs(3000, GOOD, each), only).verdict for each in (beyond, within)]
    assert verdicts[0] is not Verdict.PASS
    assert verdicts[1] is not Verdict.FAIL
    assert Verdict.FAIL in verdicts or Verdict.PASS in verdicts


def test_a_better_candidate_passes() -> None:
    """Faster, cheaper, better pictures, more of them: no margin is touched."""
    before, after = record(3.0, quality=60.0, adherence=0.5), record(1.0, quality=90.0, price=2.0)
    found = compare(pairs(450, before, after))
    assert found.verdict is Verdict.PASS
    assert metric(found, "credits.mean").difference == pytest.approx(-1 / 3)


def test_pass_needs_every_metric() -> None:
    """Seven that are shown and one that is open: inconclusive."""
    chance = np.random.default_rng(1)
    asked = [
        pair(seed, record(float(a)), record(float(b)))
        for seed, (a, b) in enumerate(np.exp(0.35 * chance.standard_normal((450, 2))), 1)
    ]
    found = compare(asked)
    assert {each.verdict for each in found.metrics} == {Verdict.PASS, Verdict.INCONCLUSIVE}
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.needed == metric(found, "response_time.p95").needed
    assert found.needed is not None


def test_the_pairs_that_are_missing_are_foretold() -> None:
    """From 40 equal pairs, those that it takes: 444 in all, 388 for all but diversity."""
    found = compare(pairs(40, GOOD, GOOD))
    assert found.needed == 404
    assert metric(found, "success_rate").needed == pytest.approx(348, abs=2)


def test_what_would_never_be_decided_is_foretold_as_if_both_were_alike() -> None:
    """On the margin itself no number of such pairs decides; the pairs it takes if the loss was chance are said."""
    asked = [*pairs(98, GOOD, GOOD), *pairs(1, GOOD, failed())] * 2
    found = compare(asked, [Margin("success_rate", None, 0.0101010101)])
    assert found.verdict is Verdict.INCONCLUSIVE
    assert found.needed is not None
    assert 200 < found.needed < 2000


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("prompt_adherence.mean", record(), record(adherence=0.7)),
        ("response_time.p95", record(), record(9.0)),
    ],
)
def test_a_candidate_that_got_worse_does_not_live_on_its_past(
    name: str, good: MonitoringData, bad: MonitoringData
) -> None:
    """What was shown before passes no figure that lies beyond the margin by now, nor fails a mended one."""
    margins = [margin for margin in DEFAULTS if margin.name == name]
    comparison = Comparison(margins, give_up_after=0)
    for one in pairs(1500, good, good):
        comparison.add(one)
    assert comparison.verdict().verdict is Verdict.PASS
    for one in pairs(400, good, bad):
        comparison.add(one)
    assert comparison.verdict().verdict is not Verdict.PASS
    other = Comparison(margins, give_up_after=0)
    for one in pairs(1000, good, bad):
        other.add(one)
    assert other.verdict().verdict is Verdict.FAIL
    for one in pairs(19_500, good, good):
        other.add(one)
    assert other.verdict().verdict is not Verdict.FAIL


def test_fail_outranks_what_cannot_be_known() -> None:
    """No picture is judged, but the candidate brings none: that is seen, and it is a fail."""
    found = compare(pairs(30, record(quality=None, adherence=None, sound=False), failed()))
    assert found.verdict is Verdict.FAIL
    assert metric(found, "quality_score.mean").verdict is Verdict.UNSCORED


@pytest.mark.parametrize("side", ["baseline", "candidate"])
def test_an_unknown_side_leaves_the_pair_out(side: str) -> None:
    """Our own key, budget or network says nothing of either; the cause is counted, and after five the gate gives up."""
    blind = failed(State.UNKNOWN, "unauthorized")
    found = compare([replace_side(Pair(GOOD, GOOD), side, blind)] * 50)
    assert found.verdict is Verdict.UNSCORED
    assert found.left_out == {"unauthorized": 5}
    assert found.pairs == 0
    assert "unauthorized, 5 times in a row" in found.blind


def replace_side(pair: Pair, side: str, with_record: MonitoringData) -> Pair:
    return replace(pair, **{side: with_record})


def test_a_dead_service_is_no_equal_of_itself() -> None:
    """Both sides fail alike, which no difference shows; but nothing is known of the pictures: never a pass."""
    comparison = Comparison(DEFAULTS, give_up_after=5)
    for each in pairs(500, failed(), failed()):
        comparison.add(each)
    assert comparison.finished
    assert comparison.verdict().verdict is Verdict.UNSCORED
    assert compare(pairs(500, failed(), failed())).pairs == 5


def test_a_dead_service_is_unknown_even_if_only_its_answers_are_compared() -> None:
    """Failures on both sides are data of a success rate, and no news: 11, not 10."""
    found = compare(pairs(500, failed(), failed()), [Margin("success_rate", None, 0.01)])
    assert found.metrics[0].verdict is Verdict.INCONCLUSIVE
    assert found.verdict is Verdict.UNSCORED


def test_the_more_metrics_the_more_it_takes_to_fail_one() -> None:
    """The 5 % of wrong fails are shared by all metrics (Bonferroni); those of wrong passes need not be."""
    alone = [margin for margin in DEFAULTS if margin.name == "sound_picture_rate"]
    bad = record(sound=False)
    assert compare(pairs(50, GOOD, bad), alone).pairs < compare(pairs(50, GOOD, bad)).pairs
    of_records = [margin for margin in DEFAULTS if not margin.of_pictures]
    assert compare(pairs(400, GOOD, GOOD), alone).pairs == compare(pairs(400, GOOD, GOOD), of_records).pairs


def test_a_baseline_that_fails_now_and_then_is_no_reason_to_give_up() -> None:
    """Only failures in a row are: the count starts anew with each picture."""
    found = compare((pair(seed, GOOD if seed % 5 == 0 else failed(), GOOD) for seed in range(1, 501)), WIDE)
    assert not found.blind
    assert found.verdict is Verdict.PASS


def test_a_scorer_that_is_missing_is_unknown() -> None:
    """Pictures come and none has a score: after five the gate says so, with the evaluator and its reason."""
    found = compare(pairs(500, record(quality=None), record(quality=None)))
    assert found.verdict is Verdict.UNSCORED
    assert found.pairs == 5
    assert "sharpness: no model" in found.blind


def test_a_picture_without_a_score_counts_as_lost() -> None:
    """A candidate whose bad pictures cannot be judged must not pass for it: 1 of 10 is more than 0.01 of adherence."""
    bad = record(adherence=None)
    found = compare(pair(seed, GOOD, GOOD if seed % 10 else bad) for seed in range(1, 1001))
    adherence = metric(found, "prompt_adherence.mean")
    assert adherence.verdict is Verdict.INCONCLUSIVE
    assert adherence.unjudged == 100
    assert adherence.lower < -0.05
    assert found.verdict is Verdict.INCONCLUSIVE


def test_a_faulty_picture_that_nobody_can_score_is_a_fault_and_not_blindness() -> None:
    """A candidate that paints no face has no adherence; that it is faulty has been seen, and it fails for it."""
    found = compare(pairs(50, GOOD, record(adherence=None, sound=False)))
    assert found.verdict is Verdict.FAIL
    assert metric(found, "sound_picture_rate").verdict is Verdict.FAIL


def test_a_metric_nobody_read_is_unscored_at_the_end() -> None:
    """Pictures of both sides never meet in a pair: quality has no data, so it is no pass, whatever the rest says."""
    found = compare([Pair(GOOD, failed()), Pair(failed(), GOOD)] * 300, WIDE)
    assert metric(found, "quality_score.mean").verdict is Verdict.UNSCORED
    assert metric(found, "diversity_score").verdict is Verdict.UNSCORED
    assert found.verdict is Verdict.UNSCORED


def test_a_price_is_counted_and_not_estimated() -> None:
    """One pair shows it; up to the margin it may rise."""
    dearer = [Pair(GOOD, record(price=6.0))]
    assert metric(compare(dearer), "credits.mean").verdict is Verdict.FAIL
    assert metric(compare(dearer, margins_of(["credits=100%"])), "credits.mean").verdict is Verdict.PASS


def test_a_low_figure_that_is_good_is_read_the_other_way_round() -> None:
    """More retries are worse, fewer better."""
    margin = Margin("retry_count", "mean", 0.5)
    tried = record()
    retried = replace(tried, attempts=(_attempt(), _attempt(), _attempt()))
    assert compare(pairs(60, tried, retried), [margin]).verdict is Verdict.FAIL
    assert compare(pairs(60, retried, tried), [margin]).verdict is Verdict.PASS


def _attempt() -> Attempt:
    return Attempt(1, MOMENT, 1.0, Phases(), "success")


def test_percentiles_are_looked_at_ever_more_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """After every 10 pairs, and from 500 on when 2 % more are there, so that the work does not grow with the square."""
    looks: list[int] = []
    monkeypatch.setattr(
        percentile_measure, "log_evidence_lower", lambda low, *_: looks.append(len(low)) or 0.0
    )
    monkeypatch.setattr(percentile_measure, "log_evidence_higher", lambda *_: 0.0)
    measure = percentile_measure.PercentileMeasure(Margin("response_time", "p95", 0.1), 0.95, 0.01)
    for each in pairs(2000, GOOD, GOOD):
        measure.add(each)
    assert looks[:50] == list(range(10, 510, 10))
    assert len(looks) < 130


@pytest.mark.slow
@pytest.mark.parametrize(
    ("candidate", "wrong"),
    [
        ("identical", Verdict.FAIL),
        ("success", Verdict.PASS),
        ("slower", Verdict.PASS),
        ("adherence", Verdict.PASS),
    ],
)
def test_a_wrong_verdict_comes_at_most_in_five_of_a_hundred(candidate: str, wrong: Verdict) -> None:
    """100 seeded gates each: identical, and beyond a margin by as much again; peeked at after every pair."""
    found = [_seeded(candidate, seed) for seed in range(100)]
    assert sum(each.verdict is wrong for each in found) <= 5
    for each in found:
        if each.verdict is Verdict.INCONCLUSIVE:
            assert each.needed is not None


def _seeded(candidate: str, seed: int, count: int = 400) -> GateVerdict:
    chance = np.random.default_rng(seed)
    sides = (
        _service(),
        _service(
            success=0.97 if candidate == "success" else 0.99,
            slower=1.2 if candidate == "slower" else 1.0,
            less=0.02 if candidate == "adherence" else 0.0,
        ),
    )
    drawn = chance.integers(len(sides[0]), size=(count, 2))
    faces = enumerate(drawn, 1)
    return compare(pair(seed, sides[0][old], sides[1][new]) for seed, (old, new) in faces)


@functools.cache
def _service(success: float = 0.99, slower: float = 1.0, less: float = 0.0) -> list[MonitoringData]:
    """500 generations, each as probable as any other."""
    chance, good = np.random.default_rng(0), round(500 * success)
    return [
        record(
            slower * float(np.exp(0.35 * chance.standard_normal())),
            adherence=0.5 + 0.4 * chance.random() - less,
        )
        if place < good
        else failed()
        for place in range(500)
    ]
