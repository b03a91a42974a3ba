"""What the fields of a v1 text-to-image request may hold (STABILITY_API §3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from facemon.simulator.problems import Problem, bad_request, one_of, unknown
from facemon.simulator.v2beta import STYLES

ENGINE = "stable-diffusion-xl-1024-v1-0"
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
_FIELDS = (
    "text_prompts",
    "height",
    "width",
    "cfg_scale",
    "samples",
    "seed",
    "steps",
    "style_preset",
    "sampler",
)
_PROMPT_FIELDS = ("text", "weight")
_WHOLE = {"seed": (0, MAX_SEED), "samples": (1, 10), "steps": (10, 50)}


def wrong_body(body: Mapping[str, Any], *, strict: bool = False) -> Problem | None:
    """What is wrong with the fields of a text-to-image request, None when nothing is.

    Unknown fields are ignored, unless it is `strict`.
    """
    wrong = [*_wrong_prompts(body.get("text_prompts")), *_wrong_numbers(body), *_wrong_choices(body)]
    if strict:
        wrong += _unknown_fields(body)
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


def _unknown_fields(body: Mapping[str, Any]) -> Iterator[str]:
    yield from (unknown(name) for name in body if name not in _FIELDS)
    prompts = body.get("text_prompts")
    for place, entry in enumerate(prompts if isinstance(prompts, list) else ()):
        names = entry if isinstance(entry, dict) else ()
        yield from (unknown(f"text_prompts.{place}.{name}") for name in names if name not in _PROMPT_FIELDS)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
