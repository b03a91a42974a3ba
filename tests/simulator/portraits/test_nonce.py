"""Stamps: other bytes, the same picture."""

from __future__ import annotations

import io
import zlib

import pytest
from PIL import Image

from facemon.simulator.portraits import PictureKey, stamp
from facemon.simulator.portraits.encoding import render

FORMATS = ("jpeg", "png", "webp")


@pytest.fixture(scope="module")
def bodies() -> dict[str, bytes]:
    return {name: render(PictureKey(30, "male", 5, 512, 512, name)) for name in FORMATS}


def _pixels(body: bytes) -> bytes:
    Image.open(io.BytesIO(body)).verify()
    image = Image.open(io.BytesIO(body))
    image.load()
    return image.tobytes()


@pytest.mark.parametrize("nonce", [b"", b"n", b"sixteen bytes ok", b"x" * 1001])
@pytest.mark.parametrize("name", FORMATS)
def test_stamping_keeps_the_pixels(bodies: dict[str, bytes], name: str, nonce: bytes) -> None:
    """A stamped picture verifies, decodes to the same pixels, and holds its nonce."""
    stamped = stamp(bodies[name], name, nonce)
    assert stamped != bodies[name]
    assert nonce in stamped
    assert _pixels(stamped) == _pixels(bodies[name])


@pytest.mark.parametrize("name", FORMATS)
def test_each_nonce_gives_other_bytes(bodies: dict[str, bytes], name: str) -> None:
    """Two nonces give two files, and the same nonce the same file."""
    stamped = [stamp(bodies[name], name, nonce) for nonce in (b"one", b"two", b"one")]
    assert stamped[0] == stamped[2] != stamped[1]


@pytest.mark.parametrize("name", FORMATS)
def test_stamps_can_follow_each_other(bodies: dict[str, bytes], name: str) -> None:
    """A stamped picture can be stamped again."""
    assert _pixels(stamp(stamp(bodies[name], name, b"one"), name, b"two")) == _pixels(bodies[name])


def test_the_png_chunk_has_its_checksum(bodies: dict[str, bytes]) -> None:
    """The chunk stands right after IHDR and its CRC covers type and data, which Pillow does not check."""
    chunk = stamp(bodies["png"], "png", b"nonce")[33:50]
    assert chunk[:8] == b"\0\0\0\x05fmNc"
    assert int.from_bytes(chunk[-4:], "big") == zlib.crc32(b"fmNcnonce")


def test_the_jpeg_segment_ends_where_it_says(bodies: dict[str, bytes]) -> None:
    """The length of the APP11 segment leads to the marker that followed SOI before; Pillow would search for it."""
    stamped = stamp(bodies["jpeg"], "jpeg", b"nonce")
    assert stamped[2:4] == b"\xff\xeb"
    end = 4 + int.from_bytes(stamped[4:6], "big")
    assert stamped[end:] == bodies["jpeg"][2:]


@pytest.mark.parametrize("nonce", [b"even", b"odd"])
def test_the_riff_size_is_the_file_size(bodies: dict[str, bytes], nonce: bytes) -> None:
    """WebP: the RIFF header counts the new chunk and its padding."""
    stamped = stamp(bodies["webp"], "webp", nonce)
    assert int.from_bytes(stamped[4:8], "little") == len(stamped) - 8
    assert len(stamped) % 2 == 0


@pytest.mark.parametrize("name", FORMATS)
def test_other_bytes_are_refused(bodies: dict[str, bytes], name: str) -> None:
    """What is not a picture of this format is refused, not damaged."""
    with pytest.raises(ValueError, match="cannot stamp"):
        stamp(b"plain text, longer than any header of a picture file", name, b"nonce")


def test_a_nonce_too_long_for_jpeg_is_refused(bodies: dict[str, bytes]) -> None:
    """A JPEG segment counts its length in two bytes: a longer nonce is an error, not a broken file."""
    with pytest.raises(ValueError, match="does not fit"):
        stamp(bodies["jpeg"], "jpeg", b"x" * 65536)
