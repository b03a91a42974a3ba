"""Any async function that returns a picture, made to look like ours: results as FaceImages, errors in our tree."""

from __future__ import annotations

import io
from typing import Any

import httpx

from facemon import encoded
from facemon.client.transport import translate
from facemon.errors import GenerationError, InvalidImage, InvalidResponse
from facemon.model import FaceImage, ImageMetadata, Phases, sha256_hex
from facemon.provider_replies import error_of


def as_image(result: Any, name: str, response_time: float) -> FaceImage:
    """A FaceImage as it is; encoded bytes or a Pillow image wrapped in one. Raises InvalidImage for anything else.

    name: the function's, kept as the provider · response_time: seconds.
    """
    if isinstance(result, FaceImage):
        return result
    if isinstance(result, bytes | bytearray | memoryview):
        data = bytes(result)
    elif callable(getattr(result, "save", None)):  # a Pillow image
        buffer = io.BytesIO()
        try:
            result.save(buffer, "PNG")
        except Exception as error:  # not an OSError of the network's: Pillow's, or a stranger's
            raise InvalidImage(
                f"{name} returned a picture that cannot be kept as PNG: {type(error).__name__}: {error}"
            ) from None
        data = buffer.getvalue()
    else:
        raise InvalidImage(f"{name} returned {type(result).__name__}, where a picture was expected")
    try:
        facts = encoded.inspect(data)
    except ValueError as error:
        raise InvalidImage(f"{name} returned bytes that are no whole picture: {error}") from None
    return FaceImage(
        data,
        ImageMetadata(
            provider=name,
            model="",
            prompt="",
            negative_prompt="",
            template=None,
            template_version=None,
            seed=None,
            finish_reason="",
            request_id=None,
            width=facts.width,
            height=facts.height,
            format=facts.format,
            sha256=sha256_hex(data),
            size_bytes=len(data),
            credits=0.0,
            response_time=response_time,
            phases=Phases(),
        ),
    )


def as_error(raised: Exception, name: str) -> GenerationError:
    """An exception of a foreign function as an error of our tree; what cannot be placed is an invalid response
    of unknown state."""
    if isinstance(raised, httpx.HTTPStatusError):
        return error_of(raised.response.status_code, raised.response.reason_phrase, None)
    if isinstance(raised, httpx.TransportError | TimeoutError | OSError):
        return translate(raised, float("nan"))
    error = InvalidResponse(f"{name} raised {type(raised).__name__}: {raised}")
    # A KeyError in the caller's own function says nothing of the service behind it.
    error.state, error.own_fault = "unknown", "the monitored function's own error"
    return error
