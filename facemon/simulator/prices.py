"""What a picture costs, in credits of 0.01 USD (STABILITY_API §4)."""

from __future__ import annotations

PRICES = {
    "ultra": 8.0,
    "core": 3.0,
    "sd3.5-large": 6.5,
    "sd3.5-large-turbo": 4.0,
    "sd3.5-medium": 3.5,
    "sd3.5-flash": 2.5,
}


def v1_price(steps: int, samples: int) -> float:
    """Credits for `samples` pictures of SDXL: 0.9 each up to 30 steps, in proportion above."""
    return 0.9 * max(steps, 30) / 30 * samples
