"""Functions of others, made to look like ours."""

import contextlib
import dataclasses
import errno
import io
import socket
import ssl

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facemon.client.foreign import as_error, as_image
from facemon.errors import (
    AttemptTimeout,
    ConnectionFailed,
    GenerationError,
    InvalidImage,
    InvalidRequest,
    InvalidResponse,
    Moderated,
    NotFound,
    PaymentRequired,
    RateLimited,
    ServerError,
    Unauthorized,
)
from facemon.model import sha256_hex


def encoded(kind, size=(6, 5), mode="RGB"):
    buffer = io.BytesIO()
    Image.new(mode, size, None).save(buffer, kind)
    return buffer.getvalue()


PNG = encoded("PNG")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_encoded_bytes_become_a_picture(kind, wrap):
    """The bytes are kept as they are; format, size and hash are read from them; the function is the provider."""
    data = encoded(kind)
    image = as_image(wrap(data), "paint", 0.25)
    assert image.data == data and type(image.data) is bytes
    found = image.metadata
    assert (found.format, found.width, found.height) == (kind.lower(), 6, 5)
    assert (found.sha256, found.size_bytes, found.provider) == (sha256_hex(data), len(data), "paint")
    assert (found.response_time, found.credits, found.seed, image.attempts) == (0.25, 0.0, None, ())


def test_a_later_change_of_the_buffer_does_not_reach_the_picture():
    """A bytearray that its owner uses again changes nothing."""
    buffer = bytearray(PNG)
    image = as_image(buffer, "paint", 0.1)
    buffer[:] = bytes(len(buffer))
    assert image.data == PNG


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_pillow_image_becomes_a_png(mode):
    """A Pillow image is encoded without loss."""
    picture = Image.new(mode, (7, 3), 1)
    image = as_image(picture, "paint", 0.1)
    assert (image.metadata.format, image.metadata.width, image.metadata.height) == ("png", 7, 3)
    assert list(Image.open(io.BytesIO(image.data)).convert("L").tobytes()) == list(
        picture.convert("L").tobytes()
    )


def test_our_own_picture_passes_untouched():
    """A FaceImage is itself, with whatever it carries."""
    own = as_image(PNG, "paint", 0.1)
    assert as_image(own, "other", 9.0) is own
    unread = dataclasses.replace(own, data=b"not looked at here: the evaluators decode")
    assert as_image(unread, "other", 9.0) is unread


@pytest.mark.parametrize(
    "value", [None, 0, 1.5, True, "text", [PNG], (PNG,), {"image": PNG}, object(), Image]
)
def test_what_is_no_picture_is_named(value):
    """Anything else is refused; the message names the function and the type."""
    with pytest.raises(
        InvalidImage, match=rf"paint returned {type(value).__name__}, where a picture was expected"
    ):
        as_image(value, "paint", 0.1)


@given(st.one_of(st.binary(max_size=300), st.integers(0, len(PNG) - 1).map(lambda cut: PNG[:cut])))
def test_bytes_that_are_no_whole_picture_are_refused(data):
    """Random bytes and every beginning of a picture are InvalidImage, and raise nothing else."""
    with pytest.raises(InvalidImage, match="paint returned bytes that are no whole picture"):
        as_image(data, "paint", 0.1)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF"])
def test_other_formats_are_refused(kind):
    """Only the formats the service can serve are pictures."""
    with pytest.raises(InvalidImage, match="no PNG, JPEG or WebP"):
        as_image(encoded(kind), "paint", 0.1)


def truncated_pillow():
    """An opened, not yet loaded picture whose file ends early."""
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "PNG")
    return Image.open(io.BytesIO(buffer.getvalue()[:2000]))


class Unwilling:
    """Something with a `save` that is no picture."""

    def save(self, *_):
        raise RuntimeError("not today")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Image.new("CMYK", (4, 4)),
        lambda: Image.new("F", (4, 4)),
        lambda: Image.new("I", (4, 4)),
        truncated_pillow,
        Unwilling,
    ],
    ids=["CMYK", "F", "I", "truncated", "no picture"],
)
def test_a_pillow_image_that_cannot_be_encoded_is_an_invalid_image(make):
    """It is converted, or refused as InvalidImage: an OSError of Pillow must not be taken for the network's."""
    with contextlib.suppress(InvalidImage):
        assert as_image(make(), "paint", 0.1).metadata.format == "png"


# --- errors ---


def status_error(code, reason=None):
    request = httpx.Request("POST", "https://api.example/secret-path?key=sk-1")
    extensions = {"reason_phrase": reason.encode()} if reason else {}
    response = httpx.Response(code, request=request, extensions=extensions)
    return httpx.HTTPStatusError(f"{code} for url {request.url}", request=request, response=response)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequest),
        (401, Unauthorized),
        (402, PaymentRequired),
        (403, Moderated),
        (404, NotFound),
        (413, InvalidRequest),
        (422, InvalidRequest),
        (429, RateLimited),
        (500, ServerError),
        (502, ServerError),
        (504, ServerError),
        (599, ServerError),
        (302, InvalidResponse),
        (409, InvalidResponse),
        (418, InvalidResponse),
    ],
)
def test_http_statuses_mean_what_they_mean_to_us(status, kind):
    """A foreign function's HTTP error is judged like our own, keeps its status, and repeats no URL."""
    error = as_error(status_error(status), "paint")
    assert type(error) is kind and error.status == status
    assert "sk-1" not in str(error) and "secret-path" not in str(error)


@pytest.mark.parametrize(
    ("raised", "kind", "state", "word"),
    [
        (TimeoutError(), AttemptTimeout, "down", "its time"),
        (httpx.ConnectTimeout("c"), AttemptTimeout, "down", "its time"),
        (httpx.WriteTimeout("w"), AttemptTimeout, "down", "its time"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "r"), ConnectionFailed, "down", "refused"),
        (ConnectionResetError(errno.ECONNRESET, "r"), ConnectionFailed, "down", "reset"),
        (BrokenPipeError(), ConnectionFailed, "down", "reset"),
        (httpx.RemoteProtocolError("r"), ConnectionFailed, "down", "broken off"),
        (httpx.ConnectError("c"), ConnectionFailed, "down", "ConnectError"),
        (ssl.SSLError("bad certificate"), ConnectionFailed, "down", "secure"),
        (socket.gaierror(-2, "Name or service not known"), ConnectionFailed, "unknown", "host name"),
        (OSError(errno.ENETUNREACH, "unreachable"), ConnectionFailed, "unknown", "no route"),
        (OSError(errno.EHOSTUNREACH, "unreachable"), ConnectionFailed, "unknown", "no route"),
        (ValueError("v"), InvalidResponse, "unknown", "ValueError: v"),
        (KeyError("k"), InvalidResponse, "unknown", "KeyError: 'k'"),
        (MemoryError(), InvalidResponse, "unknown", "MemoryError"),
        (StopAsyncIteration(), InvalidResponse, "unknown", "StopAsyncIteration"),
        (httpx.ProxyError("407"), ConnectionFailed, "unknown", "our own proxy refused"),
        (httpx.InvalidURL("u"), InvalidResponse, "unknown", "InvalidURL"),
        (httpx.TooManyRedirects("r"), InvalidResponse, "unknown", "TooManyRedirects"),
        (httpx.StreamClosed(), InvalidResponse, "unknown", "StreamClosed"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_exceptions_find_their_place_in_the_tree(raised, kind, state, word):
    """Time-outs and broken connections mean what they mean to us; what a function raises of itself (a KeyError, a wrong
    URL) says nothing of the service behind it: unknown. Each has a message that says why."""
    error = as_error(raised, "paint")
    assert type(error) is kind and error.state == state and word in str(error)
    assert "nan" not in str(error)


def test_a_cause_further_down_is_found():
    """A library's own wrapper around a failed name look-up still means that there is no DNS."""
    try:
        try:
            raise socket.gaierror(-2, "Name or service not known")
        except OSError as cause:
            raise httpx.ConnectError("all attempts failed") from cause
    except httpx.ConnectError as raised:
        error = as_error(raised, "paint")
    assert error.cause == "connection: no dns" and error.state == "unknown"


@given(st.sampled_from([ValueError, KeyError, RuntimeError, OSError, TypeError]), st.text(max_size=50))
def test_any_exception_becomes_one_of_ours(kind, text):
    """Whatever is raised, an error of our tree with a message comes out."""
    error = as_error(kind(text), "paint")
    assert isinstance(error, GenerationError) and str(error) and not error.attempts
