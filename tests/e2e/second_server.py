"""A second, independent and stricter image API to hold the project's client against.

Written only from STABILITY_API.md: a wrong assumption about the API that the project's own simulator and client share
shows here. Of the project it takes nothing but the painter of portraits, because no judge takes a cartoon for the
person asked for: the independence that matters is the API's.

`python second_server.py --port 0 --key KEY [--balance 1000]` prints {"url": "http://127.0.0.1:PORT"} when ready and
ends on SIGTERM or a closed stdin. For the test it also serves three lists: GET /violations (requests outside the
documented contract), GET /refused (refusals the vendor documents, such as an empty prompt or a wrong key) and
GET /served (what got a 200).
"""

import argparse
import base64
import io
import json
import random
import re
import sys
import threading
import time
from collections import deque
from email import message_from_bytes
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from PIL import Image, PngImagePlugin

from facemon.simulator.portraits import draw_portrait, enlarge

V2, ENGINE = "/v2beta/stable-image/generate/", "stable-diffusion-xl-1024-v1-0"
V2_SEED_MAX, V1_SEED_MAX, BODY_MAX = 4294967294, 4294967295, 10 * 1024 * 1024
RATE_COUNT, RATE_WINDOW, RATE_LOCK = 150, 10.0, 60.0
NAMES = {400: "bad_request", 401: "unauthorized", 402: "payment_required", 404: "not_found"}
NAMES |= {413: "payload_too_large", 422: "invalid_language", 429: "rate_limit_exceeded"}
ONCE = {"host", "accept", "authorization", "content-type"}
ONCE |= {"stability-client-id", "stability-client-user-id", "stability-client-version"}
SIZES = {"1:1": (1024, 1024), "5:4": (1088, 896), "3:2": (1216, 832)}
SIZES |= {"16:9": (1344, 768), "21:9": (1536, 640)}
SIZES |= {":".join(reversed(ratio.split(":"))): (height, width) for ratio, (width, height) in SIZES.items()}
CORE_SIZES = {ratio: (width * 3 // 2, height * 3 // 2) for ratio, (width, height) in SIZES.items()}
SD3_PRICES = {"sd3.5-large": 6.5, "sd3.5-large-turbo": 4.0, "sd3.5-medium": 3.5, "sd3.5-flash": 2.5}
PRICES = {"ultra": 8.0, "core": 3.0, **SD3_PRICES}
COMMON = {"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "style_preset"}
FIELDS = {"ultra": COMMON, "core": COMMON, "sd3": COMMON | {"model", "cfg_scale", "mode"}}
ENUMS = {"aspect_ratio": " ".join(SIZES), "output_format": "png jpeg webp", "model": " ".join(SD3_PRICES)}
ENUMS["mode"] = "text-to-image"
ENUMS["style_preset"] = (
    "enhance anime photographic digital-art comic-book fantasy-art line-art analog-film neon-punk isometric "
    "low-poly origami modeling-compound cinematic 3d-model pixel-art tile-texture"
)
WHOLE, DECIMAL = r"0|[1-9]\d*", r"(0|[1-9]\d*)(\.\d+)?"
NUMBERS = {"seed": (WHOLE, 0, V2_SEED_MAX), "cfg_scale": (DECIMAL, 1, 10)}
WEIGHTED = re.compile(r"\([^():]+:\s*(-?\d*\.?\d+)\s*\)")
V1_SIZES = {*SIZES.values(), (1152, 896), (896, 1152)} - {(1088, 896), (896, 1088)}
V1_NUMBERS = {"samples": (WHOLE, 1, 10), "seed": (WHOLE, 0, V1_SEED_MAX), "steps": (WHOLE, 10, 50)}
V1_NUMBERS["cfg_scale"] = (DECIMAL, 0, 35)
# What is picked where no seed is asked for: few and always the same, so that portraits are drawn once, and no run of
# the checks meets other people than the one before.
PICKED = (1, 2, 3, 4)
EASEL = threading.Lock()  # one drawing after the other: eight at a time would all be late
V1_DEFAULTS = {"width": 1024, "height": 1024, "cfg_scale": 7, "samples": 1, "seed": 0, "steps": 30}


class Documented(str):
    """The text of a refusal that the vendor documents; any other text (a plain `str`) marks a violation."""


class Refusal(Exception):
    """The request ends with an error reply; the arguments are the status and one or more texts."""


@lru_cache(maxsize=128)
def draw(age: int, gender: str, seed: int, size: tuple[int, int]) -> Image.Image:
    """A portrait with a short side of 512 pixels, in the proportions of `size`."""
    width, height = (round(side * 512 / min(size)) for side in size)
    return draw_portrait(age, gender, seed, width, height)


def paint(prompt: str, seed: int, size: tuple[int, int]) -> Image.Image:
    """Whom the prompt names: its first number of two digits (else 40) is the age, `woman` or `female` the gender."""
    number, woman = re.search(r"\b[2-7][0-9]\b", prompt), re.search(r"\b(woman|female)\b", prompt)
    with EASEL:
        drawing = draw(int(number[0]) if number else 40, "female" if woman else "male", seed, size)
    return enlarge(drawing, *size)


def encode(picture: Image.Image, kind: str) -> bytes:
    """The picture as a file; a fresh mark in the metadata makes each one differ, as the vendor's manifest does."""
    mark, info, buffer = random.randbytes(16).hex(), PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("manifest", mark)
    metadata: dict[str, Any] = {"pnginfo": info, "comment": mark, "xmp": mark.encode()}  # one for each format
    picture.save(buffer, kind, compress_level=1, quality=90, method=0, **metadata)
    return buffer.getvalue()


def parse_form(body: bytes, boundary: str) -> dict[str, str]:
    """The fields of a multipart body: plain text fields, none twice, and nothing before or after them."""
    before, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if before or not parts or parts.pop() not in (b"--", b"--\r\n"):
        raise Refusal(400, "body: does not match the multipart boundary")
    fields: dict[str, str] = {}
    for part in parts:
        head, blank, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers, text = message_from_bytes(head + blank), value.decode(errors="replace")
        name = headers.get_param("name", header="content-disposition")
        is_field = headers.get_content_disposition() == "form-data" and headers.get_filename() is None
        is_text = headers.get_content_type() == "text/plain" and "\ufffd" not in text
        if not (blank and is_field and is_text and isinstance(name, str)) or name in fields:
            raise Refusal(400, f"body: part {name} is no named text field in UTF-8, or came before")
        fields[name] = text
    return fields


def in_range(text: str, grammar: str, low: int, high: int) -> bool:
    """Whether this is a plainly written number (no blank, exponent or leading zero) from `low` to `high`."""
    return re.fullmatch(grammar, text, re.ASCII) is not None and low <= float(text) <= high


def check_field(product: str, name: str, value: str) -> str | None:
    """What is wrong with one form field, if anything."""
    if name not in FIELDS[product]:
        return f"{name}: unknown field"
    if name == "prompt" and not value:
        return Documented("prompt: required")
    if name in ENUMS and value not in ENUMS[name].split():
        return Documented(f"{name}: must be one of {ENUMS[name].replace(' ', ', ')}")
    if name in NUMBERS and not in_range(value, *NUMBERS[name]):
        return f"{name}: must be a number from {NUMBERS[name][1]} to {NUMBERS[name][2]}"
    weights = [float(found) for found in WEIGHTED.findall(value)]
    if weights and (name != "prompt" or product == "sd3" or not all(0 <= weight <= 1 for weight in weights)):
        return f"{name}: (word:weight) is for prompts of ultra and core, weights 0 to 1"
    return f"{name}: longer than 10000 characters" if len(value) > 10000 else None


def is_prompt(item: Any) -> bool:
    """Whether this is a v1 text prompt: {text, weight}, the weight optional."""
    if not isinstance(item, dict) or not {"text"} <= set(item) <= {"text", "weight"}:
        return False
    weight = re.fullmatch(f"-?{DECIMAL}", json.dumps(item.get("weight", 1)))
    return isinstance(item["text"], str) and len(item["text"]) <= 2000 and weight is not None


def check_v1(values: dict[str, Any], accept: str) -> list[str]:
    """Everything wrong with the JSON of v1, its defaults filled in."""
    prompts: Any = values["text_prompts"]
    fits = {key: in_range(json.dumps(values[key]), *limits) for key, limits in V1_NUMBERS.items()}
    fits["samples"] = fits["samples"] and (accept != "image/png" or values["samples"] == 1)
    fits["width"] = fits["height"] = str((values["width"], values["height"])) in map(str, V1_SIZES)
    fits["text_prompts"] = isinstance(prompts, list) and all(map(is_prompt, prompts))
    fits["style_preset"] = values.get("style_preset") in ENUMS["style_preset"].split()
    fits["sampler"] = isinstance(values.get("sampler"), str)
    if bad := [f"{key}: unknown key or bad value" for key in values if not fits.get(key)]:
        # The presets are a documented list, so a preset outside it is a documented refusal.
        return [Documented(text) if text.startswith("style_preset:") else text for text in bad]
    return [] if any(item["text"] for item in prompts) else [Documented("text_prompts: required")]


class SecondServer(ThreadingHTTPServer):
    """The listening socket and what outlives a request: balance, rate limit, records."""

    request_queue_size = 128

    def __init__(self, port: int, key: str, balance: float) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.key, self.balance, self.lock = key, balance, threading.Lock()
        self.records: dict[str, list[dict[str, Any]]] = {"/violations": [], "/refused": [], "/served": []}
        self.recent, self.locked_until = deque([float("-inf")] * RATE_COUNT, RATE_COUNT), 0.0

    def admit(self) -> None:
        """Count a request against the rate limit."""
        text = "You have exceeded the rate limit of 150 requests within a 10 second period, "
        with self.lock:
            now = time.monotonic()
            if now >= self.locked_until and now - self.recent[0] < RATE_WINDOW:
                self.locked_until = now + RATE_LOCK
            if now < self.locked_until:
                raise Refusal(429, Documented(text + "and have been timed out for 60 seconds."))
            self.recent.append(now)

    def charge(self, price: float) -> float:
        """Take the price and return it, or refuse when the balance does not hold it."""
        text = "You lack sufficient credits to make this request. Please purchase more credits at the vendor."
        with self.lock:
            if self.balance < price:
                raise Refusal(402, Documented(text))
            self.balance = round(self.balance - price, 9)
        return price


class Handler(BaseHTTPRequestHandler):
    """One connection and the requests on it."""

    protocol_version, disable_nagle_algorithm, wbufsize = "HTTP/1.1", True, -1
    server: SecondServer

    def do_GET(self) -> None:
        """Answer one request."""
        try:
            body = self._read_body()
            if self.command == "GET" and self.path in self.server.records:
                return self._send(200, "application/json", list(self.server.records[self.path]))
            self.server.admit()
            asked = f"{self.command} {self.path.partition('?')[0]}"
            if asked in {f"POST {V2}{product}" for product in FIELDS}:
                return self._generate(asked.rpartition("/")[2], body)
            if asked == f"POST /v1/generation/{ENGINE}/text-to-image":
                return self._generate_v1(body)
            return self._account(asked, body)
        except Refusal as refusal:
            return self._refuse(*refusal.args)

    do_POST = do_GET  # noqa: N815

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library does not understand is a violation too."""
        self.close_connection = True
        self._refuse(400, f"http: {message or code}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing on stderr."""

    def _read_body(self) -> bytes:
        length = ", ".join(self.headers.get_all("content-length", ["0"] if self.command == "GET" else []))
        if "transfer-encoding" in self.headers or not re.fullmatch("[0-9]{1,8}", length):
            self.close_connection = True  # where the next request starts is unknown
            raise Refusal(400, "content-length: one is required, without transfer-encoding")
        body = self.rfile.read(int(length))
        if len(body) > BODY_MAX:
            raise Refusal(413, Documented("body: payloads cannot be larger than 10MiB in size"))
        return body

    def _account(self, asked: str, body: bytes) -> None:
        if asked not in ("GET /v1/user/balance", "GET /v1/engines/list"):
            retired = re.fullmatch("POST /v1/generation/[^/]+/text-to-image", asked)
            raise Refusal(404, Documented("engine: not found") if retired else "path: unknown")
        problems = self._header_problems("", "*/*", "application/json")
        self._authorize([*problems, "body: not expected"] if body else problems)
        reply: object = {"credits": self.server.balance} if asked.endswith("balance") else [{"id": ENGINE}]
        self._send(200, "application/json", reply, 0)

    def _generate(self, product: str, body: bytes) -> None:
        problems = self._header_problems("", "image/*", "application/json")
        boundary = self.headers.get_boundary()
        if self.headers.get_content_type() != "multipart/form-data" or not boundary:
            text = "must be multipart/form-data" if "content-type" in self.headers else "required"
            raise Refusal(400, *problems, f"content-type: {text}")
        form = {"prompt": "", "aspect_ratio": "1:1", "output_format": "png", "seed": "0"}
        form |= parse_form(body, boundary)
        problems += [bad for name in form if (bad := check_field(product, name, form[name])) is not None]
        self._authorize(problems, form["prompt"], form.get("negative_prompt", ""))
        model = form.setdefault("model", "sd3.5-large") if product == "sd3" else product
        price = self.server.charge(PRICES[model])
        seed, kind = int(form.pop("seed")) or random.choice(PICKED), form.pop("output_format")
        size = (CORE_SIZES if product == "core" else SIZES)[form["aspect_ratio"]]
        image = encode(paint(form["prompt"], seed, size), kind)
        if self.headers.get("accept", "").lower() == "application/json":
            reply = {"image": base64.b64encode(image).decode(), "finish_reason": "SUCCESS", "seed": seed}
            return self._send(200, f"application/json; type=image/{kind}", reply, price)
        headers = {"finish-reason": "SUCCESS", "seed": str(seed), "x-request-id": random.randbytes(16).hex()}
        return self._send(200, f"image/{kind}", image, price, **headers)

    def _generate_v1(self, body: bytes) -> None:
        problems = self._header_problems("image/png", "application/json")
        if self.headers.get_content_type() != "application/json":
            raise Refusal(400, *problems, "content-type: must be application/json")
        try:
            values: dict[str, Any] = {"text_prompts": [], **V1_DEFAULTS, **json.loads(body.decode())}
        except (ValueError, TypeError, RecursionError):
            raise Refusal(400, *problems, "body: must be a JSON object") from None
        accept = self.headers.get("accept", "").lower()
        self._authorize(problems + check_v1(values, accept), str(values["text_prompts"]))
        price = self.server.charge(round(0.9 * max(30, values["steps"]) / 30 * values["samples"], 6))
        first, count = values.pop("seed") or random.choice(PICKED), values.pop("samples")
        seeds = [(first + step) % (V1_SEED_MAX + 1) for step in range(count)]
        size, prompt = (values["width"], values["height"]), values["text_prompts"][0]["text"]
        images = [encode(paint(prompt, seed, size), "png") for seed in seeds]
        if accept == "image/png":
            headers = {"Finish-Reason": "SUCCESS", "Seed": str(first)}
            return self._send(200, "image/png", images[0], price, **headers)
        codes = [base64.b64encode(image).decode() for image in images]
        found = [{"base64": codes[n], "seed": seeds[n], "finishReason": "SUCCESS"} for n in range(count)]
        return self._send(200, "application/json", {"artifacts": found}, price)

    def _header_problems(self, *accepts: str) -> list[str]:
        """Host, accept, client headers, query; an empty string among `accepts` lets that header be absent."""
        names, port = [name.lower() for name in self.headers], self.server.server_port
        clients = [name for name in names if name.startswith("stability-")]
        problems = [f"{name}: sent twice" for name in sorted(ONCE) if names.count(name) > 1]
        problems += [f"{name}: unknown header" for name in clients if name not in ONCE]
        problems += [f"{name}: longer than 256" for name in clients if len(self.headers[name]) > 256]
        if self.headers.get("host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            problems.append("host: missing or wrong")
        if self.headers.get("accept", "").lower() not in accepts:
            problems.append(f"accept: must be one of {', '.join(filter(None, accepts))}")
        return [*problems, "query: not expected"] if "?" in self.path else problems

    def _authorize(self, problems: list[str], *prompts: str) -> None:
        """Refuse for what is wrong with the request first, then for its language, then for its key."""
        if problems:
            raise Refusal(400, *problems)
        if any(letter.isalpha() and letter > "\u024f" for letter in "".join(prompts)):
            raise Refusal(422, Documented("prompt: must be in English"))
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or key != self.server.key:
            text = Documented("authorization: invalid or missing header value")
            raise Refusal(401, text if scheme == "Bearer" and key else str(text))

    def _refuse(self, status: int, *texts: str) -> None:
        """Send the documented error body and remember the request, never with its key."""
        path, name = getattr(self, "path", "").partition("?")[0], NAMES[status]
        documented = all(isinstance(text, Documented) for text in texts)
        record = {"method": self.command, "path": path, "status": status, "errors": texts}
        self.server.records["/refused" if documented else "/violations"].append(record)
        ident = name if status == 429 else random.randbytes(16).hex()
        legacy = path.startswith("/v1/")
        if legacy and status == 401 and documented:  # v1 echoes the key
            texts = ("Incorrect API key provided: " + self.headers["authorization"].partition(" ")[2],)
        body = {"id": ident, "message": "; ".join(texts)} if legacy else {"errors": texts, "id": ident}
        self._send(status, "application/json", {**body, "name": name})

    def _send(self, status: int, kind: str, body: object, price: float | None = None, **headers: str) -> None:
        """Send bytes as they are and anything else as compact JSON; with a price, remember it as served."""
        if price is not None:
            self.server.records["/served"].append({"path": self.path, "credits": price})
        data = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
        headers |= {"connection": "close"} if self.close_connection else {}
        self.send_response(status)
        for name, value in {"content-type": kind, "content-length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def main() -> None:
    """Serve until stdin closes or SIGTERM comes."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", required=True)
    parser.add_argument("--balance", type=float, default=1000.0)
    server = SecondServer(**vars(parser.parse_args()))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)  # noqa: T201
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
