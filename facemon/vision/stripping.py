"""An encoded picture without its metadata: what is left makes its pixels, and no more.

Text, colour profiles, comments and further frames of an animation are not the picture, and may be bombs of their own:
they are cut out before a decoder sees them. Layouts: PNG (W3C, third edition, §5), JPEG (ITU-T T.81, annex B), WebP
(RFC 9649, §2), EXIF 2.32 (§4.6).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_MOST_PIECES = 10_000  # chunks or segments; a PNG of 4 MB has some 500, of 8 kB each
_MOST_SCANS = 50  # of a progressive JPEG: each costs a pass over all its pixels, and libjpeg writes ten
_PNG_PIXELS = frozenset((b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"))
_APP1, _ADOBE, _COMMENT, _SOS = 0xE1, 0xEE, 0xFE, 0xDA
# Application segments but for JFIF's (E0) and Adobe's, which say how the colours are stored.
_JPEG_METADATA = frozenset((*range(_APP1, 0xF0), _COMMENT)) - {_ADOBE}
_EXIF = b"Exif\0\0"
_ORIENTATION, _SHORT = 0x0112, 3

Piece = tuple[bytes, int, int]
"""What it is, where it starts, and where it ends."""


def stripped(data: bytes) -> tuple[bytes, bytes]:
    """The file with what makes its pixels, and its EXIF block (empty where there is none).

    A WebP is handed back as it is, its decoder reads metadata only when asked. Raises ValueError where there are more
    pieces than a picture has.
    """
    if data.startswith(b"\x89PNG"):
        return _stripped_png(data)
    if data.startswith(b"\xff\xd8"):
        return _stripped_jpeg(data)
    if data.startswith(b"RIFF"):
        return data, b"".join(data[at + 8 : end] for kind, at, end in _chunks(data, "<") if kind == b"EXIF")
    return data, b""


def orientation(exif: bytes) -> int:
    """The tag of that name, 1 (upright) to 8; 1 where the block is damaged or says nothing. Raises nothing."""
    block = exif.removeprefix(_EXIF)
    order = {b"II": "<", b"MM": ">"}.get(block[:2], "")
    try:
        (start,) = struct.unpack_from(f"{order}I", block, 4)
        (count,) = struct.unpack_from(f"{order}H", block, start)
        for place in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", block, place)
            if order and (tag, kind) == (_ORIENTATION, _SHORT):
                return int(value)
    except struct.error:  # it ends early, or points beyond its end
        pass
    return 1


def _stripped_png(data: bytes) -> tuple[bytes, bytes]:
    kept, exif = [data[:8]], b""
    for kind, at, end in _chunks(data, ">"):
        if kind in _PNG_PIXELS:
            kept.append(data[at:end])
        elif kind == b"eXIf":
            exif = data[at + 8 : end - 4]
    return b"".join(kept), exif


def _stripped_jpeg(data: bytes) -> tuple[bytes, bytes]:
    kept, exif = [data[:2]], b""
    for marker, at, end in _segments(data):
        if marker[0] not in _JPEG_METADATA:
            kept.append(data[at:end])
        elif marker[0] == _APP1 and data.startswith(_EXIF, at + 4):
            exif = exif or data[at + 4 : end]
    whole = b"".join(kept)
    if whole.count(bytes((0xFF, _SOS))) > _MOST_SCANS:
        raise ValueError(f"a JPEG of more than {_MOST_SCANS} scans")
    return whole, exif


def _chunks(data: bytes, order: str) -> Iterator[Piece]:
    """The chunks of a PNG up to its end, or of a WebP. One that is cut off is not there."""
    png = order == ">"
    at = 8 if png else 12
    for _ in range(_MOST_PIECES):
        if at + 8 > len(data):
            return
        (length,) = struct.unpack_from(f"{order}I", data, at + (0 if png else 4))
        kind = data[at + 4 : at + 8] if png else data[at : at + 4]
        end = at + 8 + length + (4 if png else length % 2)  # a PNG's sum; a WebP's padding
        yield kind, at, end
        if kind == b"IEND":
            return
        at = end
    raise ValueError(f"a picture of more than {_MOST_PIECES} chunks")


def _segments(data: bytes) -> Iterator[Piece]:
    """The segments of a JPEG; with the first scan comes all that follows it."""
    at = 2
    for _ in range(_MOST_PIECES):
        if at + 4 > len(data):
            return
        start, marker = data[at], data[at + 1 : at + 2]
        if start != 0xFF:
            raise ValueError(f"the JPEG is damaged at byte {at}: a marker was expected")
        if marker[0] == 0xFF:  # a fill byte
            at += 1
            continue
        end = len(data) if marker[0] == _SOS else at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield marker, at, end
        if marker[0] == _SOS:
            return
        at = end
    raise ValueError(f"a JPEG of more than {_MOST_PIECES} segments")
