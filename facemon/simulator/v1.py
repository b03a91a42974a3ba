"""The legacy API: `/v1/generation/{engine}/text-to-image`, `/v1/engines/list`, `/v1/user/balance`.

Source: STABILITY_API §3.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any

from facemon.simulator.generation import Artifact, Job
from facemon.simulator.messages import Reply, Request
from facemon.simulator.moderation import judge_prompt
from facemon.simulator.prices import v1_price
from facemon.simulator.problems import NOT_FOUND, UNAUTHORIZED, Problem, bad_request, echoing, one_of
from facemon.simulator.subject import read_subject
from facemon.simulator.v2beta import STYLES

ENGINE = "stable-diffusion-xl-1024-v1-0"
ENGINES = [
    {
        "description": "Stability-AI Stable Diffusion XL v1.0",
        "id": ENGINE,
        "name": "Stable Diffusion XL v1.0",
        "type": "PICTURE",
    }
]
SIZES = (
    (1024, 1024),
    (1152, 896),
    (896, 1152),
    (1216, 832),
    (832, 1216),
    (1344, 768),
    (768, 1344),
    (1536, 640),
    (640, 1536),
)
SAMPLERS = (
    "DDIM",
    "DDPM",
    "K_DPMPP_2M",
    "K_DPMPP_2S_ANCESTRAL",
    "K_DPM_2",
    "K_DPM_2_ANCESTRAL",
    "K_EULER",
    "K_EULER_ANCESTRAL",
    "K_HEUN",
    "K_LMS",
)
MAX_SEED = 4294967295
MAX_TEXT = 2000
ACCEPTS = ("application/json", "image/png")
_WHOLE = {"seed": (0, MAX_SEED), "samples": (1, 10), "steps": (10, 50)}


def read(request: Request, engine: str, key: str) -> Job | Problem:
    """The job that a valid request is, or the first reason why it is none: the body before the key, as in v2beta."""
    if engine != ENGINE:
        return Problem(404, NOT_FOUND.name, (f"The specified engine (ID {engine}) was not found.",))
    if (request.header("content-type") or "").partition(";")[0].strip().lower() != "application/json":
        return bad_request("content-type: must be application/json")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return bad_request("body: invalid JSON")
    if not isinstance(body, dict):
        return bad_request("body: must be an object")
    problem = _wrong_body(request, body)
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


def _wrong_body(request: Request, body: Mapping[str, Any]) -> Problem | None:
    if _accepted(request) is None:
        return bad_request(one_of("accept", ACCEPTS))
    wrong = [*_wrong_prompts(body.get("text_prompts")), *_wrong_numbers(body), *_wrong_choices(body)]
    if wrong:
        return bad_request(*wrong)
    asked = (body.get("width", 1024), body.get("height", 1024))
    if asked not in SIZES:
        allowed = ", ".join(f"{width}x{height}" for width, height in SIZES)
        text = f"for {ENGINE} the allowed dimensions are {allowed}, but we received {asked[0]}x{asked[1]}"
        return Problem(400, "invalid_sdxl_v1_dimensions", (text,))
    return None


def _wrong_prompts(prompts: object) -> Iterator[str]:
    if not isinstance(prompts, list) or not prompts:
        yield "text_prompts: required"
        return
    for place, entry in enumerate(prompts):
        text = entry.get("text") if isinstance(entry, dict) else None
        if not isinstance(text, str) or not text:
            yield f"text_prompts.{place}.text: required"
        elif len(text) > MAX_TEXT:
            yield f"text_prompts.{place}.text: must be at most {MAX_TEXT} characters"
        elif not _is_number(entry.get("weight", 1)):
            yield f"text_prompts.{place}.weight: must be a number"


def _wrong_numbers(body: Mapping[str, Any]) -> Iterator[str]:
    for name, (low, high) in _WHOLE.items():
        value = body.get(name, low)
        if not _is_whole(value) or not low <= value <= high:
            yield f"{name}: must be a whole number from {low} to {high}"
    for name in ("height", "width"):
        value = body.get(name, 1024)
        if not _is_whole(value) or value < 128 or value % 64:
            yield f"{name}: must be a multiple of 64 and at least 128"
    scale = body.get("cfg_scale", 7)
    if not _is_number(scale) or not 0 <= scale <= 35:
        yield "cfg_scale: must be a number from 0 to 35"


def _wrong_choices(body: Mapping[str, Any]) -> Iterator[str]:
    for name, accepted in (("style_preset", STYLES), ("sampler", SAMPLERS)):
        if name in body and body[name] not in accepted:
            yield one_of(name, accepted)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


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
