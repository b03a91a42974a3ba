"""Stability AI v2beta: `POST /v2beta/stable-image/generate/{ultra|core|sd3}`, the current API."""

from __future__ import annotations

from facemon import provider_replies as replies
from facemon.calls import HttpCall, HttpReply, Picture
from facemon.model import FORMATS, ImageRequest

# Model → (route, price in credits).
_MODELS: dict[str, tuple[str, float]] = {
    "core": ("core", 3.0),
    "ultra": ("ultra", 8.0),
    "sd3.5-large": ("sd3", 6.5),
    "sd3.5-large-turbo": ("sd3", 4.0),
    "sd3.5-medium": ("sd3", 3.5),
    "sd3.5-flash": ("sd3", 2.5),
}
_SIZES = {
    "1:1": (1024, 1024),
    "5:4": (1088, 896),
    "4:5": (896, 1088),
    "3:2": (1216, 832),
    "2:3": (832, 1216),
    "16:9": (1344, 768),
    "9:16": (768, 1344),
    "21:9": (1536, 640),
    "9:21": (640, 1536),
}
# Core paints one and a half times as large in each direction.
_CORE_FACTOR = 1.5


class StabilityV2Beta:
    """Multipart in; a picture's bytes or JSON with base64 out."""

    name = "stability_v2beta"
    default_model = "core"
    formats: tuple[str, ...] = FORMATS

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(_MODELS)

    def price(self, request: ImageRequest, model: str) -> float:
        route, price = _MODELS[model]
        asked = dict(request.fields).get("model", model)
        if route != "sd3" or asked == model:
            return price
        # A field may name another model of the route, or one that we do not know: then book the dearest.
        dearest = max(cost for way, cost in _MODELS.values() if way == route)
        return _MODELS[asked][1] if _MODELS.get(asked, ("", 0.0))[0] == route else dearest

    def size(self, aspect_ratio: str, model: str) -> tuple[int, int] | None:
        size = _SIZES.get(aspect_ratio)
        if size is None or model != "core":
            return size
        return int(size[0] * _CORE_FACTOR), int(size[1] * _CORE_FACTOR)

    def build(self, request: ImageRequest, model: str) -> HttpCall:
        route = _MODELS[model][0]
        form = {
            "prompt": request.prompt,
            "negative_prompt": request.negative_prompt,
            "aspect_ratio": request.aspect_ratio,
            "seed": "" if request.seed is None else str(request.seed),
            "output_format": request.output_format,
            "model": model if route == "sd3" else "",
        }
        # An empty prompt is sent, because a check of refusals asks for one; other empty fields are left out.
        fields = {name: value for name, value in form.items() if value or name == "prompt"} | dict(
            request.fields
        )
        return HttpCall(
            method="POST",
            path=f"/v2beta/stable-image/generate/{route}",
            headers=(("accept", "application/json" if request.accept == "json" else "image/*"),),
            form=tuple(fields.items()),
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
    # The body first: the headers of a JSON reply need not repeat what it says.
    reason = document.get("finish_reason", reply.headers.get("finish-reason"))
    return reason, document.get("seed", reply.headers.get("seed")), document.get("image")
