"""Which picture is meant: everything that its pixels depend on."""

from __future__ import annotations

from dataclasses import dataclass

from facemon.simulator.portraits.variants import VARIANTS

GENDERS = ("female", "male")
FORMATS = ("jpeg", "png", "webp")


@dataclass(frozen=True)
class PictureKey:
    """One picture: `width` and `height` in pixels, `age` in years.

    `variant` is a name in `variants.VARIANTS`: `plain`, or one of the ways in which a picture goes wrong.
    Raises ValueError for a gender, format or variant that nobody draws, and for a size below one pixel.
    """

    age: int
    gender: str
    seed: int
    width: int
    height: int
    format: str
    variant: str = "plain"

    def __post_init__(self) -> None:
        for value, known in ((self.gender, GENDERS), (self.format, FORMATS), (self.variant, VARIANTS)):
            if value not in known:
                raise ValueError(f"{value!r} is none of {', '.join(known)}")
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a picture of {self.width}×{self.height} pixels has no pixels")
