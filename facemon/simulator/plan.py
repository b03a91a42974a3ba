"""Which fault strikes which request, decided from a seed, and how often each one did."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from facemon.simulator.faults.base import Fault
from facemon.simulator.specs import FaultSpec, parse_spec


class PlannedFault:
    """One spec at work: its own chance, and its count."""

    def __init__(self, spec: FaultSpec, seed: int) -> None:
        self.spec = spec
        self.fired = 0
        self._random = Random(seed if spec.seed is None else spec.seed)

    @property
    def fault(self) -> Fault:
        return self.spec.fault

    def strikes(self, number: int) -> bool:
        """Whether it wants generation request `number`. Draws its lot for each request in reach, striking or not."""
        spec = self.spec
        if not spec.first <= number <= spec.last:
            return False
        lot = self._random.random() < spec.rate
        return lot and (spec.times is None or self.fired < spec.times)


class FaultPlan:
    """The faults of one simulator, in the order declared: the first that wants a request has it.

    `specs` are texts as `facemon.simulator.specs` reads them; `seed` feeds those that name none, each differently.
    Raises ValueError for a bad spec, and for one given twice.
    """

    def __init__(self, specs: Iterable[str] = (), seed: int = 0) -> None:
        parsed = [parse_spec(text) for text in specs]
        texts = [spec.text for spec in parsed]
        for text in texts:
            if texts.count(text) > 1:
                raise ValueError(
                    f"fault {text!r}: given twice; say it once, with times= or rate= if it should strike so"
                )
        self.faults = [PlannedFault(spec, seed * 1_000_003 + place) for place, spec in enumerate(parsed)]

    def pick(self, number: int) -> PlannedFault | None:
        """The fault for generation request `number`, if any, counted as fired."""
        return self._count(
            # A list, not a generator: every fault draws its lot, so that one does not shift another's chance.
            [
                planned
                for planned in self.faults
                if planned.fault.reach != "connection" and planned.strikes(number)
            ]
        )

    def pick_keyed(self, number: int) -> PlannedFault | None:
        """The fault for a route that wants a key but generates nothing, while `number` is the next generation."""
        keyed = [planned for planned in self.faults if planned.fault.reach == "keyed"]
        return self._count([planned for planned in keyed if planned.strikes(number)])

    def pick_connection(self, number: int) -> PlannedFault | None:
        """The fault that keeps connections out while `number` is the next generation."""
        cut = [planned for planned in self.faults if planned.fault.reach == "connection"]
        return self._count([planned for planned in cut if planned.strikes(number)])

    def _count(self, striking: list[PlannedFault]) -> PlannedFault | None:
        if not striking:
            return None
        striking[0].fired += 1
        return striking[0]

    @property
    def fired(self) -> dict[str, int]:
        """How often each declared fault struck, by its spec."""
        return {planned.spec.text: planned.fired for planned in self.faults}

    @property
    def never_fired(self) -> list[str]:
        """Declared faults that never struck: a run that meant to see them has not."""
        return [text for text, count in self.fired.items() if not count]
