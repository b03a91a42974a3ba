"""Colours in linear light, and the palettes that people are drawn from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from facemon.simulator.portraits.canvas import Plane

Colour = tuple[float, float, float]
"""Red, green and blue in linear light, 0..1."""

GAMMA = 2.2  # close enough to the sRGB curve for a drawing, and cheaper

# All in 8-bit sRGB, chosen by eye from photographs; from light to dark.
SKIN_TONES = (
    (244, 213, 194),
    (236, 198, 172),
    (224, 182, 150),
    (205, 158, 124),
    (178, 128, 94),
    (138, 92, 66),
    (104, 68, 50),
)
# Black, dark brown, brown, light brown, dark blond, blond, red.
HAIR_COLOURS = (
    (28, 22, 20),
    (52, 36, 26),
    (84, 56, 36),
    (120, 82, 48),
    (168, 124, 72),
    (205, 168, 110),
    (120, 54, 30),
)
IRIS_COLOURS = ((70, 44, 26), (96, 64, 36), (110, 104, 60), (90, 120, 130), (110, 140, 165))
GREY_HAIR = (186, 184, 182)


def linear(colour: Sequence[float]) -> Colour:
    """From 8-bit sRGB values to linear light."""
    red, green, blue = ((channel / 255) ** GAMMA for channel in colour)
    return red, green, blue


def from_palette(palette: Sequence[Sequence[float]], place: float) -> Colour:
    """The colour at `place`, 0 .. len(palette) - 1, between two neighbours where it is not whole."""
    places = range(len(palette))
    mixed = [float(np.interp(place, places, channel)) for channel in zip(*palette, strict=True)]
    return linear(mixed)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of `other` in `one`."""
    red, green, blue = (a * (1 - share) + b * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def tint(colour: Colour, factors: Sequence[float]) -> Colour:
    """Each channel times its factor."""
    red, green, blue = (channel * factor for channel, factor in zip(colour, factors, strict=True))
    return red, green, blue


def shaded(colour: Colour, light: Plane) -> Plane:
    """The colour under a plane of light: height × width × 3."""
    return light[..., None] * np.array(colour, np.float32)


def blend(picture: Plane, paint: Plane | Colour, cover: Plane) -> None:
    """Lay `paint` over `picture`, in place; `cover` is 0 where the picture stays and 1 where it is hidden."""
    picture += (np.asarray(paint, np.float32) - picture) * cover[..., None]


def darken(picture: Plane, amount: Plane, weights: Colour = (1.0, 1.0, 1.0)) -> None:
    """Take light away, in place; `weights` says how much each channel suffers, which sets the hue."""
    picture *= 1 - amount[..., None] * np.array(weights, np.float32)
