"""The section at the end, on verdicts made by hand."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

import pytest

from facemon.ledger import Spending
from facemon.model import State
from facemon.plugin.judged import Judged
from facemon.plugin.section import lines
from facemon.plugin.verdict import Exit, RunVerdict
from facemon.slo.aggregates import Aggregates
from facemon.slo.health import Health
from facemon.slo.judging import Judgement, Verdict
from facemon.slo.language import parse

FIGURES = Aggregates(
    count=72,
    known=72,
    succeeded=72,
    first_attempt_succeeded=70,
    average_response_time=0.61,
    p50_response_time=0.55,
    p90_response_time=0.8,
    p95_response_time=0.91,
    p99_response_time=1.2345,
    throughput=96.4,
    retry_count=2,
    credits=216.0,
    error_types={},
    causes_unknown={},
)
JUDGEMENT = Judgement(parse("success_rate >= 95%"), Verdict.PASS, 1.0, 0.9593, 1.0, 72)
VERDICT = RunVerdict(
    exit=Exit.PASS,
    target="sim",
    store=".facemon/facemon.db",
    run_id="01a202c1-96f2-74e5-8daf-c9d7fe1ab622",
    provider="stability_v2beta",
    model="core",
    health=Health(State.UP, "72 generations"),
    figures=FIGURES,
    judged=Judged((JUDGEMENT,)),
    spending=Spending(216.0, 300.0),
    spent=216.0,
    unknown=(),
    attempts=74,
    on_the_way={},
    not_tried={},
    not_needed={},
    max_memory=110 * 2**20,
    probes=7,
)
NO_DATA = replace(
    FIGURES,
    count=0,
    known=0,
    succeeded=0,
    first_attempt_succeeded=0,
    average_response_time=None,
    p50_response_time=None,
    p90_response_time=None,
    p95_response_time=None,
    p99_response_time=None,
    throughput=None,
    retry_count=0,
)


def text(**changes: Any) -> str:
    """The section of the verdict above with some of it changed."""
    return "\n".join(line for line, _ in lines(replace(VERDICT, **changes)))


def row(**changes: Any) -> str:
    """The line of one objective."""
    judgement = replace(JUDGEMENT, **changes)
    found = [line for line in text(judged=Judged((judgement,))).splitlines() if judgement.text in line]
    assert len(found) == 1
    return found[0]


def test_a_good_run_reads_like_this() -> None:
    """The whole section of a good run, to the letter."""
    assert (
        text()
        == """\
target    sim · stability_v2beta · core
state     up: 72 generations

verdict       objective                             observed        95% one-sided          n
pass          success_rate >= 95%                   100.0%          95.9% to 100.0%       72

times     average 0.61 s · p50 0.55 s · p90 0.8 s · p95 0.91 s · p99 1.23 s
pictures  72 of 72 · 96 a minute · memory at most 115 MB a process · 7 deliberate refusals and drills apart
errors    none
retries   2 · success rate 100.0%, at the first attempt 97.2%
credits   216 booked · cap 300 · the simulator charged 216
records   .facemon/facemon.db · facemon records list --run 01a202c1-96f2-74e5-8daf-c9d7fe1ab622
verdict   PASS: every check passed and every objective is confirmed (exit code 0)"""
    )


@pytest.mark.parametrize(
    ("exit_", "word", "colour"),
    [
        (Exit.PASS, "PASS", "green"),
        (Exit.FAIL, "FAIL", "red"),
        (Exit.INCONCLUSIVE, "INCONCLUSIVE", "yellow"),
        (Exit.UNKNOWN, "UNKNOWN", "yellow"),
    ],
)
def test_each_exit_has_its_word_colour_and_code(exit_: Exit, word: str, colour: str) -> None:
    """The last line says the verdict in a word, in its colour, with the exit code of DESIGN §7."""
    last, shown = list(lines(replace(VERDICT, exit=exit_)))[-1]
    assert last.startswith(f"verdict   {word}: ")
    assert last.endswith(f"(exit code {int(exit_)})")
    assert shown == colour
    assert {code.name: int(code) for code in Exit} == {
        "PASS": 0,
        "FAIL": 1,
        "INCONCLUSIVE": 10,
        "UNKNOWN": 11,
    }


def test_every_state_has_a_colour_and_unknown_is_never_green() -> None:
    """up is green, down and degraded red, unknown yellow."""
    colours = {}
    for state in State:
        verdict = replace(VERDICT, health=Health(state, "why"))
        colours[state] = next(colour for line, colour in lines(verdict) if line.startswith("state"))
    assert colours == {
        State.UP: "green",
        State.DEGRADED: "red",
        State.DOWN: "red",
        State.UNKNOWN: "yellow",
    }


def test_no_data_is_said_and_invents_no_figure() -> None:
    """Without a record there is no time and no rate: no zero, no 100 %, no dash in their place."""
    unscored = replace(JUDGEMENT, verdict=Verdict.UNSCORED, value=None, samples=0)
    said = text(
        exit=Exit.UNKNOWN,
        figures=NO_DATA,
        judged=Judged((unscored,)),
        health=Health(State.UNKNOWN, "nothing was measured"),
        unknown=("success_rate >= 95%: no data",),
        spent=None,
        spending=Spending(0.0, None),
        probes=0,
    )
    assert "times" not in said
    assert "pictures" not in said
    assert "100" not in said
    assert re.search(r"^unscored +success_rate >= 95% +no data +0$", said, re.MULTILINE)
    assert "unknown   success_rate >= 95%: no data" in said
    assert "credits   0 booked · no cap\n" in said
    assert "retries   0\n" in said


def test_what_is_unknown_is_listed_one_a_line_under_one_word() -> None:
    """Several unknown things: each on a line of its own, aligned, in yellow."""
    said = list(lines(replace(VERDICT, unknown=("the key was refused (401)", "worker gw1 died"))))
    where = said.index(("unknown   the key was refused (401)", "yellow"))
    assert said[where + 1] == ("          worker gw1 died", "yellow")


def test_error_types_are_counted() -> None:
    """The distribution of errors stands in the section, commonest first as the figures give it."""
    figures = replace(FIGURES, error_types={"server_error": 4, "timeout": 1})
    assert "errors    server_error 4, timeout 1" in text(figures=figures)


def test_what_was_tried_again_is_counted_beside_the_errors() -> None:
    """A run without a failed generation may have had failures on the way: they stand in the same line."""
    assert "errors    none · tried again: server_error 2, timeout 1\n" in text(
        on_the_way={"server_error": 2, "timeout": 1}
    )
    assert "tried again" not in text()


def test_what_was_not_tried_is_said() -> None:
    """Checks that were given up on are no silent skips: how many, and why, in yellow."""
    said = list(lines(replace(VERDICT, not_tried={"5 generations in a row failed (server_error)": 67})))
    expected = "gave up   67 checks not tried: 5 generations in a row failed (server_error)"
    assert (expected, "yellow") in said


def test_a_percentile_among_the_failures_is_called_that() -> None:
    """A percentile that falls on a failed generation is no number, and never a short one."""
    figures = replace(FIGURES, p95_response_time=math.inf, p99_response_time=math.inf)
    assert "p90 0.8 s · p95 a failure · p99 a failure" in text(figures=figures)


def test_an_unmeasured_time_is_a_dash() -> None:
    """No picture came: there is no average, and the section does not call that zero."""
    figures = replace(FIGURES, succeeded=0, average_response_time=None, p50_response_time=math.inf)
    assert "times     average – · p50 a failure" in text(figures=figures)


def test_an_inconclusive_objective_says_how_many_more() -> None:
    """It needs more samples, and the line says how many, or that no number would do."""
    changes = {"verdict": Verdict.INCONCLUSIVE, "samples": 2, "lower": 0.2236}
    assert row(**changes, needed=57).endswith("2  57 more samples would decide")
    assert row(**changes, needed=None).endswith("no affordable number of samples would decide")
    assert "samples" not in row()


def test_a_bound_is_never_shown_better_than_it_is() -> None:
    """Percentages of bounds are cut, not rounded up: 94.99 % must not read 95.0 %, nor 5.12 % read 5.2 %."""
    better = []
    for share in (number / 10_000 for number in range(0, 10_001, 13)):
        shown = re.search(r"([\d.]+)% to ([\d.]+)%", row(lower=share, upper=share))
        assert shown
        for figure in map(float, shown.groups()):
            assert figure >= 100 * share - 0.1 - 1e-9, "cut by more than the last digit"
            if figure > 100 * share + 1e-9:
                better.append((share, figure))
    assert not better


def test_a_rate_with_a_failure_in_it_is_not_called_100_percent() -> None:
    """2999 of 3000 is not 100.0 %: what failed must show."""
    figures = replace(FIGURES, count=3000, known=3000, succeeded=2999, first_attempt_succeeded=2999)
    said = next(line for line in text(figures=figures).splitlines() if line.startswith("retries"))
    assert "100.0%" not in said


def test_what_was_not_needed_is_said_in_one_line() -> None:
    """Workers stop after different numbers: all that was saved, and the first of them."""
    found = {"the evidence suffices after 88 samples": 100, "the evidence suffices after 90 samples": 12}
    assert "enough    112 of the sample not needed: the evidence suffices after 88 samples" in text(
        not_needed=found
    )
    assert "enough" not in text()


def test_what_a_file_promises_and_the_run_did_not_measure_is_named() -> None:
    """No promise of the project disappears without a word: which one, and why, in yellow."""
    left_out = {
        "throughput >= 100/min": "no rate was asked for",
        "diversity_score >= 50": "no check compared",
    }
    said = list(lines(replace(VERDICT, judged=Judged((JUDGEMENT,), {}, left_out))))
    assert ("left out  throughput >= 100/min: no rate was asked for", "yellow") in said
    assert ("          diversity_score >= 50: no check compared", "yellow") in said


def test_long_values_are_kept_whole() -> None:
    """A long URL, cause or sentence is not cut: who reads it must be able to use it."""
    target = "https://" + "a" * 200 + ".example/v2"
    cause = "because " * 40
    said = text(target=target, health=Health(State.UNKNOWN, cause), unknown=(cause,))
    assert target in said
    assert said.count(cause) == 2


def test_a_cap_and_charges_are_shown_as_amounts() -> None:
    """Credits have fractions (an sdxl picture costs 0.9): shown as they are, without a float's tail."""
    said = text(spending=Spending(2.7, 10.0), spent=0.9 * 3)
    assert "credits   2.7 booked · cap 10 · the simulator charged 2.7" in said


def test_large_amounts_are_not_shortened() -> None:
    """A long run's credits: 1234567 is not 1.23457e+06."""
    assert "credits   1234567 booked · cap 2000000" in text(spending=Spending(1_234_567.0, 2_000_000.0))
