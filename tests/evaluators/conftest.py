"""Pictures to judge."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter

from facemon.simulator.portraits import draw_portrait


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a Pillow image."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def encode() -> Callable[..., bytes]:
    """Encodes a Pillow image."""
    return encoded


@pytest.fixture(scope="session")
def person() -> Image.Image:
    """A face of simple shapes with hair, eyes and mouth, 512 by 512: drawn here, not by the simulator."""
    image, chance = Image.new("RGB", (512, 512), (196, 205, 214)), random.Random(1)
    draw = ImageDraw.Draw(image)
    draw.ellipse((96, 330, 416, 640), fill=(70, 80, 120))
    draw.ellipse((156, 110, 356, 390), fill=(222, 184, 155))
    for x in (206, 286):
        draw.ellipse((x, 220, x + 26, 236), fill=(245, 245, 245))
        draw.ellipse((x + 8, 221, x + 20, 235), fill=(40, 30, 25))
        draw.line((x - 6, 205, x + 32, 202), fill=(60, 40, 30), width=4)
    draw.line((220, 320, 292, 320), fill=(150, 70, 70), width=7)
    for _ in range(500):
        x = chance.uniform(145, 365)
        draw.line((x, chance.uniform(80, 120), x + chance.uniform(-15, 15), 175), fill=(60, 40, 30))
    return image.filter(ImageFilter.GaussianBlur(0.7))


@pytest.fixture(scope="session")
def portraits() -> list[Image.Image]:
    """Four of the simulator's own portraits."""
    cells = [(20, "female", 1), (70, "male", 2), (40, "female", 3), (50, "male", 4)]
    return [draw_portrait(age, gender, seed) for age, gender, seed in cells]
