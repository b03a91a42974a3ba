"""When a scheduled run should have come. Pure: the moment is an argument.

GitHub's `schedule` may be hours late, and a tick that it drops leaves no trace. So each run keeps the slot it belongs
to, how late it was, and how many slots before it had no run. A run that came so late that the next tick was over
belongs to that next one: its lateness is a lower bound, and the slot before it counts as skipped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile

from cronsim import CronSim, CronSimError

from facemon.errors import ConfigError, shorten

VARIABLE = "FACEMON_SCHEDULE"
_FIELDS = 5
_MOST = 10_000  # ticks that are counted: a month of every five minutes


@dataclass(frozen=True, slots=True)
class Slot:
    """schedule: the cron expression, in UTC · planned: the latest tick that is not after the run's beginning ·
    late: seconds between the two, at least · skipped: ticks without a run since the slot of the run before
    (at most 10,000), None where no run before it had a slot of this schedule.
    """

    schedule: str
    planned: datetime
    late: float
    skipped: int | None = None

    def as_data(self) -> dict[str, object]:
        """As a run's summary keeps it."""
        return {
            "schedule": self.schedule,
            "planned": self.planned.isoformat(),
            "late": self.late,
            "skipped": self.skipped,
        }


def slot(schedule: str, now: datetime, summaries: Iterable[Mapping[str, object]] = ()) -> Slot:
    """The slot of a run that begins now. summaries: of the runs before it, newest first.

    Raises ConfigError for an expression that is none, or that never fires.
    """
    tick = planned(schedule, now)
    before = next(
        (found.planned for found in map(kept, summaries) if found and found.schedule == schedule), None
    )
    skipped = None if before is None else max(0, ticks(schedule, before, tick) - 1)
    return Slot(schedule, tick, (now - tick).total_seconds(), skipped)


def planned(schedule: str, now: datetime) -> datetime:
    """The latest tick that is not after now. Raises ConfigError."""
    return _next(schedule, _minute(now) + timedelta(minutes=1), back=True)


def ticks(schedule: str, after: datetime, until: datetime) -> int:
    """How many ticks there are after the one moment, up to and with the other (at most 10,000). Raises ConfigError."""
    coming = takewhile(lambda tick: tick <= until, _cron(schedule, _minute(after), back=False))
    return sum(1 for _ in islice(coming, _MOST))


def kept(summary: Mapping[str, object]) -> Slot | None:
    """The slot that a run's summary keeps; None where it has none, or one that cannot be read."""
    found = summary.get("slot")
    if not isinstance(found, Mapping):
        return None
    try:
        moment = datetime.fromisoformat(str(found.get("planned")))
        late, skipped = float(found.get("late", 0)), found.get("skipped")
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        return None
    number = skipped if isinstance(skipped, int) and not isinstance(skipped, bool) else None
    return Slot(str(found.get("schedule", "")), moment, late, number)


def _minute(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _cron(schedule: str, start: datetime, *, back: bool) -> CronSim:
    # The library also reads a sixth field, of seconds, which GitHub does not.
    if len(schedule.split()) != _FIELDS:
        raise ConfigError(_refusal(schedule, f"{len(schedule.split())} fields"))
    try:
        return CronSim(schedule, start, reverse=back)
    except CronSimError as error:
        raise ConfigError(_refusal(schedule, str(error).lower())) from None


def _next(schedule: str, start: datetime, *, back: bool) -> datetime:
    try:
        return next(_cron(schedule, start, back=back))
    except StopIteration:
        raise ConfigError(_refusal(schedule, "it never fires")) from None


def _refusal(schedule: str, reason: str) -> str:
    return (
        f"the schedule {shorten(schedule)} is not accepted ({reason}): give five fields such as '17 * * * *'"
    )
