from __future__ import annotations

from random import Random
from statistics import quantiles

import pytest

from facemon.simulator.latency import draw_latency


@pytest.mark.parametrize(("model", "p50", "p95"), [("core", 2.8, 5.0), ("ultra", 7.746, 10.0)])
def test_the_published_percentiles_come_out(model: str, p50: float, p95: float) -> None:
    """STABILITY_API §5, within 2 % over many draws."""
    random = Random(1)
    drawn = quantiles((draw_latency(model, 1.0, random) for _ in range(20_000)), n=20)
    assert drawn[9] == pytest.approx(p50, rel=0.02)
    assert drawn[18] == pytest.approx(p95, rel=0.02)


def test_latency_scales_and_repeats() -> None:
    """The same seed gives the same times, and the scale multiplies them."""
    assert draw_latency("core", 0.02, Random(5)) == pytest.approx(0.02 * draw_latency("core", 1.0, Random(5)))
    assert draw_latency("core", 0, Random(5)) == 0
