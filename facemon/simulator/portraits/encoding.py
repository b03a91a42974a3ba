"""From a key to the body that a server sends: paint what the variant says, encode."""

from __future__ import annotations

import io

from PIL import Image

from facemon.simulator.portraits.keys import PictureKey
from facemon.simulator.portraits.variants import VARIANTS

# libwebp writes the extended form (VP8X), the only one that may carry further chunks, when there is
# metadata; see `nonce.stamp`.
_WEBP_METADATA = b"facemon simulator"


def render(key: PictureKey) -> bytes:
    """The encoded picture, byte for byte the same each time."""
    paint = VARIANTS[key.variant]
    return encode(paint(key.age, key.gender, key.seed, key.width, key.height), key.format)


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
