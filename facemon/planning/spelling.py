"""The figures of a plan in words."""

from __future__ import annotations

import math

from facemon.planning.delay import Delay, Figure
from facemon.planning.schedule import DAY

USD_A_CREDIT = 0.01
_SPANS = (("d", DAY), ("h", 3600.0), ("min", 60.0), ("s", 1.0))


def credits_and_usd(amount: float) -> str:
    """`864 credits (8.64 USD)`."""
    return f"{amount:,.6g} credits ({amount * USD_A_CREDIT:,.2f} USD)"


def found(delay: Delay | None) -> str:
    """When, and how surely within a day."""
    if delay is None:
        return "no objective can tell: none is broken by it"
    return (
        f"found in {span(delay.median)} (median), {span(delay.late)} (9 of 10); "
        f"within a day in {percent(delay.within_day.value)} of cases"
    )


def percent(share: float) -> str:
    """Cut, so that only what is certain is called 100 %."""
    return "100 %" if share > 1 - 1e-5 else f"{math.floor(share * 1000) / 10:.1f} %"


def count(figure: Figure | None) -> str:
    """`8.33`, or simulated `≈ 0.77 (0.51 to 1.07)`."""
    if figure is None:
        return "–"
    if figure.exact:
        return _number(figure.value)
    return f"≈ {_number(figure.value)} ({_number(figure.lower)} to {_number(figure.upper)})"


def span(figure: Figure) -> str:
    """`7.5 min`, or simulated `≈ 5.0 h (4.9 to 5.1)`, in the unit that fits."""
    if math.isinf(figure.value):
        return "> 30 d"
    unit, length = next((each for each in _SPANS if figure.value >= each[1]), _SPANS[-1])
    said = f"{figure.value / length:.3g} {unit}"
    if figure.exact:
        return said
    upper = "?" if math.isinf(figure.upper) else f"{figure.upper / length:.3g}"
    return f"≈ {said} ({figure.lower / length:.3g} to {upper})"


def _number(value: float) -> str:
    return "< 0.001" if 0 < value < 0.001 else f"{value:.3g}"
