"""The two that a gate compares: what each is, a monitor for each, and what a kept run can be asked again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from facemon.client import FaceClient
from facemon.config import Settings
from facemon.errors import InvalidInput
from facemon.judges import evaluators_of
from facemon.ledger import Ledger
from facemon.model import SEED_MAX, FaceRequest, MonitoringData, State
from facemon.monitor import Monitor
from facemon.prompts import PromptTemplate
from facemon.release.looks import Looked, look_at
from facemon.store import RecordStore, Run, new_id
from facemon.vision.descriptors import Descriptor

BASELINE, CANDIDATE = "baseline", "candidate"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. settings: with the URL and the key that are asked · target: as a person reads it ·
    transport: what replaces the network.
    """

    settings: Settings
    target: str
    template: PromptTemplate
    transport: httpx.AsyncBaseTransport | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that was made before, and its records, in the order of time."""

    run: Run
    records: tuple[MonitoringData, ...]


@dataclass(frozen=True, slots=True)
class Arm:
    """What a side was, for whoever reads the verdict."""

    run_id: str
    target: str
    provider: str | None
    model: str | None
    template: str
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A side with its monitor open. role: BASELINE or CANDIDATE · descriptor: what describes its pictures; None where
    people are not compared.
    """

    monitor: Monitor
    client: FaceClient
    arm: Arm
    role: str
    descriptor: Descriptor | None = None

    def price(self, request: FaceRequest) -> float:
        """Credits of one attempt."""
        return self.client.price(self.client.words(request))

    async def ask(self, request: FaceRequest) -> tuple[MonitoringData, Looked]:
        """The record, with its scores, and the look of its picture, which itself is let go."""
        result = await self.monitor.generate(request, check="gate")
        looked: Looked = None
        if self.descriptor is not None and result.image is not None:
            looked = await asyncio.to_thread(look_at, result.image.data, self.descriptor)
        return await result.scored(), looked

    async def finish(self, store: RecordStore, code: int) -> None:
        """Keep that its run ended, and with which exit code the gate did."""
        summary = {"exit": code, "cause": "one side of a gate", "role": self.role}
        await store.finish_run(self.arm.run_id, self.monitor.clock.now(), summary)


def request_of(record: MonitoringData) -> FaceRequest:
    """The request that a record answers; with the seed that the service picked where it was left to it.

    Raises InvalidInput for a record that is of no face.
    """
    said = record.request_params
    seed = said.seed or (record.image.seed if record.image else None)
    seed = seed if seed and seed <= SEED_MAX else None  # v1 picks from one more than it may be told
    if said.age is None or said.gender is None:
        raise InvalidInput("record", record.id, "one of a face, with an age and a gender")
    return FaceRequest(said.age, said.gender, seed, said.aspect_ratio or "1:1", said.output_format or "png")


def vouched_for(run: Run) -> bool:
    """Whether a run may be taken for a baseline unasked: any but that of a candidate whose gate did not pass."""
    return run.summary.get("role") != CANDIDATE or run.summary.get("exit") == 0


def comparable(records: Iterable[MonitoringData]) -> tuple[MonitoringData, ...]:
    """Those of a kept run that a candidate can be asked for again: faces that were measured, and are known."""
    return tuple(
        record
        for record in records
        if record.purpose == "measure"
        and record.request_params.age is not None
        and record.request_params.gender is not None
        and record.state is not State.UNKNOWN
    )


@asynccontextmanager
async def opened(
    side: Side, store: RecordStore, ledger: Ledger, role: str, descriptor: Descriptor | None = None
) -> AsyncIterator[Asked]:
    """A side that can be asked, its run announced with its role.

    Raises ConfigError and StoreError before anything is sent.
    """
    evaluators = await asyncio.to_thread(evaluators_of, side.settings)
    async with FaceClient(
        side.settings, ledger=ledger, template=side.template, transport=side.transport
    ) as client:
        run_id = new_id(client.clock.now())
        about = (side.target, client.provider.name, client.model)
        await store.start_run(Run(run_id, client.clock.now(), *about, summary={"role": role}))
        arm = Arm(run_id, side.target, client.provider.name, client.model, _template_label(side.template))
        async with Monitor(
            client,
            store=store,
            evaluators=evaluators,
            run_id=run_id,
            control_url=side.settings.control_url,
        ) as monitor:
            yield Asked(monitor, client, arm, role, descriptor)


def kept_arm(kept: Kept) -> Arm:
    """What a kept run was."""
    templates = {
        f"{said.template} {said.template_version}"
        for said in (record.request_params for record in kept.records)
        if said.template
    }
    run = kept.run
    return Arm(run.id, run.target, run.provider, run.model, ", ".join(sorted(templates)), kept=True)


def _template_label(template: PromptTemplate) -> str:
    return f"{template.name} {template.version}"
