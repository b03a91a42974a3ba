"""The frozen dataclasses that travel between rooms. Durations are seconds, sizes bytes, money credits.

A *request* is what is asked, an *attempt* one HTTP exchange, a *generation* a request with all its attempts,
a *record* (`MonitoringData`) what monitoring keeps of one generation.
"""

from __future__ import annotations

import enum
import hashlib
import math
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from facemon.errors import ErrorType, GenerationError, InvalidInput

AGES = (20, 30, 40, 50, 60, 70)
GENDERS = ("male", "female")
ASPECT_RATIOS = ("21:9", "16:9", "3:2", "5:4", "1:1", "4:5", "2:3", "9:16", "9:21")
FORMATS = ("png", "jpeg", "webp")
SEED_MAX = 4294967294  # the lower of the two APIs' limits, so that a seed means the same to both

Purpose = Literal["measure", "probe"]
"""`measure`: counts in every figure. `probe`: a deliberate refusal or an injected fault, kept but not counted."""


class State(enum.StrEnum):
    """What the monitor can say of the service."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class ScoreVerdict(enum.StrEnum):
    """What an evaluator said of one picture. `unscored`: it could not judge, which is no failure."""

    PASSED = "passed"
    FAILED = "failed"
    UNSCORED = "unscored"


@dataclass(frozen=True, slots=True)
class FaceRequest:
    """One face as the application asks for it.

    age: one of `AGES` · gender: one of `GENDERS` · seed: None (the service picks one) or 1 to 4294967294 ·
    aspect_ratio: one of `ASPECT_RATIOS` · output_format: one of `FORMATS`.
    Raises InvalidInput, naming the value and what is accepted.
    """

    age: int
    gender: str
    seed: int | None = None
    aspect_ratio: str = "1:1"
    output_format: str = "png"

    def __post_init__(self) -> None:
        if isinstance(self.age, bool) or not isinstance(self.age, int) or self.age not in AGES:
            raise InvalidInput("age", self.age, "one of " + ", ".join(map(str, AGES)))
        _one_of("gender", self.gender, GENDERS)
        check_seed(self.seed)
        _one_of("aspect_ratio", self.aspect_ratio, ASPECT_RATIOS)
        _one_of("output_format", self.output_format, FORMATS)


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What a provider turns into an HTTP request: a prompt, and the face it came from if it came from one.

    Its values are *not* checked: a check of refusals has to send what the service must refuse.
    `fields` adds or replaces the API's own form or JSON fields.
    """

    prompt: str
    negative_prompt: str = ""
    seed: int | None = None
    aspect_ratio: str = "1:1"
    output_format: str = "png"
    face: FaceRequest | None = None
    template: str | None = None
    template_version: str | None = None
    accept: Literal["image", "json"] = "image"
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Phases:
    """Where an attempt's time went, in seconds; None where the phase did not happen or could not be seen.

    queue: waiting for our own limits and for a free connection · connect: TCP (with DNS) · tls: the handshake ·
    wait: from the request's first byte to the reply's headers · download: the reply's body.
    """

    queue: float | None = None
    connect: float | None = None
    tls: float | None = None
    wait: float | None = None
    download: float | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply as they may be shown: keys redacted, pictures replaced by length and hash."""

    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: str
    response_headers: tuple[tuple[str, str], ...] = ()
    response_body: str = ""
    form: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP exchange of a generation.

    number counts from 1 · delay_before is the retry policy's wait · duration runs from the first byte sent
    (after `phases.queue`) to the end · outcome is `success` or the error type.
    """

    number: int
    started_at: datetime
    duration: float
    phases: Phases
    outcome: ErrorType | Literal["success"]
    delay_before: float = 0.0
    status: int | None = None
    bytes_sent: int = 0
    bytes_received: int = 0
    request_id: str | None = None
    error: str | None = None
    traceback: str | None = field(default=None, repr=False)
    exchange: Exchange | None = field(default=None, repr=False)
    log_id: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether this attempt ended with a picture."""
        return self.outcome == "success"


@dataclass(frozen=True, slots=True)
class ImageMetadata:
    """What is known of a picture: where it came from, what it is, and what it cost.

    width and height in pixels; format `png`, `jpeg` or `webp` as found in the bytes; sha256 of the bytes, in hex;
    credits as booked; seed as the service reported it.
    """

    provider: str
    model: str
    prompt: str
    negative_prompt: str
    template: str | None
    template_version: str | None
    seed: int | None
    finish_reason: str
    request_id: str | None
    width: int
    height: int
    format: str
    sha256: str
    size_bytes: int
    credits: float
    response_time: float
    phases: Phases


@dataclass(frozen=True, slots=True)
class FaceImage:
    """A picture and its metadata. `data` holds the encoded bytes exactly as they were served."""

    data: bytes = field(repr=False)
    metadata: ImageMetadata
    attempts: tuple[Attempt, ...] = field(default=(), repr=False)

    def pixel_hash(self) -> str:
        """The SHA-256 of the decoded pixels, in hex: two files of one picture differ in bytes, not in this."""
        import io  # late, with Pillow: a caller that only keeps the file needs neither

        from PIL import Image

        return sha256_hex(Image.open(io.BytesIO(self.data)).convert("RGB").tobytes())

    def save(self, path: str | Path) -> Path:
        """Write the bytes as they are; returns the path. Raises InvalidInput where it cannot be written."""
        target = Path(path)
        try:
            target.write_bytes(self.data)
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            reason = getattr(error, "strerror", None) or error
            raise InvalidInput("output path", str(target), f"a file that can be written ({reason})") from None
        return target


@dataclass(frozen=True, slots=True)
class RequestParams:
    """What was asked, as the record keeps it. age and gender are None for a raw prompt or a foreign function."""

    age: int | None = None
    gender: str | None = None
    seed: int | None = None
    provider: str | None = None
    model: str | None = None
    prompt: str | None = None
    template: str | None = None
    template_version: str | None = None
    aspect_ratio: str | None = None
    output_format: str | None = None


@dataclass(frozen=True, slots=True)
class Performance:
    """Times of one generation, in seconds.

    response_time: from the call until the picture was there or the last attempt failed, retries and their
    waits included, but not what the call waited for our own limits (that is its attempts' `phases.queue`) ·
    overhead: what monitoring added before the caller went on; the caller's own copy has it, the stored record, which
    is written before it is known, does not.
    """

    response_time: float
    overhead: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One evaluator's answer.

    score: 0 (bad) to 100 (good), None when unscored · raw: the measure in `unit` · weight: its share in the quality
    score, 0 for a question that is none of the picture's quality.
    """

    evaluator: str
    version: str
    verdict: ScoreVerdict
    score: float | None = None
    raw: float | None = None
    unit: str | None = None
    reason: str = ""
    error_type: ErrorType | None = None
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Quality:
    """The picture as judged. `pending`: the evaluators have not answered yet.

    quality_score: 0 to 100, see below · prompt_adherence: 0 to 1, the calibrated probability that the picture shows
    the age and gender asked · diversity_score belongs to a set of pictures: None on the record of one.
    """

    scores: tuple[Score, ...] = ()
    pending: bool = False
    diversity_score: float | None = None

    @property
    def quality_score(self) -> float | None:
        """The geometric mean of the components' scores, by their weights.

        A product, so that no strength makes up for a fault: a component of 0 makes the whole 0. Else, where a
        component could not be scored, there is no quality score: what was not seen must not raise it.
        """
        parts = self._components
        if any(part.score is not None and not part.score > 0 for part in parts):
            return 0.0
        known = [(part.score, part.weight) for part in parts if part.score is not None]
        if not parts or len(known) < len(parts):
            return None
        total = math.fsum(weight for _, weight in known)
        mean = math.exp(math.fsum(weight * math.log(score) for score, weight in known) / total)
        return round(mean, 9)  # so that the mean of equal scores is that score

    @property
    def weakest(self) -> Score | None:
        """The component that pulled the quality score down most: what it would gain at full marks, by its weight.

        A component that could not be scored and keeps the quality score from being known comes first; of equals the
        one that the evaluators' table names first.
        """
        parts = self._components
        if self.quality_score is None:
            return next((part for part in parts if part.score is None), None)
        return max((part for part in parts if part.score is not None), key=_pull)

    @property
    def prompt_adherence(self) -> float | None:
        """What the evaluator of that name found; None without an answer of its."""
        return next((score.raw for score in self.scores if score.evaluator == "prompt_adherence"), None)

    @property
    def _components(self) -> list[Score]:
        return [score for score in self.scores if score.weight > 0]

    @property
    def failed(self) -> tuple[Score, ...]:
        """The scores that found a fault."""
        return tuple(score for score in self.scores if score.verdict is ScoreVerdict.FAILED)

    @property
    def unscored(self) -> tuple[Score, ...]:
        """The questions that could not be answered."""
        return tuple(score for score in self.scores if score.verdict is ScoreVerdict.UNSCORED)


@dataclass(frozen=True, slots=True)
class RecordedError:
    """Why a generation ended without a usable picture."""

    error_type: ErrorType
    message: str
    state: State
    cause: str
    status: int | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceUse:
    """What this process used while a generation was under way.

    cpu_seconds: user and system time of the whole process · memory_bytes: resident set at the end ·
    bytes_sent, bytes_received: of this generation's own exchanges. With several generations under way at once
    the CPU time is shared between them.
    """

    cpu_seconds: float
    memory_bytes: int
    bytes_sent: int = 0
    bytes_received: int = 0


@dataclass(frozen=True, slots=True)
class MonitoringData:
    """The record of one generation. `id` sorts by time; `timestamp` is UTC."""

    id: str
    timestamp: datetime
    request_params: RequestParams
    performance: Performance
    quality: Quality
    errors: tuple[RecordedError, ...]
    attempts: tuple[Attempt, ...]
    resources: ResourceUse
    image: ImageMetadata | None = None
    run_id: str | None = None
    purpose: Purpose = "measure"
    check: str | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the request ended with a picture that decodes."""
        return self.image is not None and not self.error_types

    @property
    def first_attempt_succeeded(self) -> bool:
        """Whether it did so without a retry."""
        return self.succeeded and len(self.attempts) <= 1

    @property
    def retry_count(self) -> int:
        """Attempts after the first."""
        return max(0, len(self.attempts) - 1)

    @property
    def error_types(self) -> tuple[ErrorType, ...]:
        """The error types it ended with: the final error's, and those a picture's decoding brought to light."""
        late = tuple(score.error_type for score in self.quality.scores if score.error_type)
        return tuple(error.error_type for error in self.errors) + late

    @property
    def state(self) -> State:
        """What this one generation tells of the service."""
        if self.errors:
            return self.errors[-1].state
        if self.error_types:
            return State.DOWN
        if self.quality.failed:
            return State.DEGRADED
        return State.UP

    def with_scores(self, scores: tuple[Score, ...]) -> MonitoringData:
        """The same record, its picture judged."""
        return replace(self, quality=replace(self.quality, scores=scores, pending=False))


def _pull(part: Score) -> tuple[bool, float]:
    # Below 1 is as good as none at all, which takes the rest with it; of such parts the heaviest counts.
    score = part.score or 0.0
    return score < 1, part.weight * math.log(100 / max(score, 1.0))


def recorded_error(error: GenerationError) -> RecordedError:
    """An exception as the record keeps it."""
    return RecordedError(
        error.error_type, str(error), State(error.state), error.cause, error.status, error.request_id
    )


def sha256_hex(data: bytes) -> str:
    """The SHA-256 of some bytes, in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def check_seed(seed: object) -> None:
    """Raise InvalidInput unless it is a seed."""
    if seed is None:
        return
    if isinstance(seed, bool) or not isinstance(seed, int) or not 1 <= seed <= SEED_MAX:
        raise InvalidInput("seed", seed, f"a whole number from 1 to {SEED_MAX}, or none to let the API pick")


def _one_of(name: str, value: object, accepted: tuple[str, ...]) -> None:
    if value not in accepted:
        raise InvalidInput(name, value, "one of " + ", ".join(accepted))
