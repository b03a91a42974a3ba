"""From a key to the body that a server sends: draw at the right ratio, enlarge, encode."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

from facemon.simulator.portraits.keys import PictureKey
from facemon.simulator.portraits.painter import SIDE, draw_portrait

_FLAT_GREY = (127, 127, 127)
# At a drawing of 512 pixels the face is 200 wide: this leaves a patch of skin and a patch of hair.
_MODERATION_RADIUS = 16
_LONGEST_SIDE = 4 * SIDE
_GRAIN = 2  # levels of 255: unseen, and a PNG becomes as large as the vendor's, 3 MB
# libwebp writes the extended form (VP8X), the only one that may carry further chunks, when there is
# metadata; see `nonce.stamp`.
_WEBP_METADATA = b"facemon simulator"


def render(key: PictureKey) -> bytes:
    """The encoded picture, byte for byte the same each time."""
    return encode(_paint(key), key.format)


def enlarge(image: Image.Image, width: int, height: int) -> Image.Image:
    """`image` at exactly this size. Meant for an image of (nearly) the same ratio: nothing is cropped."""
    if image.size == (width, height):
        return image
    return image.resize((width, height), Image.Resampling.BICUBIC)


def encode(image: Image.Image, format: str) -> bytes:  # noqa: A002 - the field's name in the API is output_format
    """The image as `png`, `jpeg` or `webp`, tuned for speed before size."""
    stream = io.BytesIO()
    match format:
        case "png":
            image.save(stream, "PNG", compress_level=1)
        case "jpeg":
            image.save(stream, "JPEG", quality=90)
        case "webp":
            image.save(stream, "WEBP", quality=85, method=0, xmp=_WEBP_METADATA)
        case _:
            raise ValueError(f"cannot encode {format!r}")
    return stream.getvalue()


def _paint(key: PictureKey) -> Image.Image:
    if key.variant == "blank":
        return Image.new("RGB", (key.width, key.height), _FLAT_GREY)
    image = draw_portrait(key.age, key.gender, key.seed, *_drawing_size(key.width, key.height))
    if key.variant == "blurred":
        return enlarge(image.filter(ImageFilter.GaussianBlur(_MODERATION_RADIUS)), key.width, key.height)
    return _grained(enlarge(image, key.width, key.height), key.seed)


def _grained(image: Image.Image, seed: int) -> Image.Image:
    """The picture with grain of one pixel: an enlarged drawing is smoother than any photograph."""
    chance = np.random.default_rng(seed)
    grain = chance.integers(0, 2 * _GRAIN + 1, (image.height, image.width, 1), dtype=np.uint8)
    pixels = np.clip(np.asarray(image), _GRAIN, 255 - _GRAIN)
    # Subtracted first, added second: an unsigned byte neither falls below 0 nor rises above 255.
    pixels -= np.uint8(_GRAIN)
    pixels += grain
    return Image.fromarray(pixels)


def _drawing_size(width: int, height: int) -> tuple[int, int]:
    """The same ratio with a short side of `SIDE`: what lies beyond the square is drawn, not stretched."""
    short = min(width, height)
    # Far beyond 21:9, which nobody documents, pictures are stretched after all: memory comes first.
    return min(round(width * SIDE / short), _LONGEST_SIDE), min(round(height * SIDE / short), _LONGEST_SIDE)
