"""From bytes to an upright, opaque picture in red, green and blue, whatever they are.

The bytes come from the network: how many they are, their pixels and their pieces are bounded before they are decoded.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from facemon import encoded
from facemon.vision.stripping import orientation, stripped
from facemon.vision.trouble import Unreadable

_MOST_BYTES = 32 * 2**20  # the largest documented picture has about 4 MB
# More is a decompression bomb, or too much for our memory: the API paints 2.4 million.
_MOST_PIXELS = 16_000_000
_LONGEST_SIDE = 65_535  # pixels: a JPEG can have no more
# Not Pillow's general `open`: it knows other formats, one of which (EPS) starts a program.
_READERS = {
    "png": PngImagePlugin.PngImageFile,
    "jpeg": JpegImagePlugin.JpegImageFile,
    "webp": WebPImagePlugin.WebPImageFile,
}
_PAPER = (255, 255, 255)  # what viewers put behind a transparent picture
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def decode(data: bytes) -> Image.Image | Unreadable:
    """The picture, decoded to its last byte (an animation's first frame), or why there is none.

    Of its metadata it has the EXIF block alone, as `info["exif"]`. It gives no warning and changes no filter of
    warnings, which would be every thread's: any thread may decode at any time.
    """
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError(f"{len(data)} bytes, more than {_MOST_BYTES}")
        pixels, exif = stripped(data)
        facts = encoded.inspect(data)  # Pillow checks neither a PNG's sums nor its end
        _check_size(facts.width, facts.height)
        image = _READERS[facts.format](io.BytesIO(pixels))
        _check_size(*image.size)  # a file may name two
        image.load()
    except ValueError as error:
        return Unreadable(str(error))
    except Exception as error:  # its decoders raise many kinds: each means that the bytes do not decode
        return Unreadable(f"{type(error).__name__}: {error}")
    image.info["exif"] = exif
    return image


def upright(image: Image.Image) -> Image.Image:
    """As a viewer shows it: turned by its EXIF orientation, on white paper, mode RGB."""
    turn = _TURNS.get(orientation(image.info.get("exif", b"")))
    if image.mode.startswith("I"):  # 16 bits a pixel: Pillow's own conversion cuts off at 255
        image = Image.fromarray((np.asarray(image).clip(0, 65535) >> 8).astype(np.uint8))
    elif image.has_transparency_data:
        layer = image if image.mode == "RGBA" else image.convert("RGBA")
        image = Image.new("RGB", layer.size, _PAPER)
        image.paste(layer, mask=layer)
    plain = image if image.mode == "RGB" else image.convert("RGB")
    return plain if turn is None else plain.transpose(turn)


def _check_size(width: int, height: int) -> None:
    if width * height > _MOST_PIXELS:
        raise ValueError(f"{width}x{height} pixels, more than {_MOST_PIXELS}")
    if max(width, height) > _LONGEST_SIDE:
        raise ValueError(f"{width}x{height} pixels, a side longer than {_LONGEST_SIDE}")
