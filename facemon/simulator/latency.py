"""How long a generation takes, by model: lognormal from its median and 95th percentile (STABILITY_API §5).

Third parties publish p50 2.8 s and p95 5 s over all image models, and 6 to 10 s for ultra, read here as the middle
90 %. With the mean of the logarithm at ln p50, p95 lies 1.645 standard deviations above it.
"""

from __future__ import annotations

import math
from random import Random

_Z95 = 1.6448536269514722
_USUAL = (2.8, 5.0)
_FIGURES = {"ultra": (math.sqrt(6.0 * 10.0), 10.0)}


def draw_latency(model: str, scale: float, random: Random) -> float:
    """Seconds until the reply begins; `scale` 1.0 is real time, 0 is none."""
    median, p95 = _FIGURES.get(model, _USUAL)
    return scale * random.lognormvariate(math.log(median), math.log(p95 / median) / _Z95)
