"""multipart/form-data (RFC 7578), read strictly: what a strict server refuses must not pass here."""

from __future__ import annotations

from email import message_from_bytes, message_from_string


class FormError(ValueError):
    """The request's form cannot be read; the text is what the API would say."""


def parse_form(content_type: str | None, body: bytes) -> dict[str, str]:
    """Fields by name, the first of equal names. Raises FormError with the API's wording."""
    boundary = _boundary(content_type)
    if boundary is None:
        raise FormError(
            "content-type: required" if not content_type else "content-type: must be multipart/form-data"
        )
    # A delimiter is CRLF, two dashes and the boundary; the first one may stand at the very start.
    _, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if not parts or not parts[-1].startswith(b"--"):
        raise FormError("body: malformed multipart/form-data")
    form: dict[str, str] = {}
    for part in parts[:-1]:
        name, value = _field(part)
        form.setdefault(name, value)
    return form


def _boundary(content_type: str | None) -> bytes | None:
    head = message_from_bytes(
        b"content-type: " + (content_type or "").encode("latin-1", "replace") + b"\r\n\r\n"
    )
    if head.get_content_type() != "multipart/form-data":
        return None
    boundary = head.get_boundary()
    return boundary.encode("latin-1") if boundary else None


def _field(part: bytes) -> tuple[str, str]:
    """Name and value of one part, which begins with the CRLF after its delimiter."""
    head, gap, value = part.partition(b"\r\n\r\n")
    if not gap or not head.startswith(b"\r\n"):
        raise FormError("body: malformed multipart/form-data")
    try:
        message = message_from_string(head[2:].decode("utf-8"))
        name = message.get_param("name", header="content-disposition")
        if not isinstance(name, str) or not name:
            raise FormError("body: a part without a name")
        return name, value.decode("utf-8")
    except UnicodeDecodeError:
        raise FormError("body: must be UTF-8") from None
