"""The current API, `/v2beta/stable-image/generate/{ultra|core|sd3}`: reading a request, writing a reply.

Source: STABILITY_API §1 and §2. The form is validated before the key, the meaning of the prompt after it; `readings`
(facemon.simulator.readings) are the uncertain lines that this simulator reads the other way.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping

from facemon.simulator.forms import FormError, parse_form
from facemon.simulator.generation import Artifact, Job
from facemon.simulator.messages import Reply, Request
from facemon.simulator.moderation import judge_prompt
from facemon.simulator.prices import PRICES
from facemon.simulator.problems import UNAUTHORIZED, Problem, bad_request, one_of, unknown
from facemon.simulator.subject import read_subject

SERVICES = ("ultra", "core", "sd3")
SD3_MODELS = ("sd3.5-large", "sd3.5-large-turbo", "sd3.5-medium", "sd3.5-flash")
SD3_MODELS_WITHOUT_FLASH = tuple(model for model in SD3_MODELS if model != "sd3.5-flash")
FORMATS = ("png", "jpeg", "webp")
ACCEPTS = ("image/*", "application/json")
STYLES = (
    "enhance",
    "anime",
    "photographic",
    "digital-art",
    "comic-book",
    "fantasy-art",
    "line-art",
    "analog-film",
    "neon-punk",
    "isometric",
    "low-poly",
    "origami",
    "modeling-compound",
    "cinematic",
    "3d-model",
    "pixel-art",
    "tile-texture",
)
SIZES = {
    "21:9": (1536, 640),
    "16:9": (1344, 768),
    "3:2": (1216, 832),
    "5:4": (1088, 896),
    "1:1": (1024, 1024),
    "4:5": (896, 1088),
    "2:3": (832, 1216),
    "9:16": (768, 1344),
    "9:21": (640, 1536),
}
"""Width and height of ultra and sd3 by aspect ratio; core's are half as long again on both sides."""

MAX_SEED = 4294967294
MAX_PROMPT = 10_000
_FIELDS = ("prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "style_preset")
_SD3_FIELDS = ("model", "cfg_scale", "mode")
_CLIENT_HEADERS = ("stability-client-id", "stability-client-user-id", "stability-client-version")


def size(service: str, ratio: str) -> tuple[int, int]:
    """Width and height in pixels."""
    width, height = SIZES[ratio]
    return (width * 3 // 2, height * 3 // 2) if service == "core" else (width, height)


def read(request: Request, service: str, key: str, readings: Collection[str] = ()) -> Job | Problem:
    """The job that a valid request is, or the first reason in the observed order why it is none."""
    if "key_first" in readings and request.key != key:
        return UNAUTHORIZED
    try:
        form = parse_form(request.header("content-type"), request.body)
    except FormError as error:
        return bad_request(str(error))
    wrong = [*_wrong_headers(request), *_wrong_fields(form, service, readings)]
    if "strict_fields" in readings:
        wrong += _unknown_fields(form, service)
    if wrong:
        return bad_request(*wrong)
    if request.key != key:
        return UNAUTHORIZED
    return judge_prompt(form["prompt"]) or _job(request, form, service)


def _job(request: Request, form: Mapping[str, str], service: str) -> Job:
    model = form.get("model", SD3_MODELS[0]) if service == "sd3" else service
    width, height = size(service, form.get("aspect_ratio", "1:1"))
    return Job(
        model=model,
        price=PRICES[model],
        subject=read_subject(form["prompt"]),
        seed=int(form.get("seed", "0")),
        samples=1,
        width=width,
        height=height,
        format=form.get("output_format", "png"),
        as_json=_accepted(request) == "application/json",
    )


def _accepted(request: Request) -> str | None:
    """The first media type of `accept` that the API makes; no header and `*/*` stand for the default."""
    for part in (request.header("accept") or "*/*").split(","):
        kind = part.partition(";")[0].strip().lower()
        if kind in ("*/*", *ACCEPTS):
            return "image/*" if kind == "*/*" else kind
    return None


def _wrong_headers(request: Request) -> Iterator[str]:
    if _accepted(request) is None:
        yield one_of("accept", ACCEPTS)
    for name in _CLIENT_HEADERS:
        if len(request.header(name) or "") > 256:
            yield f"{name}: must be at most 256 characters"


def _wrong_fields(form: Mapping[str, str], service: str, readings: Collection[str]) -> Iterator[str]:
    if not form.get("prompt"):
        yield "prompt: required"
    for name in ("prompt", "negative_prompt"):
        if len(form.get(name, "")) > MAX_PROMPT:
            yield f"{name}: must be at most {MAX_PROMPT} characters"
    lists = {"aspect_ratio": tuple(SIZES), "output_format": FORMATS, "style_preset": STYLES}
    if service == "sd3":
        models = SD3_MODELS if "no_flash" not in readings else SD3_MODELS_WITHOUT_FLASH
        lists |= {"model": models, "mode": ("text-to-image",)}
    for name, accepted in lists.items():
        if name in form and form[name] not in accepted:
            yield one_of(name, accepted)
    if not _in_range(form.get("seed", "0"), r"\d{1,10}", 0, MAX_SEED):
        yield f"seed: must be a whole number from 0 to {MAX_SEED}"
    if service == "sd3" and not _in_range(form.get("cfg_scale", "4"), r"\d{1,2}(\.\d+)?", 1, 10):
        yield "cfg_scale: must be a number from 1 to 10"


def _unknown_fields(form: Mapping[str, str], service: str) -> Iterator[str]:
    known = (*_FIELDS, *_SD3_FIELDS) if service == "sd3" else _FIELDS
    return (unknown(name) for name in form if name not in known)


def _in_range(text: str, shape: str, low: float, high: float) -> bool:
    return re.fullmatch(shape, text, re.ASCII) is not None and low <= float(text) <= high


def write(job: Job, artifacts: list[Artifact], request_id: str) -> Reply:
    """200 in the form asked for. The JSON is put together as bytes: its picture alone is megabytes."""
    [artifact] = artifacts
    identity = ("x-request-id", request_id)
    if job.as_json:
        reason = artifact.finish_reason
        said = f',"finish_reason":"{reason}"' if reason is not None else ""
        tail = f'"{said},"seed":{artifact.seed}}}'
        body = b"".join((b'{"image":"', b64encode(artifact.body), tail.encode()))
        return Reply(200, (("content-type", f"application/json; type=image/{job.format}"), identity), body)
    headers = [("content-type", f"image/{job.format}"), ("seed", str(artifact.seed)), identity]
    if artifact.finish_reason is not None:
        headers.append(("finish-reason", artifact.finish_reason))
    return Reply(200, tuple(headers), artifact.body)
