"""A candidate and its baseline, asked for the same faces until the comparison is decided or the budget is spent."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime

from facemon.judges import descriptor_of, prepare
from facemon.ledger import Ledger
from facemon.model import AGES, GENDERS, SEED_MAX, FaceRequest, MonitoringData
from facemon.release.comparison import EXIT_CODES, Comparison, GateVerdict
from facemon.release.looks import Pair
from facemon.release.margins import Margin
from facemon.release.sides import BASELINE, CANDIDATE, Arm, Asked, Kept, Side, kept_arm, opened, request_of
from facemon.store import RecordStore
from facemon.vision.descriptors import Descriptor

AT_ONCE = 4  # pairs: enough to fill the waiting, and no more than that to be paid for after it is decided


@dataclass(frozen=True, slots=True)
class Plan:
    """How the comparison goes. max_pairs: at most so many · seed: of the faces and of who is asked first ·
    faces: to choose from, None: any age and gender, and a new seed each time · at_once: pairs side by side.
    """

    margins: tuple[Margin, ...]
    max_pairs: int = 2000
    seed: int = 0
    faces: Sequence[FaceRequest] | None = None
    at_once: int = AT_ONCE


@dataclass(frozen=True, slots=True)
class GateReport:
    """A gate that ended. price: credits of a pair · spent: credits booked · stopped: why it asked no more ·
    not_compared: a metric's name → why it was left out, although it had a margin.
    """

    verdict: GateVerdict
    baseline: Arm
    candidate: Arm
    plan: Plan
    started_at: datetime
    seconds: float
    price: float
    spent: float
    cap: float | None
    stopped: str
    not_compared: dict[str, str] = field(default_factory=dict)


Progress = Callable[[Comparison], None]


async def run_gate(
    baseline: Side | Kept,
    candidate: Side,
    plan: Plan,
    store: RecordStore,
    ledger: Ledger,
    progress: Progress | None = None,
) -> GateReport:
    """Ask both until it is decided. Every record is kept, in a run of its own for each side that is asked.

    Raises ConfigError before anything is sent, StoreError where a record cannot be kept.
    """
    left_out = _not_compared(plan, baseline)
    margins = tuple(margin for margin in plan.margins if margin.name not in left_out)
    descriptor = await _descriptor(margins, candidate)
    comparison = Comparison(margins, candidate.settings.give_up_after)
    async with AsyncExitStack() as stack:
        before: Kept | Asked = (
            baseline
            if isinstance(baseline, Kept)
            else await stack.enter_async_context(opened(baseline, store, ledger, BASELINE, descriptor))
        )
        after = await stack.enter_async_context(opened(candidate, store, ledger, CANDIDATE, descriptor))
        started_at, started = after.monitor.clock.now(), after.monitor.clock.monotonic()
        asking = _Asking(before, after, plan, ledger)
        stopped = await asking.until_decided(comparison, progress)
        took = after.monitor.clock.monotonic() - started
        verdict = comparison.verdict()
        for side in (before, after):
            if isinstance(side, Asked):
                await side.finish(store, EXIT_CODES[verdict.verdict])
    spending = ledger.spending()
    return GateReport(
        verdict=verdict,
        baseline=kept_arm(before) if isinstance(before, Kept) else before.arm,
        candidate=after.arm,
        plan=plan,
        started_at=started_at,
        seconds=took,
        price=asking.price,
        spent=spending.committed,
        cap=spending.cap,
        stopped=stopped,
        not_compared=left_out,
    )


def _not_compared(plan: Plan, baseline: Side | Kept) -> dict[str, str]:
    if not isinstance(baseline, Kept):
        return {}
    return {margin.name: "a kept run holds no pictures" for margin in plan.margins if margin.of_pictures}


async def _descriptor(margins: Sequence[Margin], candidate: Side) -> Descriptor | None:
    """One for both sides, the candidate's: what two descriptors say cannot be compared. None where nobody asks it."""
    if not any(margin.of_pictures for margin in margins):
        return None
    await asyncio.to_thread(prepare, candidate.settings)
    return descriptor_of(candidate.settings)


class _Asking:
    """The pairs of one gate, in the order that the seed gives."""

    def __init__(self, before: Kept | Asked, after: Asked, plan: Plan, ledger: Ledger) -> None:
        self._before, self._after, self._plan, self._ledger = before, after, plan, ledger
        self._chance = random.Random(plan.seed)
        request = FaceRequest(AGES[0], GENDERS[0]) if plan.faces is None else plan.faces[0]
        asked = [side for side in (before, after) if isinstance(side, Asked)]
        self.price = sum(side.price(request) for side in asked)
        self._most = min(plan.max_pairs, len(before.records)) if isinstance(before, Kept) else plan.max_pairs

    async def until_decided(self, comparison: Comparison, progress: Progress | None) -> str:
        """Ask pair after pair, some side by side, and look at each in its turn; why it ended."""
        done = 0
        while not comparison.finished:
            count = min(self._plan.at_once, self._most - done, self._affordable())
            if count < 1:
                return self._reason(done)
            pairs = await _together([self._pair(done + place) for place in range(count)])
            done += count
            for pair in pairs:
                if not comparison.finished:  # the others were asked by then; they change nothing any more
                    comparison.add(pair)
            if progress:
                progress(comparison)
        return comparison.blind or "decided"

    def _affordable(self) -> int:
        spending = self._ledger.spending()
        if spending.cap is None or not self.price:
            return self._plan.at_once
        return int((spending.cap - spending.committed) / self.price + 1e-9)

    def _reason(self, done: int) -> str:
        if done < self._most:
            return "the budget is spent"
        if self._most < self._plan.max_pairs:
            return "the baseline's run has no more"
        return "the most samples are reached"

    def _pair(self, place: int) -> Coroutine[None, None, Pair]:
        # The lots are drawn here, in the order of the pairs, whoever answers first.
        if isinstance(self._before, Kept):
            return self._repeated(self._before.records[place])
        return self._both(self._before, self._request(), self._chance.random() < 0.5)

    def _request(self) -> FaceRequest:
        # Each lot for itself: a balanced plan would make what comes next depend on what came before.
        if self._plan.faces is not None:
            return self._chance.choice(self._plan.faces)
        return FaceRequest(
            self._chance.choice(AGES), self._chance.choice(GENDERS), self._chance.randint(1, SEED_MAX)
        )

    async def _both(self, before: Asked, request: FaceRequest, baseline_first: bool) -> Pair:
        if baseline_first:
            old, old_look = await before.ask(request)
            new, new_look = await self._after.ask(request)
        else:
            new, new_look = await self._after.ask(request)
            old, old_look = await before.ask(request)
        return Pair(old, new, (old_look, new_look))

    async def _repeated(self, old: MonitoringData) -> Pair:
        new, look = await self._after.ask(request_of(old))
        return Pair(old, new, (None, look))


async def _together(calls: list[Coroutine[None, None, Pair]]) -> list[Pair]:
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return [answer for answer in answers if isinstance(answer, Pair)]
