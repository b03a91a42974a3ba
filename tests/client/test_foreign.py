"""Any function that returns a picture, made to look like ours."""

import hashlib
import io

import httpx
import pytest
from PIL import Image

from facemon import errors
from facemon.client.foreign import as_error, as_image
from tests.client.support import FACE, good, picture


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_become_an_image(kind, form):
    """Encoded bytes of every format are wrapped with the facts that they tell themselves."""
    image = as_image(kind(picture(form)), "their_function", 1.5)
    found = image.metadata
    assert image.data == picture(form) and (found.width, found.height, found.format) == (24, 16, form)
    assert (found.provider, found.response_time, found.credits) == ("their_function", 1.5, 0.0)
    assert (found.sha256, found.size_bytes) == (hashlib.sha256(image.data).hexdigest(), len(image.data))


def test_pillow_image_becomes_an_image():
    """A Pillow image is encoded once, without loss."""
    image = as_image(Image.new("RGB", (5, 4), "red"), "f", 1.0)
    with Image.open(io.BytesIO(image.data)) as found:
        assert found.size == (5, 4) and found.getpixel((0, 0)) == (255, 0, 0)


async def test_our_own_image_stays_itself(client_of):
    """What is a FaceImage already is not wrapped again."""
    image = await client_of(lambda request: good()).generate_face(FACE)
    assert as_image(image, "f", 1.0) is image


@pytest.mark.parametrize(
    "result", [None, "text", 5, b"", b"no picture", {"image": 1}, picture()[:-9]], ids=repr
)
def test_anything_else_is_an_invalid_image(result):
    """What is no whole picture is invalid_image, with the function's name in the sentence."""
    with pytest.raises(errors.InvalidImage, match="their_function"):
        as_image(result, "their_function", 1.0)


@pytest.mark.parametrize(
    ("raised", "error_type"),
    [
        (TimeoutError(), "timeout"),
        (httpx.ReadTimeout("x"), "timeout"),
        (ConnectionRefusedError(111, "refused"), "connection"),
        (httpx.ReadError("x"), "connection"),
        (ValueError("x"), "invalid_response"),
    ],
)
def test_errors_are_placed(raised, error_type):
    """Exceptions of a foreign function become errors of our tree; what cannot be placed is an invalid response."""
    assert as_error(raised, "f").error_type == error_type


@pytest.mark.parametrize(
    ("status", "error_type"), [(429, "rate_limited"), (500, "server_error"), (401, "unauthorized")]
)
def test_status_errors_are_placed(status, error_type):
    """`raise_for_status` of a foreign client means what the status means."""
    request = httpx.Request("GET", "https://x.example")
    raised = httpx.HTTPStatusError("x", request=request, response=httpx.Response(status, request=request))
    assert as_error(raised, "f").error_type == error_type
