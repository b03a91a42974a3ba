"""FaceClient: a provider, a transport, the retry policy and the limits put together."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TypeVar

import httpx

from facemon.calls import HttpCall, HttpReply, Picture
from facemon.client.limits import Limits
from facemon.client.transport import Outcome, Transport
from facemon.clock import Clock, SystemClock
from facemon.config import Settings
from facemon.errors import BudgetExceeded, ConfigError, GenerationError, InvalidInput, RateLimited, shorten
from facemon.ledger import Ledger
from facemon.model import (
    Attempt,
    FaceImage,
    FaceRequest,
    ImageMetadata,
    ImageRequest,
    RequestParams,
    sha256_hex,
)
from facemon.prompts import HEADSHOT, PromptTemplate
from facemon.providers import PROVIDERS
from facemon.providers.base import Provider
from facemon.retry import RetryPolicy, parse_retry_after
from facemon.secret import Secret, redact

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Tried:
    """One attempt and what it brought: a picture or an error."""

    attempt: Attempt
    picture: Picture | None
    error: GenerationError | None
    credits: float


class FaceClient:
    """Makes pictures. Use it as an async context manager: it keeps its connections.

    settings: default `Settings.load()`, which reads the environment · ledger: the credits and the request rate,
    default a book of this client alone · retry: when to try again · template: how a face is put in words ·
    transport: replaces the network (respx, tests).
    Raises ConfigError for a provider or model that does not exist.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        ledger: Ledger | None = None,
        retry: RetryPolicy | None = None,
        template: PromptTemplate = HEADSHOT,
        clock: Clock | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.settings = settings or Settings.load()
        self.clock = clock or SystemClock()
        self.template = template
        self.provider, self.model = choose_model(self.settings.provider, self.settings.model)
        self._own_ledger = ledger is None
        self.ledger = ledger or Ledger(
            cap=self.settings.max_credits,
            rate=self.settings.rate,
            wall=lambda: self.clock.now().timestamp(),
        )
        self._retry = retry or RetryPolicy()
        self._limits = Limits(self.ledger, self.settings.concurrency, self.clock)
        self._transport = Transport(
            self.settings.base_url,
            self.settings.api_key,
            self.provider.authorization,
            connections=self.settings.concurrency,
            transport=transport,
            monotonic=self.clock.monotonic,
        )

    async def __aenter__(self) -> FaceClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()
        if self._own_ledger:
            self.ledger.close()

    async def generate_face(self, request: FaceRequest) -> FaceImage:
        """The face asked for. Raises GenerationError with all attempts in it."""
        return await self.generate(self.words(request))

    async def generate(self, request: ImageRequest, *, key: Secret | None = None) -> FaceImage:
        """The picture asked for, tried again as the policy says. Raises GenerationError with all attempts in it.

        The request is sent as it is: the service judges it, and a check of refusals wants that. `key` replaces the
        settings' key for this request.
        """
        _check_texts(request)
        call = self.provider.build(request, self.model)
        started = self.clock.monotonic()
        attempts: list[Attempt] = []
        failures: list[GenerationError] = []
        delay = 0.0
        while True:
            tried = await self._try(request, call, attempts, delay, started, key)
            if isinstance(tried, BudgetExceeded):
                raise _final([*failures, tried], attempts)
            attempts.append(tried.attempt)
            if tried.picture is not None:
                took = self.clock.monotonic() - started - queued_for(attempts)
                return self._image(request, tried, tuple(attempts), took)
            assert tried.error is not None
            failures.append(tried.error)
            next_delay = self._next_delay(failures, started + queued_for(attempts))
            if next_delay is None:
                raise _final(failures, attempts)
            delay = next_delay
            await self.clock.sleep(delay)

    async def balance(self, *, key: Secret | None = None) -> float:
        """Credits left at the vendor. Raises GenerationError."""
        answer = await self._ask(self.provider.balance_call(), self.provider.read_balance, key)
        if isinstance(answer, GenerationError):
            raise answer
        return answer

    async def engines(self) -> tuple[str, ...]:
        """The ids of the engines on offer. Raises GenerationError."""
        answer = await self._ask(self.provider.engines_call(), self.provider.read_engines, None)
        if isinstance(answer, GenerationError):
            raise answer
        return answer

    async def _ask(
        self, call: HttpCall, read: Callable[[HttpReply], Answer], key: Secret | None
    ) -> Answer | GenerationError:
        # A function of its own: the frame of one that raises would keep the reply, which may echo the key.
        outcome = await self._transport.exchange(call, timeout=self.settings.attempt_timeout, key=key)
        if outcome.reply is None:
            assert outcome.error is not None
            return outcome.error
        try:
            return read(outcome.reply)
        except GenerationError as refused:
            return self._clean(refused, key)

    def words(self, request: FaceRequest | ImageRequest) -> ImageRequest:
        """A face put in words by the template; a raw prompt as it is."""
        return self.template.fill(request) if isinstance(request, FaceRequest) else request

    def describe(self, request: FaceRequest | ImageRequest) -> RequestParams:
        """What a record says was asked."""
        image = self.words(request)
        return RequestParams(
            age=image.face.age if image.face else None,
            gender=image.face.gender if image.face else None,
            seed=image.seed,
            provider=self.provider.name,
            model=self.model,
            prompt=image.prompt,
            template=image.template,
            template_version=image.template_version,
            aspect_ratio=image.aspect_ratio,
            output_format=image.output_format,
        )

    def price(self, request: ImageRequest) -> float:
        """Credits that one call for this request costs."""
        return self.provider.price(request, self.model)

    def expected_size(self, aspect_ratio: str) -> tuple[int, int] | None:
        """Documented width and height in pixels of what this client's model paints."""
        return self.provider.size(aspect_ratio, self.model)

    def _next_delay(self, failures: Sequence[GenerationError], started: float) -> float | None:
        delay = self._retry.delay(failures)
        if delay is None or self.clock.monotonic() - started + delay >= self.settings.generation_timeout:
            return None
        return delay

    async def _try(
        self,
        request: ImageRequest,
        call: HttpCall,
        before: Sequence[Attempt],
        delay: float,
        started: float,
        key: Secret | None,
    ) -> _Tried | BudgetExceeded:
        credits_needed = self.price(request)
        queued = self.clock.monotonic()
        try:
            async with self._limits.place(credits_needed) as booking:
                moment, waited = self.clock.now(), self.clock.monotonic() - queued
                # What we waited for our own limits is not the service's time.
                own = queued_for(before) + waited
                left = self.settings.generation_timeout - (self.clock.monotonic() - started - own)
                outcome = await self._transport.exchange(
                    call, timeout=max(0.001, min(self.settings.attempt_timeout, left)), key=key
                )
                picture, error, trace = self._read(outcome, key)
                self._limits.close_booking(booking, error)
        except BudgetExceeded as refusal:
            return refusal.with_traceback(None)
        attempt = Attempt(
            number=len(before) + 1,
            started_at=moment,
            duration=outcome.duration,
            phases=replace(outcome.phases, queue=waited),
            outcome="success" if error is None else error.error_type,
            delay_before=delay,
            status=None if outcome.reply is None else outcome.reply.status,
            bytes_sent=outcome.bytes_sent,
            bytes_received=outcome.bytes_received,
            request_id=self._redacted(_request_id(outcome, error), key),
            error=None if error is None else str(error),
            traceback=trace,
            exchange=outcome.exchange,
        )
        return _Tried(attempt, picture, error, booking.credits)

    def _read(
        self, outcome: Outcome, key: Secret | None
    ) -> tuple[Picture | None, GenerationError | None, str | None]:
        """The picture, or the error and its traceback as text."""
        if outcome.reply is None:
            assert outcome.error is not None
            return None, outcome.error, outcome.traceback
        try:
            picture = self.provider.read(outcome.reply)
            return replace(picture, request_id=self._redacted(picture.request_id, key)), None, None
        except GenerationError as refused:
            trace = self._redacted("".join(traceback.format_exception(refused)), key)
            error = self._clean(refused, key)
        if isinstance(error, RateLimited):
            error.retry_after = parse_retry_after(outcome.reply.headers.get("retry-after"), self.clock.now())
        return None, error, trace

    def _clean(self, error: GenerationError, key: Secret | None) -> GenerationError:
        """The error without the key, which v1 echoes, and without the frames that saw the reply."""
        secrets = (self.settings.api_key, key)
        error.args = (redact(str(error), secrets),)
        error.request_id = self._redacted(error.request_id, key)
        error.__context__ = None  # a JSON error keeps the whole document it could not read
        return error.with_traceback(None)

    def _redacted(self, text: str | None, key: Secret | None) -> str | None:
        return None if text is None else redact(text, (self.settings.api_key, key))

    def _image(
        self, request: ImageRequest, tried: _Tried, attempts: tuple[Attempt, ...], took: float
    ) -> FaceImage:
        picture = tried.picture
        assert picture is not None
        metadata = ImageMetadata(
            provider=self.provider.name,
            model=self.model,
            prompt=request.prompt,
            negative_prompt=request.negative_prompt,
            template=request.template,
            template_version=request.template_version,
            seed=picture.seed,
            finish_reason=picture.finish_reason,
            request_id=picture.request_id,
            width=picture.width,
            height=picture.height,
            format=picture.format,
            sha256=picture.sha256 or sha256_hex(picture.data),
            size_bytes=len(picture.data),
            credits=tried.credits,
            response_time=took,
            phases=tried.attempt.phases,
        )
        return FaceImage(picture.data, metadata, attempts)


def queued_for(attempts: Sequence[Attempt]) -> float:
    """Seconds that these attempts waited for our own limits."""
    return sum(attempt.phases.queue or 0.0 for attempt in attempts)


def _check_texts(request: ImageRequest) -> None:
    """Raise InvalidInput for a text that cannot be sent as UTF-8."""
    texts = {"prompt": request.prompt, "negative_prompt": request.negative_prompt} | dict(request.fields)
    for name, text in texts.items():
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            raise InvalidInput(name, text, "text without lone surrogates, which UTF-8 cannot express")


def _final(failures: Sequence[GenerationError], attempts: Sequence[Attempt]) -> GenerationError:
    """The error that a generation ends with, with its attempts.

    The last one, unless it tells nothing of the service (our budget, our quota) and an earlier one does: a retry
    that we could not make must not hide the failure that asked for it.
    """
    last = failures[-1]
    telling = [failure for failure in failures if failure.state != "unknown"]
    error = telling[-1] if telling and last.state == "unknown" else last
    if error is not last:
        error.args = (f"{error}; not tried again: {last}",)
    error.attempts = tuple(attempts)
    error.__context__ = error.__cause__ = None
    return error


def _request_id(outcome: Outcome, error: GenerationError | None) -> str | None:
    if error is not None and error.request_id is not None:
        return error.request_id
    reply: HttpReply | None = outcome.reply
    return None if reply is None else reply.headers.get("x-request-id")


def choose_model(provider: str, model: str | None) -> tuple[Provider, str]:
    """The provider and its model, or its default one. Raises ConfigError with the names there are."""
    chosen = _provider(provider)
    return chosen, _model(chosen, model)


def _provider(name: str) -> Provider:
    if name not in PROVIDERS:
        raise ConfigError(
            f"provider {shorten(name)} is not accepted: give one of {', '.join(sorted(PROVIDERS))}"
        )
    return PROVIDERS[name]()


def _model(provider: Provider, name: str | None) -> str:
    model = provider.default_model if name is None else name
    if model not in provider.models:
        accepted = ", ".join(provider.models)
        raise ConfigError(f"model {shorten(model)} is not accepted: {provider.name} has {accepted}")
    return model
