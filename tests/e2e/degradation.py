"""What spoils a picture, step by step, and the component of the quality score that must hear it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

from facemon.evaluators.base import Asked, Evaluator
from facemon.model import Quality, Score
from facemon.scoring import score


@dataclass(frozen=True)
class Degradation:
    """steps: from nothing to the worst, in the unit of `apply` · component: the evaluator's name."""

    component: str
    steps: tuple[float, ...]
    apply: Callable[[Image.Image, float], Image.Image]


def blurred(image: Image.Image, radius: float) -> Image.Image:
    """Gaussian blur; radius in pixels of a picture with 1024 on its shorter side."""
    return image.filter(ImageFilter.GaussianBlur(radius * min(image.size) / 1024))


def _noisy(image: Image.Image, sigma: float, grain: float) -> Image.Image:
    # The same noise each time, only stronger; on all channels alike.
    cells = round(image.height / grain), round(image.width / grain)
    noise = np.random.default_rng(1).standard_normal(cells, np.float32)
    spread = Image.fromarray(noise).resize(image.size, Image.Resampling.NEAREST)
    pixels = np.asarray(image, np.int16) + np.rint(sigma * np.asarray(spread)).astype(np.int16)[..., None]
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def noisy(image: Image.Image, sigma: float) -> Image.Image:
    """Noise of single pixels; sigma in grey values."""
    return _noisy(image, sigma, 1)


def grainy(image: Image.Image, sigma: float) -> Image.Image:
    """Noise in grains of two to three pixels."""
    return _noisy(image, sigma, 2.5)


def exposed(image: Image.Image, factor: float) -> Image.Image:
    """All values times a factor."""
    return image.point([min(255, round(value * factor)) for value in range(256)] * 3)


def compressed(image: Image.Image, quality: float) -> Image.Image:
    """As it comes out of a JPEG file."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=int(quality))
    return Image.open(stream).convert("RGB")


def reduced(image: Image.Image, factor: float) -> Image.Image:
    """Made smaller by that factor and enlarged again."""
    small = max(1, round(image.width / factor)), max(1, round(image.height / factor))
    return image.resize(small, Image.Resampling.LANCZOS).resize(image.size, Image.Resampling.BICUBIC)


DEGRADATIONS = {
    "blur": Degradation("sharpness", (0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8), blurred),
    "noise": Degradation("noise", (0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40), noisy),
    "grain": Degradation("noise", (0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40), grainy),
    "darkness": Degradation("exposure", (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1), exposed),
    "light": Degradation("exposure", (1, 1.2, 1.4, 1.6, 1.8, 2, 2.25, 2.5, 3, 3.5, 4), exposed),
    "compression": Degradation("compression", (95, 90, 80, 70, 60, 50, 40, 30, 20, 15, 10, 5), compressed),
    "reduction": Degradation("resolution", (1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8), reduced),
}


@dataclass(frozen=True)
class Step:
    """What one picture was found to be; None where it was not known."""

    part: Score
    total: float | None


def walk(
    image: Image.Image, degradation: Degradation, evaluators: tuple[Evaluator, ...], asked: Asked
) -> list[Step]:
    """The component's score and the quality score at each step."""
    found = []
    for amount in degradation.steps:
        stream = io.BytesIO()
        degradation.apply(image, amount).save(stream, "PNG", compress_level=0)
        scores = score(stream.getvalue(), asked, evaluators)
        part = next(one for one in scores if one.evaluator == degradation.component)
        found.append(Step(part, Quality(scores).quality_score))
    return found
