"""The legacy API: `/v1/generation/{engine}/text-to-image`, `/v1/engines/list`, `/v1/user/balance`.

Source: STABILITY_API §3.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Any

from facemon.simulator.generation import Artifact, Job
from facemon.simulator.messages import Reply, Request
from facemon.simulator.moderation import judge_prompt
from facemon.simulator.prices import v1_price
from facemon.simulator.problems import NOT_FOUND, UNAUTHORIZED, Problem, bad_request, echoing, one_of
from facemon.simulator.subject import read_subject
from facemon.simulator.v1_rules import ENGINE, wrong_body

ENGINES = [
    {
        "description": "Stability-AI Stable Diffusion XL v1.0",
        "id": ENGINE,
        "name": "Stable Diffusion XL v1.0",
        "type": "PICTURE",
    }
]
ACCEPTS = ("application/json", "image/png")


def read(request: Request, engine: str, key: str, readings: Collection[str] = ()) -> Job | Problem:
    """The job that a valid request is, or the first reason why it is none: the body before the key, as in v2beta."""
    if engine != ENGINE:
        return Problem(404, NOT_FOUND.name, (f"The specified engine (ID {engine}) was not found.",))
    if "key_first" in readings and request.key != key:
        return unauthorized(request)
    if (request.header("content-type") or "").partition(";")[0].strip().lower() != "application/json":
        return bad_request("content-type: must be application/json")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return bad_request("body: invalid JSON")
    if not isinstance(body, dict):
        return bad_request("body: must be an object")
    if _accepted(request) is None:
        return bad_request(one_of("accept", ACCEPTS))
    problem = wrong_body(body, strict="strict_fields" in readings)
    if problem is not None:
        return problem
    if request.key != key:
        return unauthorized(request)
    prompt = _positive(body)
    return judge_prompt(prompt) or _job(request, body, prompt)


def unauthorized(request: Request) -> Problem:
    """v1's 401, which echoes the key."""
    return echoing(UNAUTHORIZED, request.key)


def _job(request: Request, body: Mapping[str, Any], prompt: str) -> Job:
    samples = body.get("samples", 1)
    return Job(
        model=ENGINE,
        price=v1_price(body.get("steps", 30), samples),
        subject=read_subject(prompt),
        seed=body.get("seed", 0),
        samples=samples,
        width=body.get("width", 1024),
        height=body.get("height", 1024),
        format="png",
        as_json=_accepted(request) == "application/json",
    )


def _accepted(request: Request) -> str | None:
    for part in (request.header("accept") or "*/*").split(","):
        kind = part.partition(";")[0].strip().lower()
        if kind in ("*/*", *ACCEPTS):
            return "application/json" if kind == "*/*" else kind
    return None


def _positive(body: Mapping[str, Any]) -> str:
    """The prompts that are wanted: a negative weight makes a negative prompt."""
    return ", ".join(entry["text"] for entry in body["text_prompts"] if entry.get("weight", 1) >= 0)


def write(job: Job, artifacts: list[Artifact], request_id: str) -> Reply:
    """200 in the form asked for; as a plain PNG only the first of several samples travels."""
    identity = ("x-request-id", request_id)
    if not job.as_json:
        first = artifacts[0]
        headers = [("content-type", "image/png"), ("Seed", str(first.seed)), identity]
        if first.finish_reason is not None:
            headers.append(("Finish-Reason", first.finish_reason))
        return Reply(200, tuple(headers), first.body)
    entries = b",".join(_entry(artifact) for artifact in artifacts)
    return Reply(200, (("content-type", "application/json"), identity), b'{"artifacts":[' + entries + b"]}")


def _entry(artifact: Artifact) -> bytes:
    said = f',"finishReason":"{artifact.finish_reason}"' if artifact.finish_reason is not None else ""
    return b"".join((b'{"base64":"', b64encode(artifact.body), f'","seed":{artifact.seed}{said}}}'.encode()))
