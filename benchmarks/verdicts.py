"""Do the verdicts keep their promise? `python -m benchmarks.verdicts [--runs 10000] [--only KIND]`.

Draws runs of services whose truth is known, has them judged by the very functions that judge a run of checks, and
counts how often the verdict is wrong. At the limit itself both errors are largest, so those rows hold for every
service: a service that is any worse is passed, and one that is any better is failed, less often. Each row that has
more wrong verdicts than 5 of 100 (beyond what the number of runs leaves open: an exact bound at 99.9 %) is BROKEN,
and the exit code 1. The last rows are counter-examples, which have to be broken: what happens to those who look too
often, or who take a mean for normal.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np

from benchmarks.gate import at_the_margin
from facemon.slo.evidence import look
from facemon.slo.intervals import rate_bounds
from facemon.slo.judging import ALPHA, Verdict, decide, decide_cells
from facemon.slo.language import parse
from facemon.slo.objectives import Objective

RUNS, CHUNK = 10_000, 250
SURE = 0.999
CELLS = 12
LONGEST = 1000  # samples of a sequential run, looked at after each
PASS, FAIL = "pass", "fail"

Random = np.random.Generator
Draw = Callable[[Random, int], list[float]]
Judge = Callable[[Random], Counter[str]]
"""One run: which verdicts it came to; `wrong …` where they are errors."""


@dataclass(frozen=True)
class Row:
    """kind, service: as the table has them · promised: the share of runs in which `errors` may happen."""

    kind: str
    service: str
    judge: Judge
    errors: tuple[str, ...]
    counter_example: bool = False


def rate(share: float) -> Draw:
    """Pictures that come, with this probability."""
    return lambda random, count: (random.random(count) < share).astype(float).tolist()


def lognormal(within: float, limit: float = 3.0, failures: float = 0.0) -> Draw:
    """Response times of which this share is within the limit; some generations fail."""
    reach = _normal_quantile(within / (1 - failures))

    def draw(random: Random, count: int) -> list[float]:
        times = np.exp(math.log(limit) + 0.5 * (random.standard_normal(count) - reach))
        return [*map(float, np.where(random.random(count) < failures, np.inf, times))]

    return draw


def two_speeds(within: float, limit: float = 3.0) -> Draw:
    """A fast path, and a slow one that never is in time."""

    def draw(random: Random, count: int) -> list[float]:
        slow = random.random(count) >= within
        return [*map(float, np.where(slow, limit + 1 + random.random(count), random.random(count)))]

    return draw


def beta(mean: float, weight: float, scale: float = 1.0) -> Draw:
    """Scores of a beta distribution: a large weight means that they differ little."""
    return lambda random, count: (scale * random.beta(mean * weight, (1 - mean) * weight, count)).tolist()


def skewed(mean: float) -> Draw:
    """Most pictures are perfect, a few are anything."""
    few = 2 * (1 - mean)
    return lambda random, count: np.where(random.random(count) < few, random.random(count), 1.0).tolist()


def _normal_quantile(share: float) -> float:
    low, high = -8.0, 8.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 + math.erf(middle / math.sqrt(2))) / 2 < share else (low, middle)
    return low


def fixed(sentence: str, draw: Draw, count: int) -> Judge:
    """A verdict at a number of samples that was fixed before."""
    objective = parse(sentence)
    return lambda random: Counter([str(decide(objective, draw(random, count)))])


def at_every_sample(sentence: str, draw: Draw, *, sequential: bool = True) -> Judge:
    """Looked at after every sample, up to 1000: the first verdict stops the run."""
    objective = parse(sentence)
    if objective.share is None:
        return partial(_mean_at_every_sample, objective, draw)

    def judge(random: Random) -> Counter[str]:
        passed, failed = boundaries(objective, sequential)
        kept = np.cumsum([objective.kept(value) for value in draw(random, LONGEST)])
        first_pass, first_fail = _first(kept >= passed), _first(kept <= failed)
        if first_pass == first_fail:
            return Counter(["inconclusive"])
        return Counter([PASS if first_pass < first_fail else FAIL])

    return judge


def _mean_at_every_sample(objective: Objective, draw: Draw, random: Random) -> Counter[str]:
    # The evidence of a mean keeps its largest value, so that the last look knows of every one before it.
    found = look(objective, draw(random, LONGEST), ALPHA, sequential=True, bounds=False)
    said = [name for name, p in ((PASS, found.in_favour), (FAIL, found.against)) if p <= ALPHA]
    return Counter(said or ["inconclusive"])


@cache
def boundaries(objective: Objective, sequential: bool) -> tuple[np.ndarray, np.ndarray]:
    """For each number of samples from 1: the fewest kept promises that pass, and the most that fail."""

    def verdict(kept: int, count: int) -> Verdict:
        # Of the promise, a value that keeps it and one that does not say all there is to know.
        good, bad = (0.0, math.inf) if objective.measure.low_is_good else (1.0, 0.0)
        return decide(objective, [good] * kept + [bad] * (count - kept), sequential=sequential)

    passed, failed = [], []
    for count in range(1, LONGEST + 1):
        reach = partial(verdict, count=count)
        passed.append(_least(lambda kept: reach(kept) is Verdict.PASS, count))  # noqa: B023  called at once
        failed.append(_least(lambda kept: reach(kept) is not Verdict.FAIL, count) - 1)  # noqa: B023
    return np.array(passed), np.array(failed)


def _least(holds: Callable[[int], bool], most: int) -> int:
    low, high = -1, most + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _first(reached: np.ndarray) -> int:
    return int(reached.argmax()) if reached.any() else LONGEST


def split(sentence: str, draws: Sequence[Draw], count: int, broken: int = 0) -> Judge:
    """Twelve cells; the first `broken` of them break the promise."""
    objective = parse(sentence)

    def judge(random: Random) -> Counter[str]:
        verdicts = decide_cells(objective, [draw(random, count) for draw in draws])
        failed = [place for place, verdict in enumerate(verdicts) if verdict is Verdict.FAIL]
        found = Counter([FAIL] if failed else [PASS] if set(verdicts) == {Verdict.PASS} else ["inconclusive"])
        if failed:
            found["false discoveries"] = sum(place >= broken for place in failed) / len(failed)  # type: ignore[assignment]
        return found

    return judge


def gate(name: str) -> Judge:
    """A candidate that is worse by the margin, no more and no less, looked at after each of 500 pairs."""
    judge = at_the_margin(name)
    return lambda random: Counter(verdict.removeprefix("wrong ") for verdict in judge(random).elements())


def too_normal(sentence: str, draw: Draw, count: int) -> Judge:
    """A counter-example: the mean judged by Student's interval with the normal's 1.645."""
    objective = parse(sentence)

    def judge(random: Random) -> Counter[str]:
        values = np.array(draw(random, count))
        half = 1.645 * values.std(ddof=1) / math.sqrt(count)
        if values.mean() - half >= objective.limit:
            return Counter([PASS])
        return Counter([FAIL if values.mean() + half < objective.limit else "inconclusive"])

    return judge


def rows() -> Iterator[Row]:
    """Every row of the table."""
    both, no_fail, no_pass = (PASS, FAIL), (FAIL,), (PASS,)
    for promised in (0.95, 0.99):
        sentence, name = f"success_rate >= {promised:.0%}", f"success rate {promised:.0%}"
        for count in (59, 72, 120, 300, 1000):
            yield Row(
                "rate", f"{name} at the limit, n = {count}", fixed(sentence, rate(promised), count), both
            )
        yield Row("rate", f"{name}, 99.9% come, n = 300", fixed(sentence, rate(0.999), 300), no_fail)
        yield Row("rate", f"{name}, 85% come, n = 72", fixed(sentence, rate(0.85), 72), no_pass)
    p95 = "response_time.p95 <= 3s"
    for count in (72, 300, 1000):
        yield Row(
            "percentile",
            f"p95, lognormal at the limit, n = {count}",
            fixed(p95, lognormal(0.95), count),
            both,
        )
    yield Row(
        "percentile",
        "p95, 2% failures, at the limit, n = 300",
        fixed(p95, lognormal(0.95, failures=0.02), 300),
        both,
    )
    yield Row("percentile", "p95, two speeds at the limit, n = 300", fixed(p95, two_speeds(0.95), 300), both)
    yield Row("percentile", "p95, 99% in time, n = 120", fixed(p95, lognormal(0.99), 120), no_fail)
    yield Row("percentile", "p95, 85% in time, n = 120", fixed(p95, lognormal(0.85), 120), no_pass)
    mean = "prompt_adherence.mean >= 0.9"
    for count in (72, 300, 1000):
        yield Row("mean", f"beta at the limit, n = {count}", fixed(mean, beta(0.9, 10), count), both)
        yield Row("mean", f"0 or 1 at the limit, n = {count}", fixed(mean, rate(0.9), count), both)
        yield Row("mean", f"skewed at the limit, n = {count}", fixed(mean, skewed(0.9), count), both)
    yield Row(
        "mean",
        "quality of 80 at the limit, n = 300",
        fixed("quality_score.mean >= 80", beta(0.8, 10, 100), 300),
        both,
    )
    yield Row("mean", "skewed, 0.97, n = 120", fixed(mean, skewed(0.97), 120), no_fail)
    yield Row("mean", "skewed, 0.8, n = 120", fixed(mean, skewed(0.8), 120), no_pass)
    for promised in (0.95, 0.99):
        sentence = f"success_rate >= {promised:.0%}"
        yield Row(
            "sequential", f"rate {promised:.0%} at the limit", at_every_sample(sentence, rate(promised)), both
        )
    yield Row("sequential", "p95, lognormal at the limit", at_every_sample(p95, lognormal(0.95)), both)
    yield Row("sequential", "mean, beta at the limit", at_every_sample(mean, beta(0.9, 10)), both)
    yield Row("sequential", "mean, 0 or 1 at the limit", at_every_sample(mean, rate(0.9)), both)
    yield Row("sequential", "mean, skewed at the limit", at_every_sample(mean, skewed(0.9)), both)
    yield Row(
        "sequential", "rate 95%, 99.5% come", at_every_sample("success_rate >= 95%", rate(0.995)), no_fail
    )
    yield Row("sequential", "rate 95%, 80% come", at_every_sample("success_rate >= 95%", rate(0.8)), no_pass)
    by = "success_rate >= 95% by age, gender"
    for count in (72, 120, 300):
        yield Row(
            "split",
            f"12 cells at the limit, n = {count} each",
            split(by, [rate(0.95)] * CELLS, count),
            no_fail,
        )
    some = [rate(0.7)] * 3 + [rate(0.95)] * 9
    yield Row(
        "split", "3 cells bad, 9 at the limit, n = 72 each", split(by, some, 72, 3), ("false discoveries",)
    )
    one = [rate(0.95)] + [rate(1.0)] * 11
    yield Row("split", "1 cell at the limit, 11 perfect, n = 120 each", split(by, one, 120, 1), no_pass)
    means = "prompt_adherence.mean >= 0.9 by age, gender"
    yield Row("split", "12 means at the limit, n = 72 each", split(means, [skewed(0.9)] * CELLS, 72), no_fail)
    for name in ("success_rate", "response_time.p95", "prompt_adherence.mean"):
        yield Row("gate", f"{name}, a candidate at the margin", gate(name), both)
    peeking = at_every_sample("success_rate >= 95%", rate(0.95), sequential=False)
    yield Row("counter-example", "a fixed-n verdict looked at after every sample", peeking, both, True)
    yield Row(
        "counter-example",
        "a mean taken for normal: 1 in 200 is 0, n = 72",
        too_normal("prompt_adherence.mean >= 0.995", rate(0.995), 72),
        both,
        True,
    )


def chunk(work: tuple[int, int, int]) -> tuple[int, Counter[str], int]:
    """Some runs of a row: its number, how often each verdict, and how many runs."""
    number, part, runs = work
    row, random = ROWS[number], np.random.default_rng([number, part])
    found: Counter[str] = Counter()
    for _ in range(runs):
        found.update(row.judge(random))
    return number, found, runs


ROWS = tuple(rows())


def simulate(runs: int, only: str | None = None, processes: int = 2) -> dict[int, tuple[Counter[str], int]]:
    """Verdicts and runs by the row's number."""
    chosen = [number for number, row in enumerate(ROWS) if only in (None, row.kind)]
    parts = [
        (number, part, min(CHUNK, runs - part * CHUNK))
        for number in chosen
        for part in range(math.ceil(runs / CHUNK))
    ]
    found = {number: (Counter[str](), 0) for number in chosen}
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for done, (number, seen, count) in enumerate(pool.imap_unordered(chunk, parts), 1):
            verdicts, total = found[number]
            found[number] = (verdicts + seen, total + count)
            if sys.stderr.isatty() or done % 100 == 0 or done == len(parts):
                print(f"\r{done} of {len(parts)} parts", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return found


HEAD = "| kind | service | pass | fail | wrong | at most | |\n|---|---|---|---|---|---|---|"


def line(row: Row, verdicts: Counter[str], runs: int) -> tuple[str, bool]:
    """A row of the table, and whether it is as it has to be."""
    worst = max(verdicts[error] for error in row.errors)
    lower, upper = rate_bounds(round(worst), runs, SURE)
    kept = lower <= ALPHA
    word = "ok" if kept else "BROKEN"
    shown = " | ".join(f"{verdicts[name] / runs:.1%}" for name in (PASS, FAIL))
    text = f"| {row.kind} | {row.service} | {shown} | {worst / runs:.2%} | {upper:.2%} | {word} |"
    return text, kept is not row.counter_example


def main() -> int:
    """Simulate, print, and say whether every promise holds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=RUNS, help="of each row (default: 10000)")
    parser.add_argument("--only", choices=sorted({row.kind for row in ROWS}), help="one kind of verdict")
    options = parser.parse_args()
    good = True
    print(HEAD)
    for number, (verdicts, runs) in sorted(simulate(options.runs, options.only).items()):
        text, right = line(ROWS[number], verdicts, runs)
        print(text)
        good = good and right
    print(
        f"\n{options.runs} runs a row, 5.00% promised: {'every row is as it has to be' if good else 'BROKEN'}"
    )
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
