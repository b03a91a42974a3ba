"""The composition root: a request becomes a picture, scores, and one record."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Protocol

from facemon.client import FaceClient, queued_for
from facemon.client.control import reachable
from facemon.client.foreign import as_error, as_image
from facemon.clock import Clock, SystemClock
from facemon.errors import AttemptTimeout, ConfigError, GenerationError, InvalidInput, StoreError
from facemon.evaluators.base import Asked, Evaluator
from facemon.judges import evaluators_of
from facemon.model import (
    Attempt,
    FaceImage,
    FaceRequest,
    ImageRequest,
    MonitoringData,
    Performance,
    Purpose,
    Quality,
    RecordedError,
    RequestParams,
    Score,
    State,
    recorded_error,
)
from facemon.resources import ResourceMeter
from facemon.scoring import ScoringPool, default_evaluators
from facemon.secret import Secret
from facemon.store.identity import new_id

_PATIENCE = (
    30.0  # seconds for what is under way at the end, where no client says how long an attempt may take
)

Generate = Callable[[Any], Awaitable[Any]]


class RecordSink(Protocol):
    """Where records go; `facemon.store.RecordStore` is one."""

    async def add(self, record: MonitoringData) -> MonitoringData:
        """Keep a record; returns it once it is on disk."""
        ...

    async def add_scores(self, record_id: str, scores: tuple[Score, ...]) -> None:
        """Append the scores of a record that is kept already."""
        ...


class MonitoringResult:
    """A generation as it was monitored, with its picture. `data` is its record.

    The scores may still be on their way (`quality.pending`); `await result.scored()` waits for them.
    """

    def __init__(
        self,
        data: MonitoringData,
        image: FaceImage | None,
        error: GenerationError | None,
        scoring: asyncio.Task[MonitoringData] | None = None,
    ) -> None:
        self._data, self.image, self.error, self._scoring = data, image, error, scoring

    @property
    def data(self) -> MonitoringData:
        """The record; with scores once they are there."""
        task = self._scoring
        if task is not None and task.done() and not task.cancelled() and task.exception() is None:
            self._data, self._scoring = task.result(), None
        return self._data

    @property
    def performance(self) -> Performance:
        """Times in seconds."""
        return self.data.performance

    @property
    def quality(self) -> Quality:
        """The picture as judged so far."""
        return self.data.quality

    @property
    def errors(self) -> tuple[RecordedError, ...]:
        """Why there is no picture; empty when there is one."""
        return self.data.errors

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every HTTP exchange, oldest first."""
        return self.data.attempts

    async def scored(self) -> MonitoringData:
        """The record with its scores, which are in the store then."""
        if self._scoring is not None:
            self._data = await asyncio.shield(self._scoring)
            self._scoring = None
        return self._data

    def raise_for_error(self) -> MonitoringResult:
        """This result, or its GenerationError raised."""
        if self.error is not None:
            raise self.error
        return self


class Monitor:
    """Generates through a client, judges each picture in the background, and writes every record.

    evaluators: default those that the client's settings name, calibrated as they say; an empty sequence judges
    nothing · store: None keeps nothing · run_id: the run the records belong to. Use it as an async context manager,
    or call `drain` at the end: scores still under way are written then.
    """

    def __init__(
        self,
        client: FaceClient | None = None,
        *,
        store: RecordSink | None = None,
        evaluators: Sequence[Evaluator] | None = None,
        clock: Clock | None = None,
        run_id: str | None = None,
        control_url: str | None = None,
    ) -> None:
        self.client = client
        self._store, self._run_id, self._control_url = store, run_id, control_url
        self.clock = clock or (client.clock if client else SystemClock())
        if evaluators is None:
            evaluators = evaluators_of(client.settings) if client else default_evaluators()
        self._pool = ScoringPool(evaluators)
        self._pending: set[asyncio.Task[MonitoringData]] = set()
        self._lost: BaseException | None = None
        self._underway: dict[asyncio.Future[None], asyncio.Task[Any] | None] = {}

    async def __aenter__(self) -> Monitor:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def drain(self) -> None:
        """Wait until every score is in the store. Raises, once, what kept a score from it (StoreError)."""
        while self._pending:
            await asyncio.gather(*self._pending, return_exceptions=True)
        lost, self._lost = self._lost, None
        if lost is not None:
            raise lost

    async def aclose(self) -> None:
        """Wait for the generations under way and their scores, and let the scoring threads end.

        A caller may have left some behind (`asyncio.gather` does when one of them fails): they are paid for, so
        they get as long as one attempt may take; then they are cancelled, which is recorded.
        """
        try:
            await self._let_finish()
            await self.drain()
        finally:
            self._pool.close()

    async def _let_finish(self) -> None:
        if not self._underway:
            return
        patience = self.client.settings.attempt_timeout if self.client else _PATIENCE
        await asyncio.wait(list(self._underway), timeout=patience)
        for task in list(self._underway.values()):
            if task is not None:
                task.cancel()
        if self._underway:
            await asyncio.wait(list(self._underway), timeout=_PATIENCE)

    async def generate(
        self,
        request: FaceRequest | ImageRequest,
        *,
        purpose: Purpose = "measure",
        check: str | None = None,
        key: Secret | None = None,
    ) -> MonitoringResult:
        """Generate with the client. The result is there once its record is on disk; it never raises GenerationError.

        purpose: `probe` for what must not count · check: the name of the check that asked · key: replaces the
        client's key, for a check of refusals. Raises StoreError where the record could not be written.
        """
        client = self.client
        if client is None:
            raise ConfigError(
                "this monitor has no client: give it one, or use `watch` with a function of yours"
            )
        words = client.words(request)
        return await self._watch(
            lambda: client.generate(words, key=key),
            "facemon",
            client.describe(words),
            Asked(
                format=words.output_format,
                size=client.expected_size(words.aspect_ratio),
                age=words.face.age if words.face else None,
                gender=words.face.gender if words.face else None,
                prompt=words.prompt,
                face=words.face is not None,
            ),
            purpose,
            check,
        )

    async def watch(
        self, generate: Generate, request: Any = None, *, check: str | None = None
    ) -> MonitoringResult:
        """Monitor any async function that takes `request` and returns a picture: ours, bytes, or a Pillow image.

        The picture is judged as a portrait, unless the request is an ImageRequest that comes from no face.
        """
        if not callable(generate):
            raise InvalidInput("generate", generate, "an async function that takes the request")
        name = str(getattr(generate, "__qualname__", type(generate).__name__))
        params, asked = RequestParams(provider=name), Asked()
        if isinstance(request, FaceRequest):
            params = RequestParams(
                request.age, request.gender, request.seed, provider=name, output_format=request.output_format
            )
            asked = Asked(age=request.age, gender=request.gender)
        elif isinstance(request, ImageRequest):
            asked = Asked(format=request.output_format, prompt=request.prompt, face=request.face is not None)

        def call() -> Awaitable[Any]:
            answer = generate(request)
            if not inspect.isawaitable(answer):
                raise InvalidInput("generate", generate, "an async function: this one returned no awaitable")
            return answer

        return await self._watch(call, name, params, asked, "measure", check)

    async def _watch(
        self,
        call: Callable[[], Awaitable[Any]],
        name: str,
        params: RequestParams,
        asked: Asked,
        purpose: Purpose,
        check: str | None,
    ) -> MonitoringResult:
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._underway[ended] = asyncio.current_task()
        try:
            return await self._monitored(call, name, params, asked, purpose, check)
        finally:
            del self._underway[ended]
            ended.set_result(None)

    async def _monitored(
        self,
        call: Callable[[], Awaitable[Any]],
        name: str,
        params: RequestParams,
        asked: Asked,
        purpose: Purpose,
        check: str | None,
    ) -> MonitoringResult:
        meter, moment, started = ResourceMeter(), self.clock.now(), self.clock.monotonic()
        record = MonitoringData(
            id=new_id(moment),  # now, not at the end: names sort by when a generation began
            timestamp=moment,
            request_params=params,
            performance=Performance(0.0),
            quality=Quality(),
            errors=(),
            attempts=(),
            resources=meter.read(),
            run_id=self._run_id,
            purpose=purpose,
            check=check,
        )
        image, error = None, None
        try:
            image = as_image(await call(), name, self.clock.monotonic() - started)
        except GenerationError as raised:
            error = raised
        except asyncio.CancelledError:
            took = Performance(self.clock.monotonic() - started)
            await self._keep_cancelled(replace(record, performance=took, resources=meter.read()))
            raise
        except (InvalidInput, ConfigError, StoreError):
            raise  # ours: nothing was seen of the service
        except Exception as raised:
            error = as_error(raised, name)
        ended = self.clock.monotonic()
        attempts = image.attempts if image else error.attempts if error else ()
        record = replace(
            record,
            performance=Performance(response_time=ended - started - queued_for(attempts)),
            quality=Quality(pending=image is not None and bool(self._pool.evaluators)),
            errors=() if error is None else (await self._judged(error),),
            attempts=attempts,
            resources=meter.read(
                bytes_sent=sum(attempt.bytes_sent for attempt in attempts),
                bytes_received=sum(attempt.bytes_received for attempt in attempts),
            ),
            image=image.metadata if image else None,
        )
        try:
            record = await self._keep(record)
        except StoreError as lost:
            lost.image = image  # it was paid for
            raise
        scores = await self._pool.submit(image.data, asked) if image and self._pool.evaluators else None
        added = self.clock.monotonic() - ended
        record = replace(record, performance=replace(record.performance, overhead=added))
        return MonitoringResult(record, image, error, self._finish(record, scores) if scores else None)

    async def _keep(self, record: MonitoringData) -> MonitoringData:
        return record if self._store is None else await self._store.add(record)

    async def _keep_cancelled(self, record: MonitoringData) -> None:
        """Keep what is known of a generation that its caller broke off: what it cost may be booked already."""
        error = AttemptTimeout("cancelled by the caller before an answer came")
        error.state, error.own_fault = "unknown", "cancelled by the caller"
        with suppress(StoreError):  # the cancellation must go on
            await asyncio.shield(self._keep(replace(record, errors=(recorded_error(error),))))

    async def _judged(self, error: GenerationError) -> RecordedError:
        """The error as recorded; unknown when the control endpoint says that our own network is down."""
        kept = recorded_error(error)
        lost = kept.error_type in ("timeout", "connection") and kept.state is State.DOWN
        if lost and self._control_url and not await reachable(self._control_url):
            error.state = "unknown"
            return replace(
                kept, state=State.UNKNOWN, cause="own network: the control endpoint does not answer"
            )
        return kept

    def _finish(
        self, record: MonitoringData, future: asyncio.Future[tuple[Score, ...]]
    ) -> asyncio.Task[MonitoringData]:
        async def finish() -> MonitoringData:
            scores = await future
            if self._store is not None:
                await self._store.add_scores(record.id, scores)
            return record.with_scores(scores)

        task = asyncio.create_task(finish())
        self._pending.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[MonitoringData]) -> None:
        self._pending.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._lost = self._lost or error
