"""Other bytes for the same pixels, as the vendor's fresh manifest in every picture makes them.

Sources: PNG specification (third edition) §5.3 and §5.4, chunk layout and naming; ITU-T T.81 B.2.4.6,
application segments; RFC 9649 §2.4 and §2.7, RIFF chunks and the extended file format of WebP.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_END = len(_PNG_SIGNATURE) + 4 + 4 + 13 + 4  # length, type, IHDR's 13 bytes, CRC
# Lower case first and second: ancillary and private; upper case third: as the standard demands; lower
# case last: editors that do not know it may copy it.
_PNG_CHUNK = b"fmNc"
_JPEG_START = b"\xff\xd8"
_JPEG_APP11 = b"\xff\xeb"
_JPEG_IDENTIFIER = b"facemon\0"
_JPEG_LONGEST_SEGMENT = 0xFFFF
_WEBP_HEADER_END = 12  # "RIFF", size, "WEBP"
_WEBP_CHUNK = b"FMNC"


def stamp(body: bytes, format: str, nonce: bytes) -> bytes:  # noqa: A002 - as in PictureKey
    """`body` with `nonce` in a metadata chunk: nothing is decoded, and the picture is copied once.

    Raises ValueError when `body` does not begin as `format` does, or the nonce is too long for a chunk.
    """
    return _STAMPS[format](body, nonce)


def _stamp_png(body: bytes, nonce: bytes) -> bytes:
    _demand(body.startswith(_PNG_SIGNATURE) and body[12:16] == b"IHDR", "PNG")
    checksum = zlib.crc32(_PNG_CHUNK + nonce)
    chunk = len(nonce).to_bytes(4, "big") + _PNG_CHUNK + nonce + checksum.to_bytes(4, "big")
    return _insert(body, _PNG_HEADER_END, chunk)


def _stamp_jpeg(body: bytes, nonce: bytes) -> bytes:
    _demand(body.startswith(_JPEG_START), "JPEG")
    length = 2 + len(_JPEG_IDENTIFIER) + len(nonce)
    if length > _JPEG_LONGEST_SEGMENT:
        raise ValueError(f"a nonce of {len(nonce)} bytes does not fit into a JPEG segment")
    segment = _JPEG_APP11 + length.to_bytes(2, "big") + _JPEG_IDENTIFIER + nonce
    return _insert(body, len(_JPEG_START), segment)


def _stamp_webp(body: bytes, nonce: bytes) -> bytes:
    extended = body.startswith(b"RIFF") and body[8:16] == b"WEBPVP8X"
    _demand(extended, "WebP in the extended form")
    chunk = _WEBP_CHUNK + len(nonce).to_bytes(4, "little") + nonce + b"\0" * (len(nonce) % 2)
    size = int.from_bytes(body[4:8], "little") + len(chunk)
    # Unknown chunks may only follow the known ones, so this one goes to the end.
    header = b"RIFF" + size.to_bytes(4, "little") + b"WEBP"
    return b"".join((header, memoryview(body)[_WEBP_HEADER_END:], chunk))


def _insert(body: bytes, place: int, chunk: bytes) -> bytes:
    whole = memoryview(body)
    return b"".join((whole[:place], chunk, whole[place:]))


def _demand(recognised: bool, name: str) -> None:
    if not recognised:
        raise ValueError(f"cannot stamp: not a {name}")


_STAMPS: dict[str, Callable[[bytes, bytes], bytes]] = {
    "jpeg": _stamp_jpeg,
    "png": _stamp_png,
    "webp": _stamp_webp,
}
