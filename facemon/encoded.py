"""What an encoded picture says of itself without being decoded: format, size, and whether all its bytes are there.

Decoding a 1536x1536 PNG takes tens of milliseconds; walking its chunks takes one or two. The caller of a generation
waits for this look only; the evaluators decode later. Layouts: PNG (W3C, third edition, §5), JPEG (ITU-T T.81,
annex B), WebP (RFC 9649, §2).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# Start-of-frame markers: C0 to CF without C4 (Huffman tables), C8 (reserved) and CC (arithmetic conditioning).
_MOST_PIECES = 10_000  # chunks, segments or fill bytes; a PNG of 4 MB has some 500, of 8 kB each
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class EncodedFacts:
    """Format (`png`, `jpeg`, `webp`) and size in pixels."""

    format: str
    width: int
    height: int


def inspect(data: bytes) -> EncodedFacts:
    """Read the structure of an encoded picture. Raises ValueError saying what is wrong with the bytes."""
    if not data:
        raise ValueError("the body is empty")
    try:
        facts = _facts(data)
    except (struct.error, IndexError):
        raise ValueError(f"the picture ends early, after {len(data)} bytes") from None
    if not (facts.width and facts.height):
        raise ValueError(f"a picture of {facts.width}x{facts.height} pixels")
    return facts


def _facts(data: bytes) -> EncodedFacts:
    if data.startswith(_PNG_SIGNATURE):
        return _png(data)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp(data)
    raise ValueError(f"{len(data)} bytes that are no PNG, JPEG or WebP; they start with {data[:8].hex(' ')}")


def _png(data: bytes) -> EncodedFacts:
    width, height = struct.unpack_from(">II", data, 16)
    view, at, has_pixels = memoryview(data), len(_PNG_SIGNATURE), False
    if data[12:16] != b"IHDR":
        raise ValueError(f"the PNG starts with the chunk {data[12:16]!r} instead of its header")
    for _ in range(_MOST_PIECES):
        (length,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        (expected,) = struct.unpack_from(">I", data, at + 8 + length)
        if zlib.crc32(view[at + 4 : at + 8 + length]) != expected:
            raise ValueError(f"the PNG chunk {kind!r} at byte {at} is damaged (its CRC does not fit)")
        has_pixels = has_pixels or kind == b"IDAT"
        if kind == b"IEND":
            if not has_pixels:
                raise ValueError("the PNG holds no pixels")
            return EncodedFacts("png", width, height)
        at += 12 + length
    raise ValueError(f"a PNG of more than {_MOST_PIECES} chunks")


def _jpeg(data: bytes) -> EncodedFacts:
    if not data.rstrip(b"\x00").endswith(b"\xff\xd9"):
        raise ValueError(f"the JPEG ends early, after {len(data)} bytes")
    at = 2
    for _ in range(_MOST_PIECES):
        if data[at] != 0xFF:
            raise ValueError(f"the JPEG is damaged at byte {at}: a marker was expected")
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte (T.81, B.1.1.2)
            at += 1
            continue
        if marker in _SOF:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return EncodedFacts("jpeg", width, height)
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    raise ValueError(f"a JPEG of more than {_MOST_PIECES} segments and fill bytes")


def _webp(data: bytes) -> EncodedFacts:
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise ValueError(f"the WebP ends early, after {len(data)} of {size + 8} bytes")
    kind = data[12:16]
    if kind in (b"VP8 ", b"VP8L", b"VP8X") and size < 22:  # the shortest picture's head does not fit in less
        raise ValueError(f"the WebP ends early, after {len(data)} bytes")
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    elif kind == b"VP8 ":
        width, height = (value & 0x3FFF for value in struct.unpack_from("<HH", data, 26))
    else:
        raise ValueError(f"the WebP starts with an unknown chunk {kind!r}")
    return EncodedFacts("webp", width, height)
