"""From a key to a body: format, size and variant are the ones asked for."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageFile

from facemon.simulator.portraits import PictureKey
from facemon.simulator.portraits.encoding import render


def _open(body: bytes) -> Image.Image:
    assert not ImageFile.LOAD_TRUNCATED_IMAGES
    image = Image.open(io.BytesIO(body))
    image.load()
    return image


def _sharpness(image: Image.Image) -> float:
    """Variance of the Laplacian of the picture reduced to 320 pixels, as a blur detector computes it."""
    grey = np.asarray(image.convert("L").resize((320, 320)), np.float32)
    laplacian = grey[1:-1, :-2] + grey[1:-1, 2:] + grey[:-2, 1:-1] + grey[2:, 1:-1] - 4 * grey[1:-1, 1:-1]
    return float(laplacian.var())


@pytest.mark.parametrize(
    ("width", "height"),
    [(1536, 1536), (2304, 960), (960, 2304), (768, 1344), (1088, 896), (1216, 832)],
)
def test_sizes_are_exact(width: int, height: int) -> None:
    """A picture has exactly the size of its key, in every documented ratio."""
    image = _open(render(PictureKey(40, "male", 9, width, height, "jpeg")))
    assert (image.size, image.mode) == ((width, height), "RGB")


@pytest.mark.parametrize("picture_format", ["jpeg", "png", "webp"])
def test_formats_are_what_they_say(picture_format: str) -> None:
    """A body is in the format of its key, and the same key gives the same bytes."""
    key = PictureKey(20, "female", 1, 640, 512, picture_format)
    body = render(key)
    assert _open(body).format == picture_format.upper()
    assert render(key) == body


def test_blurred_is_blurred() -> None:
    """What moderation returns has lost nearly all of its detail, but keeps its colours."""
    plain, blurred = (
        _open(render(PictureKey(50, "female", 4, 1024, 1024, "png", variant)))
        for variant in ("plain", "blurred")
    )
    assert _sharpness(blurred) < _sharpness(plain) / 30
    middles = [np.asarray(image).mean(axis=(0, 1)) for image in (plain, blurred)]
    assert np.abs(middles[0] - middles[1]).max() < 3


def test_blank_is_flat() -> None:
    """A blank picture is one grey."""
    image = _open(render(PictureKey(50, "female", 4, 1024, 1024, "png", "blank")))
    assert len({*image.getextrema()}) == 1
    assert image.getextrema()[0][0] == image.getextrema()[0][1]


def test_absurd_ratios_do_not_exhaust_memory() -> None:
    """A ratio that nobody documents is drawn at a bounded size, and has its exact size all the same."""
    assert _open(render(PictureKey(50, "male", 4, 8000, 20, "png"))).size == (8000, 20)


@pytest.mark.parametrize(
    "wrong", [{"gender": "other"}, {"format": "gif"}, {"variant": "cubist"}, {"width": 0}, {"height": -1}]
)
def test_wrong_keys_are_refused(wrong: dict[str, object]) -> None:
    """A key that nobody can draw is refused when it is made, not in a worker process later."""
    right = {"age": 30, "gender": "male", "seed": 1, "width": 8, "height": 8, "format": "png"}
    with pytest.raises(ValueError, match=r"none of|pixels"):
        PictureKey(**(right | wrong))  # type: ignore[arg-type]
