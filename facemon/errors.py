"""Every exception facemon raises on purpose.

FacemonError
├── InvalidInput (also a ValueError)   a value refused before anything was sent; names it and what is accepted
├── ConfigError                        a setting, option or marker is wrong; stops at start
├── StoreError                         records cannot be kept or read
├── DeliveryError                      a message did not reach its receiver
│   ├── DeliveryFailed                 it may at a later try
│   └── DeliveryRefused                it never will; kept, and shown
└── GenerationError                    a generation ended without a picture; carries all its attempts
    ├── AttemptTimeout      timeout             down       no complete reply within the attempt's time
    ├── ConnectionFailed    connection          down       refused, reset, broken off (no DNS, no route: unknown)
    ├── ServerError         server_error        down       a 5xx
    ├── InvalidResponse     invalid_response    down       a reply outside the documented contract
    ├── InvalidImage        invalid_image       down       bytes that are not a whole picture
    ├── InvalidRequest      invalid_request     down       400, 413, 422: a documented request was refused
    ├── NotFound            not_found           down       404: the route or the engine is gone
    ├── Moderated           moderated           degraded   403: flagged by the vendor's moderation
    ├── ContentFiltered     content_filtered    degraded   200 with a blurred picture instead of a face
    ├── RateLimited         rate_limited        unknown    429
    ├── Unauthorized        unauthorized        unknown    401: our key
    ├── PaymentRequired     payment_required    unknown    402: our credits at the vendor
    └── BudgetExceeded      budget_exceeded     unknown    our own cap; nothing was sent

The state in the third column is what one such failure tells of the service (the words are those of
`facemon.model.State`): unknown is never counted as up or as down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from facemon.model import Attempt, FaceImage

ErrorType = Literal[
    "timeout",
    "connection",
    "server_error",
    "rate_limited",
    "unauthorized",
    "payment_required",
    "moderated",
    "invalid_request",
    "not_found",
    "content_filtered",
    "invalid_response",
    "invalid_image",
    "budget_exceeded",
]
StateName = Literal["up", "degraded", "down", "unknown"]


class FacemonError(Exception):
    """The root: catching it catches everything facemon raises on purpose."""


class InvalidInput(FacemonError, ValueError):
    """A value that is refused before anything is sent or written."""

    def __init__(self, name: str, value: object, accepted: str) -> None:
        self.name, self.value, self.accepted = name, value, accepted
        super().__init__(f"{name} {shorten(value)} is not accepted: give {accepted}")


class ConfigError(FacemonError):
    """A setting, an option or a marker that cannot be used; the message says what is accepted."""


class StoreError(FacemonError):
    """The store cannot be opened, read or written; the message says what to do.

    `image`: the picture whose record could not be written, if there was one; it was paid for and is not lost.
    """

    image: FaceImage | None = None


class DeliveryError(FacemonError):
    """A message did not reach its receiver; the message names the receiver and never a secret."""


class DeliveryFailed(DeliveryError):
    """It may at a later try. retry_after: seconds that the receiver asks to wait, None if it said nothing."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class DeliveryRefused(DeliveryError):
    """It never will as it is: the message itself is not accepted."""


class GenerationError(FacemonError):
    """A generation that ended without a picture.

    `attempts` holds every HTTP exchange made for it, oldest first, the failed last one included;
    it is empty when nothing was sent.
    """

    error_type: ClassVar[ErrorType]
    state: StateName = "down"
    own_fault: str | None = None  # why it tells nothing of the service, where its type alone does not say so

    def __init__(self, message: str, *, status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id
        self.attempts: tuple[Attempt, ...] = ()

    @property
    def cause(self) -> str:
        """What stands behind the state, in a word or two."""
        return self.own_fault or self.error_type


class AttemptTimeout(GenerationError):
    """No complete reply within the attempt's time; it may have been charged."""

    error_type = "timeout"


ConnectionReason = Literal[
    "refused", "reset", "broken off", "no dns", "no route", "tls", "failed", "closed by us", "own fault"
]
_OUR_SIDE = frozenset({"no dns", "no route", "closed by us", "own fault"})


class ConnectionFailed(GenerationError):
    """No connection, or one that broke. What only our own side can cause (no DNS, no route, …) is unknown."""

    error_type = "connection"

    def __init__(self, message: str, reason: ConnectionReason = "failed") -> None:
        super().__init__(message)
        self.reason = reason
        if reason in _OUR_SIDE:
            self.state = "unknown"

    @property
    def cause(self) -> str:
        return f"connection: {self.reason}"


class ServerError(GenerationError):
    """The service answered with a 5xx."""

    error_type = "server_error"


class InvalidResponse(GenerationError):
    """A reply that the vendor's documentation does not know."""

    error_type = "invalid_response"


class InvalidImage(GenerationError):
    """A reply whose bytes are not a whole picture."""

    error_type = "invalid_image"


class InvalidRequest(GenerationError):
    """The service refused the request (400, 413, 422)."""

    error_type = "invalid_request"


class NotFound(GenerationError):
    """The route, the model or the engine is gone (404)."""

    error_type = "not_found"


class Moderated(GenerationError):
    """The service's moderation refused the prompt (403); this is not a wrong key."""

    error_type = "moderated"
    state = "degraded"


class ContentFiltered(GenerationError):
    """The service answered 200 with a blurred picture in place of the one asked for."""

    error_type = "content_filtered"
    state = "degraded"


class RateLimited(GenerationError):
    """The service's rate limit (429). `retry_after` is what it asked us to wait, in seconds, if it said so."""

    error_type = "rate_limited"
    state = "unknown"

    def __init__(
        self, message: str, *, request_id: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, status=429, request_id=request_id)
        self.retry_after = retry_after


class Unauthorized(GenerationError):
    """The key is missing or wrong (401)."""

    error_type = "unauthorized"
    state = "unknown"


class PaymentRequired(GenerationError):
    """The account at the vendor has run out of credits (402)."""

    error_type = "payment_required"
    state = "unknown"


class BudgetExceeded(GenerationError):
    """The run's own credit cap would be passed; the call was not made."""

    error_type = "budget_exceeded"
    state = "unknown"


def shorten(value: object, limit: int = 80) -> str:
    """A value as an error message shows it: its repr, cut in the middle when it is long."""
    try:
        text = repr(value)
    except Exception:  # Python refuses to print a whole number of more than 4300 digits
        text = f"<{type(value).__name__} that cannot be shown>"
    return text if len(text) <= limit else f"{text[: limit - 20]}…{text[-15:]}"
