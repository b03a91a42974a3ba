"""Every way the API says no: status, name and text (STABILITY_API §2, §3), in the two envelopes it uses.

Texts that no capture shows (404, 422, v1's 402) are written in the vendor's manner; nobody should match on them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from facemon.simulator.messages import Reply, Request


@dataclass(frozen=True)
class Problem:
    """One refusal. `texts` fill v2beta's `errors`; v1 joins them in its one `message`."""

    status: int
    name: str
    texts: tuple[str, ...]


UNAUTHORIZED = Problem(401, "unauthorized", ("authorization: invalid or missing header value",))
# One capture doubles a word of this text; which one, STABILITY_API does not say. Nobody should match on it.
DOUBLED_UNAUTHORIZED = replace(UNAUTHORIZED, texts=("authorization: invalid or missing header header value",))
PAYMENT_REQUIRED = Problem(
    402,
    "payment_required",
    (
        (
            "You lack sufficient credits to make this request. Please purchase more credits at "
            "https://platform.stability.ai/account/credits and try again."
        ),
    ),
)
MODERATED = Problem(
    403,
    "content_moderation",
    (
        (
            "Your request was flagged by our content moderation system, "
            "as a result your request was denied and you were not charged."
        ),
    ),
)
NOT_FOUND = Problem(404, "not_found", ("The requested resource was not found.",))
PAYLOAD_TOO_LARGE = Problem(413, "payload_too_large", ("body: payloads cannot be larger than 10MiB in size",))
INVALID_LANGUAGE = Problem(
    422, "invalid_language", ("English is the only supported language for this service.",)
)
PUBLIC_FIGURE = Problem(
    422,
    "public_figure",
    ("Our system detected the likeness of a public figure in your request. It cannot be processed.",),
)
INTERNAL_ERROR = Problem(
    500, "internal_error", ("An unexpected server error has occurred, please try again later.",)
)


def bad_request(*texts: str) -> Problem:
    """400: what is wrong with the form, one text a field."""
    return Problem(400, "bad_request", texts)


def one_of(field: str, accepted: tuple[str, ...]) -> str:
    """The text for a value outside a closed list: the field and the list."""
    return f"{field}: must be one of {', '.join(accepted)}"


def unknown(field: str) -> str:
    """The text for a field that a strict API does not know."""
    return f"{field}: unknown field"


def rate_limited(requests: int, seconds: float, lockout: float) -> Problem:
    """429. The documented text, with the figures of this simulator's limit."""
    text = (
        f"You have exceeded the rate limit of {requests} requests within a {seconds:g} second period, "
        f"and have been timed out for {lockout:g} seconds."
    )
    return Problem(429, "rate_limit_exceeded", (text,))


def echoing(problem: Problem, key: str | None) -> Problem:
    """v1's 401 as observed: it repeats the key it was given. To redact it is the client's duty."""
    if key is None:
        return replace(problem, texts=("missing authorization header",))
    where = "You can find your API key at https://platform.stability.ai/account/keys."
    return replace(problem, texts=(f"Incorrect API key provided: {key}. {where}",))


def refuse(request: Request, problem: Problem, identity: str) -> Reply:
    """The problem in the envelope of the request's API. The id of a 429 is the word itself (v2beta and v1)."""
    name = problem.name
    mark = name if problem.status == 429 else identity
    body: dict[str, object] = {"errors": list(problem.texts), "id": mark, "name": name}
    if request.api == "v1":
        body = {"id": mark, "message": "; ".join(problem.texts), "name": name}
    headers = (("content-type", "application/json"), ("x-request-id", identity))
    return Reply(problem.status, headers, json.dumps(body, separators=(",", ":")).encode())


def gateway_page(status: int, title: str) -> Reply:
    """What stands before the service answers in HTML, and knows neither ids nor JSON."""
    page = (
        f"<html>\r\n<head><title>{status} {title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{status} {title}</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status, (("content-type", "text/html"),), page.encode())
