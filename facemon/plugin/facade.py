"""`facemon`, as a check sees it: ask for a face, look at what came, and read it like a promise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from facemon.analysis import collapse
from facemon.analysis.collapse import CollapseVerdict
from facemon.analysis.portrait_set import compare
from facemon.errors import ConfigError, ErrorType, GenerationError, InvalidInput, StoreError
from facemon.judges import descriptor_of
from facemon.ledger import Ledger
from facemon.model import AGES, GENDERS, FaceRequest, ImageRequest, Purpose
from facemon.monitor import Monitor, MonitoringResult
from facemon.plugin import evidence, looking
from facemon.plugin.engine import Engine
from facemon.plugin.run import OwnFault, open_target
from facemon.plugin.state import state_of
from facemon.secret import Secret
from facemon.vision.trouble import ModelUnavailable, Unscored


class Facemon:
    """The fixture `facemon`. Everything it asks for is monitored: recorded, judged, attached to the report."""

    def __init__(
        self, engine: Engine, monitor: Monitor, item: pytest.Item, purpose: Purpose = "measure"
    ) -> None:
        self._engine, self._monitor, self._item, self._purpose = engine, monitor, item, purpose
        assert monitor.client is not None
        self._client = monitor.client

    def serve(self, item: pytest.Item, monitor: Monitor) -> None:
        """Ask for another check from here on: its evidence, its settings."""
        assert monitor.client is not None
        self._item, self._monitor, self._client = item, monitor, monitor.client

    @property
    def target(self) -> str:
        """`sim`, `mock`, `live` or a URL."""
        return self._engine.settings.target

    @property
    def response_time_limit(self) -> float:
        """The promise on the response time, in seconds."""
        return self._client.settings.response_time_limit

    def expected_size(self, aspect_ratio: str) -> tuple[int, int]:
        """Documented width and height in pixels. Skips the check where none is documented."""
        size = self._client.expected_size(aspect_ratio)
        if size is None:
            pytest.skip(f"not applicable: {self._client.provider.name} documents no size for {aspect_ratio}")
        return size

    @property
    def formats(self) -> tuple[str, ...]:
        """The picture formats the provider paints."""
        return self._client.provider.formats

    def price(self, request: FaceRequest | ImageRequest) -> float:
        """Credits that one call costs."""
        return self._client.price(self._client.words(request))

    async def generate(
        self, request: FaceRequest | None = None, /, *, json: bool = False, **face: Any
    ) -> MonitoringResult:
        """A face, by its request or by `age=…, gender=…`. Without one the check fails.

        json: ask for the reply as JSON with base64 in it. Raises GenerationError when its failure tells nothing of
        the service (our own key, credits, quota or network): then the check is unknown.
        """
        words = self._client.words(request or FaceRequest(**face))
        result = await self.attempt(replace(words, accept="json") if json else words)
        return _came(result)

    async def generate_together(self, requests: Iterable[FaceRequest]) -> list[MonitoringResult]:
        """Several faces side by side. All are waited for, whatever becomes of the first: each is paid for.

        Then as `generate`: without one of them the check fails.
        """
        return [_came(result) for result in await self._attempts(requests)]

    async def _attempts(self, requests: Iterable[FaceRequest]) -> list[MonitoringResult]:
        answers = await asyncio.gather(*map(self.attempt, requests), return_exceptions=True)
        results = []
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
            results.append(answer)
        return results

    async def portraits(self) -> list[MonitoringResult]:
        """One face of each age and gender, judged. Painted and paid for once a process, whichever checks ask."""
        kept = self._engine.portraits
        if self._monitor in kept:
            for result in kept[self._monitor]:
                await evidence.attach(self._item, result)
        else:
            kept[self._monitor] = await self._attempts(
                FaceRequest(age, gender) for age, gender in product(AGES, GENDERS)
            )
        return [_came(result) for result in kept[self._monitor]]

    async def optional_faults(self, results: Iterable[MonitoringResult]) -> list[str]:
        """What the optional evaluators refuse, a sentence a picture. Skips the check where none was added."""
        if not self._client.settings.evaluators:
            pytest.skip("not applicable: the setting `evaluators` adds no optional evaluator")
        return await looking.faults(results, looking.of_the_optional)

    async def quality_faults(self, results: Iterable[MonitoringResult]) -> list[str]:
        """What is wrong with these portraits (light, sharpness, framing …), a sentence a picture that has a fault."""
        return await looking.faults(results, looking.of_quality)

    async def adherence_faults(self, results: Iterable[MonitoringResult]) -> list[str]:
        """Which of these pictures do not show the age and gender asked, a sentence each."""
        return await looking.faults(results, looking.of_adherence)

    async def different_people(self, results: Iterable[MonitoringResult]) -> CollapseVerdict:
        """Whether these pictures show as many people as they should: the diversity of the set, and its evidence.

        Raises InvalidInput (a ValueError) for fewer than two results: that is the caller's mistake.
        """
        compared = list(results)
        if len(compared) < 2:
            raise InvalidInput("number of results", len(compared), "at least two pictures to compare")
        named = [(looking.who(one.data), one.image.data) for one in compared if one.image is not None]
        settings = self._client.settings
        try:
            descriptor = descriptor_of(settings)
            if descriptor.name == "identity" and self._engine.target.can_inject:
                pytest.skip(
                    "not applicable: to the identity descriptor the simulator's drawn people all look alike"
                )
            found = await asyncio.to_thread(compare, named, descriptor)
        except (ConfigError, ModelUnavailable) as error:
            raise OwnFault(str(error)) from error
        except Unscored as why:
            pytest.fail(str(why), pytrace=False)
        state_of(self._item.config).diversity.append((found.score, found.people))
        return collapse.judge(found, descriptor.threshold)

    async def attempt(
        self, request: FaceRequest | ImageRequest, *, key: str | None = None
    ) -> MonitoringResult:
        """The same for any request, with the failure kept in the result instead of raised."""
        self._engine.check_hope()
        if asyncio.get_running_loop() is not self._engine.loop:
            raise OwnFault(
                "facemon's connections live in the session's event loop, and this test runs in another: "
                'mark it @pytest.mark.asyncio(loop_scope="session"), or leave the mark away'
            )
        try:
            result = await self._monitor.generate(
                request,
                purpose=self._purpose,
                check=self._item.nodeid,
                key=None if key is None else Secret(key),
            )
        except StoreError as error:
            self._engine.store_trouble = str(error)  # no more is spent on what nobody will remember
            raise
        if self._purpose == "measure":
            self._engine.note(result)
        await evidence.attach(self._item, result)
        return result

    async def refusal(
        self, request: ImageRequest, *, error_type: ErrorType, status: int, key: str | None = None
    ) -> GenerationError:
        """Ask for what the service must refuse, and see that it does, as documented; it counts in no figure.

        Fails the check when a picture came, or another error. An error that tells nothing of the service (our own
        key, quota or network) is raised as it is: then the check is unknown.
        """
        probing = Facemon(self._engine, self._monitor, self._item, "probe")
        error = (await probing.attempt(request, key=key)).error
        if error is None:
            pytest.fail("a request that must be refused was answered with a picture", pytrace=False)
        if (error.error_type, error.status) != (error_type, status):
            if error.state == "unknown":
                raise error
            pytest.fail(f"{error_type} with status {status} is documented, this came: {error}", pytrace=False)
        return error

    async def balance(self, *, key: str | None = None) -> float:
        """Credits left at the vendor. Raises GenerationError."""
        self._engine.check_hope()
        return await self._client.balance(key=None if key is None else Secret(key))

    @asynccontextmanager
    async def drill(self, *faults: str, attempt_timeout: float | None = None) -> AsyncIterator[Facemon]:
        """A second, private simulator that misbehaves as told; its generations count in no figure.

        Skips the check as not applicable where the target cannot inject faults.
        """
        engine = self._engine
        if not engine.target.can_inject:
            pytest.skip(f"not applicable: the target {self.target} cannot inject a fault")
        changes: dict[str, Any] = {"fault": faults}
        if attempt_timeout is not None:
            changes["attempt_timeout"] = attempt_timeout
        settings = engine.settings.model_copy(update=changes)
        context = replace(engine.context, simulator_url=None)
        target = open_target(settings, context, prepare=False)
        try:
            # Its credits are play money: the run's budget is for the run's own target.
            private = Engine(settings, context, target, engine.store, ledger=Ledger(rate=None))
            async with private.stack:
                yield Facemon(private, await private.monitor(), self._item, "probe")
        finally:
            target.close()


def _came(result: MonitoringResult) -> MonitoringResult:
    """The result of a generation that brought a picture; one that did not is a failed check, not a broken one."""
    error = result.error
    if error is None or error.state == "unknown":
        return result.raise_for_error()
    tries = f"{len(result.attempts)} attempt{'s' * (len(result.attempts) != 1)}"
    pytest.fail(f"{error.error_type} after {tries}: {error} (record {result.data.id})", pytrace=False)
