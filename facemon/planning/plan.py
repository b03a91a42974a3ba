"""What a schedule costs, finds and mistakes: money and time before they are spent, by the rule that judges.

The monitor alarms when a run's verdict is fail on any objective. The service that it should leave alone keeps every
promise with half of its error budget used, independently from generation to generation; the trouble it should find is
an outage, or 30 % of the generations failing. A window holds what came before the trouble too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from facemon.planning import exact, simulated
from facemon.planning.delay import Delay, Figure, computed, exactly, observed
from facemon.planning.exact import Service
from facemon.planning.samples import Samples, samples_for
from facemon.planning.schedule import DAY, MONTH, Schedule
from facemon.planning.watch import Watch, watch
from facemon.slo.objectives import Objective

OUTAGE, PARTLY = 1.0, 0.3


@dataclass(frozen=True, slots=True)
class Row:
    """One objective, with nothing else wrong. alarms: false ones in 30 days · outage, partly: until all miss it, and
    30 %; None where that keeps the promise · why: it cannot be planned, and has no figures.
    """

    objective: Objective
    watch: Watch | None = None
    alarms: Figure | None = None
    outage: Delay | None = None
    partly: Delay | None = None
    samples: Samples | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A schedule with its objectives. alarms: false ones in 30 days · outage, partly: until generations that all fail,
    or 30 % of which fail, are found by any objective; None where none of them can tell.
    """

    schedule: Schedule
    rows: tuple[Row, ...]
    alarms: Figure
    outage: Delay | None
    partly: Delay | None


def plan(schedule: Schedule, objectives: Iterable[Objective]) -> Plan:
    """The figures of a schedule. Raises ConfigError for a window that holds more samples than can be planned."""
    rows = tuple(_row(schedule, each) for each in objectives)
    watches = [row.watch for row in rows if row.watch is not None]
    return Plan(
        schedule,
        rows,
        false_alarms(watches, schedule),
        delay(watches, OUTAGE, schedule),
        delay(watches, PARTLY, schedule),
    )


def watches_of(schedule: Schedule, objectives: Iterable[Objective]) -> list[Watch]:
    """Those about shares, as the schedule sees them; means take too long to simulate for many schedules."""
    found = [watch(each, schedule) for each in objectives if each.share is not None]
    return [each for each in found if isinstance(each, Watch)]


def _row(schedule: Schedule, objective: Objective) -> Row:
    found = watch(objective, schedule)
    if isinstance(found, str):
        return Row(objective, why=found)
    return Row(
        objective,
        found,
        false_alarms([found], schedule),
        _delay([found], OUTAGE, schedule, MONTH),
        _delay([found], PARTLY, schedule, MONTH),
        samples_for(objective, found.level, PARTLY),
    )


def false_alarms(
    watches: Sequence[Watch], schedule: Schedule, generations: int = simulated.GENERATIONS
) -> Figure:
    """Alarms that begin in 30 days of a service that keeps all promises: runs that fail after one that failed nothing.

    generations: how many are simulated, where that is needed.
    """
    able, good = _distinct(watches), _good(watches)
    if not able:
        return exactly(0.0)
    begun = _exact_alarms(able, good)
    found = exactly(begun) if begun is not None else simulated.alarms(able, good, generations)
    return found.times(schedule.runs_a_day * MONTH / DAY)


def delay(
    watches: Sequence[Watch], missing: float, schedule: Schedule, horizon: float = MONTH
) -> Delay | None:
    """Until generations of which so large a share fails are found, followed for `horizon` seconds; None: never."""
    return _delay([each for each in watches if each.on_answers], missing, schedule, horizon)


def _delay(watches: Sequence[Watch], missing: float, schedule: Schedule, horizon: float) -> Delay | None:
    broken = [each for each in watches if each.broken_by(missing)]
    if not broken:
        return None
    able, most_runs = _distinct(broken), math.ceil(horizon / schedule.every)
    known = [exact.survival(each, missing, most_runs) for each in able or broken[:1]]
    for survival in known:
        # No watch finds it sooner than one that needs a single run for sure.
        if survival is not None and (len(known) == 1 or survival[1] == 0):
            return computed(survival, schedule.every)
    trouble = Service(missing, 0.0) if able[0].on_answers else Service(0.0, missing)
    return observed(simulated.delays(able, _good(watches), trouble, schedule.every, most_runs))


def _exact_alarms(watches: Sequence[Watch], good: Service) -> float | None:
    """None where only simulation can tell."""
    answers = [each for each in watches if each.on_answers]
    pictures = [each for each in watches if not each.on_answers]
    if len(answers) > 1 or len(pictures) > 1 or not all(each.plain for each in watches):
        return None
    if not pictures:
        return exact.alarms(answers[0], None, Service(answers[0].level, 0.0))
    if answers and (answers[0].runs != pictures[0].runs or answers[0].level != good.failing):
        return None
    return exact.alarms(
        answers[0] if answers else None, pictures[0], Service(good.failing, pictures[0].level)
    )


def _distinct(watches: Iterable[Watch]) -> list[Watch]:
    """Those that can fail at all, and of those that see the same one."""
    able = [each for each in watches if each.able]
    return list({each.likeness: each for each in able}.values())


def _good(watches: Sequence[Watch]) -> Service:
    """No more generations fail than half of the strictest budget allows; faults of pictures have each their level."""
    return Service(min((each.level for each in watches if each.on_answers), default=0.0), 0.0)
