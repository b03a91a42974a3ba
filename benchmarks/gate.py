"""What a gate takes, and how often it errs, simulated on records: `python -m benchmarks gate [--runs N] [--errors N]`.

Each run is a gate of its own seed, through the comparison that `facemon gate` uses, which looks after every pair. The
baseline is a service like that of the published figures: 99 % succeed, half within 2.8 s and 95 % within 5 s. Both
sides fail, dawdle and err independently of each other, which is the hardest case: what pairs share makes them easier to
tell. On each picture is somebody whom nobody resembles, unless the service knows only so many people.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from facemon.model import (
    ImageMetadata,
    MonitoringData,
    Performance,
    Phases,
    Quality,
    RecordedError,
    RequestParams,
    ResourceUse,
    Score,
    ScoreVerdict,
    State,
)
from facemon.release.comparison import Comparison
from facemon.release.looks import Look, Pair
from facemon.release.margins import DEFAULTS, Margin
from facemon.release.mean_difference import MeanDifference
from facemon.slo.judging import ALPHA, Verdict

PRICE = 6.0  # credits of a pair on core
_SIGMA = math.log(5.0 / 2.8) / 1.6448536269514722
_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
_WHO = RequestParams(30, "female", 1, "stability_v2beta", "core")
_USE = ResourceUse(0.0, 0)
_DOWN = RecordedError("server_error", "HTTP 500", State.DOWN, "server_error", 500)
_PICTURE = ImageMetadata(
    "stability_v2beta", "core", "", "", None, None, 1, "SUCCESS", None, 1536, 1536, "png", "", 1, 3.0, 1.0, Phases()
)  # fmt: skip


@dataclass(frozen=True)
class Service:
    """How a side behaves. success, sound: shares · slower: factor on every time · adherence: its mean, 0 to 1 ·
    quality: its mean, in points · people: how many it can paint.
    """

    success: float = 0.99
    slower: float = 1.0
    sound: float = 0.99
    adherence: float = 0.80
    quality: float = 90.0
    people: int = 2000

    def records(self, count: int, chance: np.random.Generator) -> Iterator[MonitoringData]:
        """Independent generations."""
        good, sound = chance.random(count) < self.success, chance.random(count) < self.sound
        times = self.slower * np.exp(math.log(2.8) + _SIGMA * chance.standard_normal(count))
        # Of the spread that drawn portraits have; kept within the range by the distribution itself.
        adherence = chance.beta(*_beta(self.adherence, 0.1), count)
        quality = 100 * chance.beta(*_beta(self.quality / 100, 0.06), count)
        for each in range(count):
            yield _record(bool(good[each]), bool(sound[each]), times[each], adherence[each], quality[each])


BASELINE = Service()
# By the margins of `facemon gate`: 1 point of success, 10 % of p95, 1 point of adherence; beyond by as much again.
CANDIDATES = {
    "identical": BASELINE,
    "success_rate 2 points less": replace(BASELINE, success=0.97),
    "response_time.p95 20 % more": replace(BASELINE, slower=1.2),
    "prompt_adherence 2 points less": replace(BASELINE, adherence=0.78),
    "diversity_score: 12 people": replace(BASELINE, people=12),
}


@dataclass(frozen=True)
class Outcome:
    """Of many gates with one candidate: how they ended, and after how many pairs those that were decided."""

    name: str
    verdicts: Counter[str]
    decided_after: list[int]
    said_needed: int

    @property
    def wrong(self) -> int:
        """How many said what is not so."""
        return self.verdicts["fail" if self.name == "identical" else "pass"]


def outcomes(runs: int = 100, most: int = 6000) -> list[Outcome]:
    """Every candidate in `runs` gates of at most `most` pairs; on all cores."""
    jobs = [(name, seed, most) for name in CANDIDATES for seed in range(runs)]
    found = {name: Outcome(name, Counter(), [], 0) for name in CANDIDATES}
    with multiprocessing.Pool() as pool:
        for number, (name, verdict, pairs, said) in enumerate(pool.imap_unordered(_gate, jobs), 1):
            print(f"\rgate {number} of {len(jobs)}    ", end="", file=sys.stderr, flush=True)
            one = found[name]
            one.verdicts[verdict] += 1
            if verdict in (Verdict.PASS.value, Verdict.FAIL.value):
                one.decided_after.append(pairs)
            found[name] = replace(one, said_needed=one.said_needed + said)
    print("\r" + " " * 60 + "\r", end="", file=sys.stderr)
    return list(found.values())


def _gate(job: tuple[str, int, int]) -> tuple[str, str, int, bool]:
    """One gate: its candidate, its verdict, the pairs it took, and whether it said how many more it needs."""
    name, seed, most = job
    candidate, chance = CANDIDATES[name], np.random.default_rng([seed, len(name)])
    comparison = Comparison()
    both = zip(BASELINE.records(most, chance), candidate.records(most, chance), strict=True)
    for place, (baseline, answer) in enumerate(both):
        comparison.add(_asked(place, baseline, answer, candidate.people, chance))
        if comparison.finished:
            break
    found = comparison.verdict()
    said = found.verdict is Verdict.INCONCLUSIVE and found.needed is not None
    return name, found.verdict.value, found.pairs, said


def table(found: list[Outcome], runs: int, most: int) -> str:
    """Markdown."""
    lines = [
        f"{runs} gates a row, of at most {most} pairs; a pair costs {PRICE:g} credits on core. Decided after: pairs.",
        "",
        "| candidate | pass | fail | inconclusive | wrong | half decided after | 90 % after | credits of half |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for each in found:
        ends = sorted(each.decided_after)
        half = _reached(ends, 0.5, runs)
        most_of_them = _reached(ends, 0.9, runs)
        money = "–" if half is None else f"{half * PRICE:.0f}"
        counts = [each.verdicts[word] for word in ("pass", "fail", "inconclusive")]
        cells = [each.name, *map(str, counts), f"{each.wrong} of {runs}"]
        cells += ["more" if end is None else str(end) for end in (half, most_of_them)]
        lines.append(f"| {' | '.join([*cells, money])} |")
    return "\n".join(lines)


def at_the_margin(name: str, pairs: int = 500) -> Callable[[np.random.Generator], Counter[str]]:
    """Gates with a candidate that is worse by the margin, no more and no less: there both errors are largest.

    name: of a margin that is compared by default. Each call is one gate of at most so many pairs, with that metric
    alone (all 5 % are its own then), looked at after every pair; it counts `wrong pass` or `wrong fail`.
    """
    margin = next(each for each in DEFAULTS if each.name == name)
    before, after = _pools(name)

    def gate(chance: np.random.Generator) -> Counter[str]:
        comparison = Comparison((margin,), give_up_after=0)
        for old, new in zip(
            chance.integers(len(before), size=pairs), chance.integers(len(after), size=pairs), strict=True
        ):
            comparison.add(Pair(before[old], after[new]))
            if comparison.finished:
                return Counter([f"wrong {comparison.verdict().verdict.value}"])
        return Counter(["inconclusive"])

    return gate


def _pools(name: str) -> tuple[list[MonitoringData], list[MonitoringData]]:
    """Records that are equally probable, of the baseline and of a candidate exactly at the margin."""
    if name == "success_rate":
        return [_record(place >= 2, True, 3.0, 0.8, 90.0) for place in range(100)], [
            _record(place >= 3, True, 3.0, 0.8, 90.0) for place in range(100)
        ]
    shares = (np.arange(2000) + 0.5) / 2000
    if name == "response_time.p95":
        normal = statistics.NormalDist()
        times = [math.exp(math.log(2.8) + _SIGMA * normal.inv_cdf(float(share))) for share in shares]
        return [_record(True, True, time, 0.8, 90.0) for time in times], [
            _record(True, True, 1.1 * time, 0.8, 90.0) for time in times
        ]
    values = np.random.default_rng(0).beta(*_beta(0.8, 0.1), 2000) * 0.98 + 0.01
    return [_record(True, True, 3.0, value, 90.0) for value in values], [
        _record(True, True, 3.0, value - 0.01, 90.0) for value in values
    ]


def errors_table(runs: int) -> str:
    """How often a candidate at the margin is passed or failed, which is at most 5 of 100 each."""
    lines = [
        "| metric, candidate at the margin | gates | passed | failed | inconclusive |",
        "|---|---|---|---|---|",
    ]
    names = ("success_rate", "response_time.p95", "prompt_adherence.mean", "diversity_score")
    for name in names:
        found = Counter[str]()
        gate = diversity_at_the_margin() if name == "diversity_score" else at_the_margin(name)
        for seed in range(runs):
            found += gate(np.random.default_rng(seed))
        shares = [found[word] / runs for word in ("wrong pass", "wrong fail", "inconclusive")]
        lines.append(f"| {name} | {runs} | " + " | ".join(f"{share:.2%}" for share in shares) + " |")
    return "\n".join(lines)


def _asked(
    place: int, baseline: MonitoringData, candidate: MonitoringData, people: int, chance: np.random.Generator
) -> Pair:
    """The pair of a new face, and who is on both pictures."""
    baseline = replace(baseline, request_params=replace(_WHO, seed=place + 1))
    old, new = (_person(int(chance.integers(number))) for number in (BASELINE.people, people))
    return Pair(
        baseline, candidate, (old if baseline.succeeded else None, new if candidate.succeeded else None)
    )


@cache
def _person(number: int) -> Look:
    chance = np.random.default_rng(number)
    vector = chance.standard_normal(64)
    return Look(vector / np.linalg.norm(vector), chance.random(1024) < 0.5, 0.15)


def diversity_at_the_margin(blocks: int = 200) -> Callable[[np.random.Generator], Counter[str]]:
    """Gates with a candidate whose blocks of 12 portraits score 10 points less on average, no more and no less.

    The scores of a baseline that knows 60 people and of a candidate that knows so many fewer, drawn from 2000 blocks
    each; looked at after every block.
    """
    margin = Margin("diversity_score", None, 10.0)
    chance = np.random.default_rng(0)
    before, after = (100 * (_effective(people, chance) - 1) / 11 for people in (60, 32))
    after += before.mean() - 10 - after.mean()  # a point less or so: none goes beyond the range

    def gate(chance: np.random.Generator) -> Counter[str]:
        difference = MeanDifference(margin, ALPHA)
        for old, new in zip(
            chance.choice(before, size=blocks), chance.choice(after, size=blocks), strict=True
        ):
            difference.add(float(old), float(new))
            if difference.verdict() is not Verdict.INCONCLUSIVE:
                return Counter([f"wrong {difference.verdict().value}"])
        return Counter(["inconclusive"])

    return gate


def _effective(people: int, chance: np.random.Generator, draws: int = 2000) -> NDArray[np.float64]:
    """Vendi scores of 12 pictures of so many people, none of whom resembles another: shape (draws,)."""
    shares = [np.bincount(each) / 12 for each in chance.integers(people, size=(draws, 12))]
    return np.array([math.exp(-sum(p * math.log(p) for p in each if p)) for each in shares])


def _reached(ends: list[int], share: float, runs: int) -> int | None:
    """The pairs after which a share of all gates was decided; None if fewer were."""
    place = math.ceil(share * runs) - 1
    return ends[place] if place < len(ends) else None


def _record(good: bool, sound: bool, seconds: float, adherence: float, quality: float) -> MonitoringData:
    verdict = ScoreVerdict.PASSED if sound else ScoreVerdict.FAILED
    scores = (
        Score("sharpness", "1", verdict, float(quality), weight=1.0),
        Score("prompt_adherence", "1", ScoreVerdict.PASSED, float(100 * adherence), float(adherence)),
    )
    return MonitoringData(
        "",
        _MOMENT,
        _WHO,
        Performance(float(seconds)),
        Quality(scores if good else ()),
        () if good else (_DOWN,),
        (),
        _USE,
        _PICTURE if good else None,
    )


def _beta(mean: float, spread: float) -> tuple[float, float]:
    """The parameters of a beta distribution by its mean and standard deviation."""
    size = mean * (1 - mean) / spread**2 - 1
    return mean * size, (1 - mean) * size


def main(arguments: list[str]) -> None:
    """Print the tables."""
    options = argparse.ArgumentParser(prog="python -m benchmarks gate", description=__doc__)
    options.add_argument("--runs", type=int, default=100, help="gates of each candidate; 0: none")
    options.add_argument("--pairs", type=int, default=6000, help="at most so many pairs in each")
    options.add_argument(
        "--errors", type=int, default=1000, help="gates at the margin of each metric; 0: none"
    )
    chosen = options.parse_args(arguments)
    if chosen.runs:
        print(table(outcomes(chosen.runs, chosen.pairs), chosen.runs, chosen.pairs))
    if chosen.errors:
        print(f"\n{errors_table(chosen.errors)}")


if __name__ == "__main__":
    main(sys.argv[1:])
