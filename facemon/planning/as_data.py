"""A plan for programs: durations in seconds, money in credits and USD, chances as shares; null is never, or none."""

from __future__ import annotations

import math
from typing import Any

from facemon.planning.delay import Delay, Figure
from facemon.planning.offers import OPTIONS
from facemon.planning.plan import Plan, Row
from facemon.planning.schedule import DAY, MONTH
from facemon.planning.spelling import USD_A_CREDIT
from facemon.planning.wish import Answer, Offer
from facemon.retry import RetryPolicy


def as_json(plan: Plan) -> dict[str, Any]:
    """Of a plan. A delay of null: not found in the 30 days that are followed."""
    daily = plan.schedule.credits_a_day
    return {
        "every": plan.schedule.every,
        "samples": plan.schedule.samples,
        "credits": {
            "each": plan.schedule.price,
            "day": daily,
            "month": daily * MONTH / DAY,
            "retriesDayAtMost": daily * RetryPolicy().max_retries,
        },
        "usd": {"day": daily * USD_A_CREDIT, "month": daily * MONTH / DAY * USD_A_CREDIT},
        "falseAlarmsMonth": _figure(plan.alarms),
        "outage": _delay(plan.outage),
        "failing30Percent": _delay(plan.partly),
        "objectives": [_row(row) for row in plan.rows],
    }


def offers_as_json(answer: Answer) -> dict[str, Any]:
    """The same of a search."""
    return {
        "tried": answer.tried,
        "offers": [_offer(each) for each in answer.offers],
        "outOfReach": [OPTIONS[name] for name in answer.hopeless],
        "without": {OPTIONS[name]: _offer(each) for name, each in answer.without.items()},
    }


def _offer(offer: Offer) -> dict[str, Any]:
    return {
        "every": offer.schedule.every,
        "samples": offer.schedule.samples,
        "window": offer.window,
        "creditsDay": offer.schedule.credits_a_day,
        "falseAlarmsMonth": _figure(offer.alarms),
        "outageIn9Of10": _figure(offer.outage),
        "failing30PercentIn9Of10": _figure(offer.partly),
    }


def _row(row: Row) -> dict[str, Any]:
    if row.watch is None or row.alarms is None or row.samples is None:
        return {"objective": str(row.objective), "notPlanned": row.why}
    return {
        "objective": str(row.objective),
        "samplesJudged": row.watch.judged,
        "runsJudged": row.watch.runs,
        "cells": row.watch.cells,
        "failsFromMisses": row.watch.misses,
        "falseAlarmsMonth": _figure(row.alarms),
        "allMiss": _delay(row.outage),
        "miss30Percent": _delay(row.partly),
        "samplesTo": {
            "passWithoutAMiss": row.samples.to_pass,
            "bearOneMiss": row.samples.to_bear_one,
            "passAtHalfTheBudget": row.samples.to_tell_good,
            "failAt30Percent": row.samples.to_tell_bad,
        },
    }


def _delay(delay: Delay | None) -> dict[str, Any] | None:
    if delay is None:
        return None
    return {
        "median": _figure(delay.median),
        "in9Of10": _figure(delay.late),
        "withinADay": _figure(delay.within_day),
    }


def _figure(figure: Figure) -> dict[str, Any]:
    lower, value, upper = (
        None if math.isinf(each) else each for each in (figure.lower, figure.value, figure.upper)
    )
    return {"value": value, "lower": lower, "upper": upper, "exact": figure.exact}
