"""Stability AI v1: `POST /v1/generation/{engine}/text-to-image`, the legacy API, kept up without new features."""

from __future__ import annotations

import math

from facemon import provider_replies as replies
from facemon.calls import HttpCall, HttpReply, Picture
from facemon.errors import InvalidImage, InvalidResponse
from facemon.model import ImageRequest

_ENGINE = "stable-diffusion-xl-1024-v1-0"
# The sizes SDXL 1.0 accepts, by the ratio of the current API that comes nearest.
_SIZES = {
    "1:1": (1024, 1024),
    "5:4": (1152, 896),
    "4:5": (896, 1152),
    "3:2": (1216, 832),
    "2:3": (832, 1216),
    "16:9": (1344, 768),
    "9:16": (768, 1344),
    "21:9": (1536, 640),
    "9:21": (640, 1536),
}
_DEFAULT_STEPS = 30
_PRICE = 0.9  # credits for up to 30 steps, in proportion above that


class StabilityV1:
    """JSON in; JSON with base64 artifacts, or a PNG's bytes, out. It paints PNG only."""

    name = "stability_v1"
    default_model = _ENGINE
    formats: tuple[str, ...] = ("png",)

    @property
    def models(self) -> tuple[str, ...]:
        return (_ENGINE,)

    def price(self, request: ImageRequest, model: str) -> float:  # noqa: ARG002  one engine is left
        fields = dict(request.fields)
        steps = replies.whole_number(fields.get("steps")) or _DEFAULT_STEPS
        samples = replies.whole_number(fields.get("samples")) or 1
        # Nobody is charged for more than the documented bounds: beyond them the service refuses.
        return _PRICE * min(max(_DEFAULT_STEPS, steps), 50) / _DEFAULT_STEPS * min(max(1, samples), 10)

    def size(self, aspect_ratio: str, model: str) -> tuple[int, int] | None:  # noqa: ARG002  one engine is left
        return _SIZES.get(aspect_ratio)

    def build(self, request: ImageRequest, model: str) -> HttpCall:
        width, height = _SIZES.get(request.aspect_ratio, (0, 0))
        prompts: list[dict[str, object]] = [{"text": request.prompt, "weight": 1}]
        if request.negative_prompt:
            prompts.append({"text": request.negative_prompt, "weight": -1})
        body: dict[str, object] = {"text_prompts": prompts, "width": width, "height": height}
        if request.seed is not None:
            body["seed"] = request.seed
        body |= {name: _number_or_text(value) for name, value in request.fields}
        accept = "application/json" if request.accept == "json" else "image/png"
        return HttpCall(
            method="POST",
            path=f"/v1/generation/{model}/text-to-image",
            headers=(("accept", accept),),
            json=body,
        )

    def read(self, reply: HttpReply) -> Picture:
        return replies.read_picture(reply, _from_json)

    def authorization(self, key: str) -> str:
        return f"Bearer {key}"

    def engines_call(self) -> HttpCall:
        return replies.ENGINES

    def read_engines(self, reply: HttpReply) -> tuple[str, ...]:
        return replies.read_engines(reply)

    def balance_call(self) -> HttpCall:
        return replies.BALANCE

    def read_balance(self, reply: HttpReply) -> float:
        return replies.read_balance(reply)


def _from_json(document: dict[str, object], reply: HttpReply) -> tuple[object, object, object]:
    request_id = reply.headers.get("x-request-id")
    artifacts = document.get("artifacts")
    if not isinstance(artifacts, list):
        raise InvalidResponse("HTTP 200 without `artifacts`", status=200, request_id=request_id)
    if not artifacts or not isinstance(artifacts[0], dict):
        raise InvalidImage("HTTP 200 with no picture among its artifacts", status=200, request_id=request_id)
    first = artifacts[0]
    return first.get("finishReason"), first.get("seed"), first.get("base64")


def _number_or_text(value: str) -> object:
    """v1 fields are JSON numbers where they look like one; v2beta sends everything as text."""
    for kind in (int, float):
        try:
            number = kind(value)
        except ValueError:
            continue
        return number if math.isfinite(number) else value
    return value
