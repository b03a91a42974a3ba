"""Files that a broken or malicious server could send in place of a picture, and a process that judges them.

Run as a program it judges each file in a process of its own, which has the models loaded, and prints one JSON object a
line: the name, the seconds of CPU, the bytes of memory beyond what was there before, and the scores.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import struct
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from PIL import Image

from facemon.evaluators.base import Asked
from facemon.scoring import default_evaluators, score
from facemon.simulator.portraits import draw_portrait

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PORTRAIT = "a portrait"  # what the others are compared with
ASKED = Asked("png", (1536, 1536), 30, "female", "a face")
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The bytes of a Pillow image."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def portrait(side: int, kind: str = "PNG", **options: Any) -> bytes:
    """One of the simulator's faces."""
    image = draw_portrait(30, "female", 5).resize((side, side), Image.Resampling.BICUBIC)
    return encoded(image, kind, **options)


def chunk(kind: bytes, body: bytes) -> bytes:
    """A PNG chunk with its sum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    width: int, height: int, rows: bytes, depth: int = 8, colour: int = 2, interlaced: bool = False
) -> bytes:
    """A PNG put together by hand; rows: the pixels, each row with its filter before it, not yet compressed."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    """A PNG with more chunks behind its header."""
    return data[:33] + b"".join(chunks) + data[33:]


def with_segments(data: bytes, *segments: tuple[int, bytes]) -> bytes:
    """A JPEG with more segments at its start."""
    made = (bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body for marker, body in segments)
    return data[:2] + b"".join(made) + data[2:]


def resized(data: bytes, width: int, height: int) -> bytes:
    """A JPEG whose header says another size."""
    at = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    return data[: at + 5] + struct.pack(">HH", height, width) + data[at + 9 :]


def scans(side: int, count: int) -> bytes:
    """A progressive JPEG that goes over its pixels again and again."""
    data = encoded(Image.new("L", (side, side), 90), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def interlaced(side: int) -> bytes:
    """Adam7 (PNG, §8.1): seven pictures, each of some of the columns and rows."""
    rows = bytearray()
    for left, top, across, down in _PASSES:
        width, height = -(-(side - left) // across), -(-(side - top) // down)
        rows += (b"\0" + (bytes(range(256)) * side)[: 3 * width]) * height
    return png(side, side, bytes(rows), interlaced=True)


def animated(kind: str, count: int) -> bytes:
    """Many frames."""
    frames = [Image.effect_noise((128, 128), 60).convert("RGB") for _ in range(20)] * (count // 20)
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=10)


def turned() -> bytes:
    """A portrait that lies on its side, and says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    image = draw_portrait(30, "female", 5).transpose(Image.Transpose.ROTATE_90)
    return encoded(image, "JPEG", exif=exif)


def see_through(mode: str) -> bytes:
    """A portrait with a hole: an alpha channel, or a transparent colour of its palette."""
    image = draw_portrait(30, "female", 5)
    if mode == "P":
        return encoded(image.quantize(200), "PNG", transparency=3)
    image.putalpha(Image.radial_gradient("L").resize(image.size))
    return encoded(image, "PNG")


def flipped(data: bytes) -> bytes:
    """One bit in the middle."""
    middle = len(data) // 2
    return data[:middle] + bytes((data[middle] ^ 1,)) + data[middle + 1 :]


BOMB = zlib.compress(bytes(100_000_000), 9)  # a hundred thousand bytes
FLAT = bytes(4000 * (1 + 4000 * 3))
EXIF_LOOP = b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + struct.pack(">HHII", 0x8769, 4, 1, 8) * 5000

READABLE: dict[str, Callable[[], bytes]] = {
    "1x1": lambda: encoded(Image.new("RGB", (1, 1)), "PNG"),
    "1x20000": lambda: encoded(Image.new("L", (1, 20_000), 90), "PNG"),
    "20000x1": lambda: encoded(Image.effect_noise((20_000, 1), 90), "PNG"),
    "240x65000": lambda: encoded(Image.linear_gradient("L").resize((240, 65_000)), "JPEG"),
    "16-bit grey": lambda: encoded(Image.new("I;16", (600, 600), 40_000), "PNG"),
    "16-bit RGB": lambda: png(600, 600, (b"\0" + bytes(range(225)) * 16) * 600, depth=16),
    "16-bit RGBA, 4000x4000": lambda: png(4000, 4000, bytes(4000 * (1 + 4000 * 8)), depth=16, colour=6),
    "4000x4000 of one colour": lambda: png(4000, 4000, FLAT),
    "4000x4000 of noise": lambda: encoded(
        Image.effect_noise((1000, 1000), 90).resize((4000, 4000), 0).convert("RGB"), "JPEG"
    ),
    "4000x4000 portrait": lambda: portrait(4000, "JPEG"),
    "300 MB of pixels too many": lambda: png(64, 64, bytes(300_000_000)),
    "zTXt bomb": lambda: with_chunks(portrait(512), chunk(b"zTXt", b"k\0\0" + BOMB)),
    "iTXt bomb": lambda: with_chunks(portrait(512), chunk(b"iTXt", b"k\0\1\0\0\0" + BOMB)),
    "iCCP bomb": lambda: with_chunks(portrait(512), chunk(b"iCCP", b"k\0\0" + BOMB)),
    "2000 small iCCP bombs": lambda: with_chunks(
        portrait(512), chunk(b"iCCP", b"k\0\0" + zlib.compress(bytes(1_000_000))) * 2000
    ),
    "20 MB of text": lambda: with_chunks(portrait(512), chunk(b"tEXt", b"k\0" + b"a" * 20_000_000)),
    "20 MB of segments": lambda: with_segments(portrait(512, "JPEG"), *[(0xE2, bytes(65_000))] * 300),
    "CMYK JPEG": lambda: encoded(draw_portrait(30, "female", 5).convert("CMYK"), "JPEG"),
    "progressive JPEG": lambda: portrait(512, "JPEG", progressive=True),
    "animated PNG": lambda: animated("PNG", 400),
    "animated WebP": lambda: animated("WEBP", 400),
    "EXIF-rotated": turned,
    "malformed EXIF": lambda: with_segments(portrait(512, "JPEG"), (0xE1, EXIF_LOOP)),
    "alpha": lambda: see_through("RGBA"),
    "palette with transparency": lambda: see_through("P"),
    "interlaced PNG": lambda: interlaced(1024),
    "4000x4000 WebP": lambda: encoded(Image.new("RGB", (4000, 4000), "teal"), "WEBP", lossless=True),
}
UNREADABLE: dict[str, Callable[[], bytes]] = {
    "PNG of 60000x60000": lambda: png(60_000, 60_000, bytes(10_000)),
    "JPEG of 65500x65500": lambda: resized(portrait(64, "JPEG"), 65_500, 65_500),
    "WebP of 16384x16384": lambda: (
        b"RIFF\x26\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\x3f\0\xff\x3f\0" + bytes(20)
    ),
    "16000000x1": lambda: png(16_000_000, 1, bytes(16_000_001), colour=0),
    "truncated PNG": lambda: portrait(512)[:-2000],
    "truncated JPEG": lambda: portrait(512, "JPEG")[:-2000],
    "truncated WebP": lambda: portrait(512, "WEBP")[:-2000],
    "wrong CRC": lambda: flipped(portrait(512)),
    "HTML": lambda: b"<!doctype html><title>502</title>" * 9,
    "zeros": lambda: bytes(1_000_000),
    "nothing": lambda: b"",
    "signature alone": lambda: SIGNATURE,
    "no pixels": lambda: (
        SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)) + chunk(b"IEND", b"")
    ),
    "5000 scans": lambda: scans(2000, 5000),
    "a million chunks": lambda: with_chunks(portrait(64), chunk(b"teXt", b"") * 1_000_000),
    "20 MB of fill bytes": lambda: (
        with_segments(portrait(64, "JPEG"))[:2] + b"\xff" * 20_000_000 + b"\xff\xd9"
    ),
    "40 MB": lambda: with_chunks(portrait(64), chunk(b"tEXt", b"k\0" + b"a" * 40_000_000)),
}
FILES = {PORTRAIT: lambda: portrait(1536), **READABLE, **UNREADABLE}


def judge(data: bytes) -> dict[str, Any]:
    """One file judged in this process."""
    judges, before = default_evaluators(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    scores = score(data, ASKED, judges)
    seconds = time.process_time() - started
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {
        "seconds": seconds,
        "bytes": grown * (1 if sys.platform == "darwin" else 1024),
        "scores": [[one.evaluator, one.verdict.value, one.reason, one.error_type] for one in scores],
    }


def apart(work: Callable[[], bytes]) -> bytes:
    """What a copy of this process makes of it, so that one file's memory is not the next one's; nothing if it died."""
    reader, writer = os.pipe()
    if not os.fork():
        with contextlib.suppress(BaseException), os.fdopen(writer, "wb") as stream:
            os.close(reader)
            stream.write(work())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        made = stream.read()
    os.wait()
    return made


def judge_all() -> Iterator[bytes]:
    """Every file, the portrait first and three times; what died has no scores."""
    score(portrait(256), ASKED, default_evaluators())  # loads the models
    for name, make in [(PORTRAIT, FILES[PORTRAIT])] * 2 + list(FILES.items()):
        data = apart(make)
        yield apart(lambda name=name, data=data: json.dumps({"name": name, **judge(data)}).encode())


if __name__ == "__main__":
    for line in judge_all():
        sys.stdout.write(line.decode() + "\n")
