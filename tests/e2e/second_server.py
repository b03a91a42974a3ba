"""A second, independent and stricter image API to hold the project's client against.

Written only from the vendor facts in STABILITY_API.md; it imports nothing from the project, so a wrong
assumption that the project's own simulator and client share cannot hide here.

    python tests/e2e/second_server.py --port 0 --key KEY [--balance 1000]

One line `{"url": "http://127.0.0.1:PORT"}` on stdout says it is ready; SIGTERM or a closed stdin ends it.
API:   POST /v2beta/stable-image/generate/{ultra|core|sd3}, POST /v1/generation/{engine}/text-to-image,
       GET /v1/user/balance, GET /v1/engines/list
Tests: GET /violations (requests outside the documented contract), GET /refused (refusals the vendor
       documents, such as an empty prompt or a wrong key), GET /served (what got a 200); all JSON lists.
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
import uuid
from collections import Counter, deque
from email import message_from_bytes
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

V2, ENGINE = "/v2beta/stable-image/generate/", "stable-diffusion-xl-1024-v1-0"
V2_SEED_MAX, V1_SEED_MAX, BODY_MAX = 4294967294, 4294967295, 10 * 1024 * 1024
RATE_COUNT, RATE_WINDOW, RATE_LOCK = 150, 10.0, 60.0
NAMES = {400: "bad_request", 401: "unauthorized", 402: "payment_required", 404: "not_found"}
NAMES |= {413: "payload_too_large", 422: "invalid_language", 429: "rate_limit_exceeded"}
SIZES = {"1:1": (1024, 1024), "5:4": (1088, 896), "3:2": (1216, 832)}
SIZES |= {"16:9": (1344, 768), "21:9": (1536, 640)}
SIZES |= {":".join(reversed(ratio.split(":"))): (height, width) for ratio, (width, height) in SIZES.items()}
CORE_SIZES = {ratio: (width * 3 // 2, height * 3 // 2) for ratio, (width, height) in SIZES.items()}
SD3_PRICES = {"sd3.5-large": 6.5, "sd3.5-large-turbo": 4.0, "sd3.5-medium": 3.5, "sd3.5-flash": 2.5}
PRICES = {"ultra": 8.0, "core": 3.0, **SD3_PRICES}
COMMON = {"prompt", "negative_prompt", "aspect_ratio", "seed", "output_format", "style_preset"}
FIELDS = {"ultra": COMMON, "core": COMMON, "sd3": COMMON | {"model", "cfg_scale", "mode"}}
ENUMS = {  # accepted values, separated by blanks
    "aspect_ratio": " ".join(SIZES),
    "output_format": "png jpeg webp",
    "style_preset": "enhance anime photographic digital-art comic-book fantasy-art line-art analog-film neon-punk "
    "isometric low-poly origami modeling-compound cinematic 3d-model pixel-art tile-texture",
    "model": " ".join(SD3_PRICES),
    "mode": "text-to-image",
}
NUMBERS = {"seed": (r"0|[1-9]\d{0,9}", 0, V2_SEED_MAX), "cfg_scale": (r"[1-9]\d?(\.\d+)?", 1, 10)}
WEIGHTED = re.compile(r"\([^():]+:\s*(-?\d*\.?\d+)\s*\)")
V1_SIZES = [(1024, 1024), (1152, 896), (1216, 832), (1344, 768), (1536, 640)]
V1_SIZES += [(height, width) for width, height in V1_SIZES]
V1_RANGES = {"cfg_scale": (0, 35), "samples": (1, 10), "seed": (0, V1_SEED_MAX), "steps": (10, 50)}
V1_DEFAULTS = {"cfg_scale": 7, "samples": 1, "seed": 0, "steps": 30, "width": 1024, "height": 1024}
V1_KEYS = {*V1_DEFAULTS, "text_prompts", "style_preset", "sampler"}
CLIENT_HEADERS = {"stability-client-id", "stability-client-user-id", "stability-client-version"}


class Documented(str):
    """The text of a refusal that the vendor documents; any other text (a plain `str`) marks a violation."""


class Refusal(Exception):
    """The request ends with an error reply; the arguments are the status and one or more texts."""


@lru_cache(maxsize=16)
def draw_face(size: tuple[int, int], identity: str) -> np.ndarray[Any, Any]:
    """RGB pixels of a cartoon face: hard edges, strong colours and grain, everything decided by `identity`."""
    (width, height), rng = size, random.Random(identity)
    pick = rng.uniform
    unit = min(size) / 100 * pick(0.85, 1.0)  # a head is about 70 units high
    middle, level = width / 2 + pick(-4, 4) * unit, height / 2 + pick(-4, 4) * unit
    hair, iris, cloth = (tuple(rng.choices(range(30, top), k=3)) for top in (110, 170, 230))
    tone, face, eye_x, eye_y = rng.randint(90, 220), pick(22, 27), pick(9, 12), pick(-6, -1)
    skin, shade = (tone, tone * 4 // 5, tone * 2 // 3), (tone * 4 // 5, tone * 3 // 5, tone // 2)
    ovals: list[tuple[float, float, float, float, tuple[int, ...]]]  # x, y, radii, colour
    ovals = [(0, 72, 46, 34, cloth), (0, 40, 10, 16, shade), (0, -8, pick(29, 35), pick(34, 40), hair)]
    ovals += [(0, 2, face, 33, skin), (pick(-5, 5), -27, face * 0.85, pick(6, 11), hair)]  # face and fringe
    ovals += [(0, 9, pick(2, 4), 2, shade), (0, 20, pick(7, 12), pick(2, 4), (190, 50, 60))]  # nose and mouth
    for x in (-eye_x, eye_x):
        ovals += [(x, eye_y - 8, 6, 1.3, hair), (x, eye_y, 5.5, 3.2, (230, 230, 230))]
        ovals += [(x, eye_y, 2.8, 2.8, iris), (x, eye_y, 1.3, 1.3, (24, 24, 24))]
    image = Image.new("RGB", size, (190, 190, 195))
    draw = ImageDraw.Draw(image)
    for _ in range(30):  # a patterned wall
        x, y, side = rng.randrange(width), rng.randrange(height), pick(3, 14) * unit
        draw.rectangle((x, y, x + side, y + side), fill=tuple(rng.choices(range(120, 225), k=3)))
    for x, y, rx, ry, fill in ovals:
        box = np.array((x - rx, y - ry, x + rx, y + ry)) * unit + (middle, level, middle, level)
        draw.ellipse(tuple(box), fill=fill)
    grain = np.random.default_rng(rng.getrandbits(64)).integers(-14, 15, (256, 256, 3)).astype(np.uint8)
    # Every colour above lies in 24..230, so adding grain modulo 256 cannot wrap round.
    return np.asarray(image) + np.tile(grain, (height // 256 + 1, width // 256 + 1, 1))[:height, :width]


def encode(pixels: np.ndarray[Any, Any], kind: str) -> bytes:
    """The picture as a file; a fresh mark in the metadata makes each one differ, as the vendor's does."""
    mark, info, buffer = uuid.uuid4().hex, PngInfo(), io.BytesIO()
    info.add_text("manifest", mark)
    # Each format takes its own options from these and ignores the others.
    metadata: dict[str, Any] = {"pnginfo": info, "comment": mark, "xmp": mark.encode()}
    Image.fromarray(pixels).save(buffer, kind, compress_level=1, quality=90, method=0, **metadata)
    return buffer.getvalue()


def parse_form(body: bytes, boundary: str) -> list[tuple[str, str]]:
    """All fields of a multipart body, in order: plain text fields, and nothing before or after them."""
    before, *parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if before or not parts or parts.pop() not in (b"--", b"--\r\n"):
        raise Refusal(400, "body: does not match the multipart boundary")
    pairs = []
    for part in parts:
        head, blank, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = message_from_bytes(head + blank)
        name = headers.get_param("name", header="content-disposition")
        is_field = headers.get_content_disposition() == "form-data" and headers.get_filename() is None
        if not (blank and is_field and isinstance(name, str) and headers.get_content_type() == "text/plain"):
            raise Refusal(400, "body: a part that is not a named text field")
        pairs.append((name, value.decode()))
    return pairs


def check_field(product: str, name: str, value: str) -> str | None:
    """What is wrong with one form field, if anything."""
    if name not in FIELDS[product]:
        return f"{name}: unknown field"
    if name in ENUMS:
        bad = Documented(f"{name}: must be one of {ENUMS[name].replace(' ', ', ')}")
        return None if value in ENUMS[name].split() else bad
    if name in NUMBERS:
        pattern, low, high = NUMBERS[name]
        fits = re.fullmatch(pattern, value, re.ASCII) and low <= float(value) <= high
        return None if fits else f"{name}: must be a plain number from {low} to {high}"
    weights = [float(found) for found in WEIGHTED.findall(value)]
    if weights and (name != "prompt" or product == "sd3" or not all(0 <= weight <= 1 for weight in weights)):
        return f"{name}: (word:weight) is for prompts of ultra and core, weights 0 to 1"
    return f"{name}: longer than 10000 characters" if len(value) > 10000 else None


def check_form(product: str, pairs: list[tuple[str, str]]) -> list[str]:
    """Everything wrong with the form of v2beta."""
    problems: list[str] = [] if dict(pairs).get("prompt") else [Documented("prompt: required")]
    names = [name for name, _ in pairs]
    problems += [f"{name}: sent twice" for name in sorted({*names}) if names.count(name) > 1]
    return problems + [bad for name, value in pairs if (bad := check_field(product, name, value)) is not None]


def is_prompt(item: Any) -> bool:
    """Whether this is a v1 text prompt: {text, weight}, the weight optional."""
    if not isinstance(item, dict) or not {"text"} <= set(item) <= {"text", "weight"}:
        return False
    text, weight = item["text"], item.get("weight", 1)
    fits = isinstance(text, str) and len(text) <= 2000
    return fits and type(weight) in (int, float) and abs(weight) < float("inf")


def check_v1(values: dict[str, Any], accept: str) -> list[str]:
    """Everything wrong with the JSON of v1, its defaults filled in."""
    problems = [f"{key}: unknown key" for key in values if key not in V1_KEYS]
    for key, (low, high) in V1_RANGES.items():
        types = (int, float) if key == "cfg_scale" else (int,)  # exact types, so never a boolean
        if type(values[key]) not in types or not low <= values[key] <= high:
            problems.append(f"{key}: must be a number from {low} to {high}")
    if str((values["width"], values["height"])) not in map(str, V1_SIZES):
        problems.append("width, height: not a size of this engine")
    style, sampler = values.get("style_preset", "enhance"), values.get("sampler", "")
    if style not in ENUMS["style_preset"].split() or not isinstance(sampler, str):
        problems.append("style_preset, sampler: bad value")
    prompts = values.get("text_prompts", [])
    if not isinstance(prompts, list) or not all(map(is_prompt, prompts)):
        problems.append("text_prompts: must be a list of {text, weight}")
    elif not any(item["text"] for item in prompts):
        problems.append(Documented("text_prompts: required"))
    if accept == "image/png" and values["samples"] != 1:
        problems.append("accept: image/png holds one sample only")
    return problems


class SecondServer(ThreadingHTTPServer):
    """The listening socket and what outlives a request: balance, rate limit, records."""

    request_queue_size = 128

    def __init__(self, port: int, key: str, balance: float) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.key, self.balance, self.lock = key, balance, threading.Lock()
        self.records: dict[str, list[dict[str, Any]]] = {"/violations": [], "/refused": [], "/served": []}
        self.recent, self.locked_until = deque([-RATE_WINDOW] * RATE_COUNT, RATE_COUNT), 0.0

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

    def charge(self, price: float) -> None:
        """Take the price, or refuse when the balance does not hold it."""
        text = "You lack sufficient credits to make this request. Please purchase more credits at the vendor."
        with self.lock:
            if self.balance < price:
                raise Refusal(402, Documented(text))
            self.balance = round(self.balance - price, 9)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version, disable_nagle_algorithm, wbufsize = "HTTP/1.1", True, -1
    server: SecondServer

    def do_GET(self) -> None:
        """Answer one request."""
        try:
            body = self._read_body()
            if self.command == "GET" and self.path in self.server.records:
                return self._send(200, "application/json", self.server.records[self.path])
            self.server.admit()
            asked = f"{self.command} {self.path.partition('?')[0]}"
            if asked in {f"POST {V2}{product}" for product in FIELDS}:
                return self._generate(asked.rpartition("/")[2], body)
            if found := re.fullmatch("POST /v1/generation/([^/]+)/text-to-image", asked):
                return self._generate_v1(found[1], body)
            return self._account(asked, body)
        except Refusal as refusal:
            return self._refuse(*refusal.args)
        except UnicodeDecodeError:
            return self._refuse(400, "body: not UTF-8")

    do_POST = do_GET

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the standard library does not understand is a violation too."""
        self.close_connection = True
        self._refuse(400, f"http: {message or code}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing on stderr."""

    def _read_body(self) -> bytes:
        length = ", ".join(self.headers.get_all("content-length", ["0"] if self.command == "GET" else []))
        if "transfer-encoding" in self.headers or not re.fullmatch("[0-9]{1,12}", length):
            self.close_connection = True  # where the next request starts is unknown
            raise Refusal(400, "content-length: one is required, without transfer-encoding")
        left = int(length)
        if left > BODY_MAX:
            while left > 0 and (chunk := self.rfile.read(min(left, 1 << 20))):
                left -= len(chunk)
            raise Refusal(413, Documented("body: payloads cannot be larger than 10MiB in size"))
        if len(body := self.rfile.read(left)) < left:
            raise Refusal(400, "body: shorter than content-length")
        return body

    def _account(self, asked: str, body: bytes) -> None:
        if asked not in ("GET /v1/user/balance", "GET /v1/engines/list"):
            raise Refusal(404, "path: unknown")
        problems = self._header_problems("", "*/*", "application/json")
        self._authorize([*problems, "body: not expected"] if body else problems)
        reply: object = {"credits": self.server.balance} if asked.endswith("balance") else [{"id": ENGINE}]
        self._serve("application/json", reply)

    def _generate(self, product: str, body: bytes) -> None:
        problems = self._header_problems("", "image/*", "application/json")
        if self.headers.get_content_type() != "multipart/form-data":
            text = "must be multipart/form-data" if "content-type" in self.headers else "required"
            raise Refusal(400, *problems, f"content-type: {text}")
        if not (boundary := self.headers.get_boundary()) or len(boundary) > 70:
            raise Refusal(400, *problems, "content-type: multipart boundary missing or too long")
        pairs = parse_form(body, boundary)
        form = {"aspect_ratio": "1:1", "output_format": "png", "seed": "0", "prompt": ""} | dict(pairs)
        problems += check_form(product, pairs)
        self._authorize(problems, form["prompt"] + form.get("negative_prompt", ""))
        price = PRICES[form.setdefault("model", "sd3.5-large") if product == "sd3" else product]
        self.server.charge(price)
        seed, kind = int(form.pop("seed")) or random.randint(1, V2_SEED_MAX), form.pop("output_format")
        size = (CORE_SIZES if product == "core" else SIZES)[form["aspect_ratio"]]
        image = encode(draw_face(size, f"{seed} {product} {sorted(form.items())}"), kind)
        if self.headers.get("accept", "").lower() == "application/json":
            reply = {"image": base64.b64encode(image).decode(), "finish_reason": "SUCCESS", "seed": seed}
            return self._serve(f"application/json; type=image/{kind}", reply, price)
        headers = {"finish-reason": "SUCCESS", "seed": str(seed), "x-request-id": uuid.uuid4().hex}
        return self._serve(f"image/{kind}", image, price, **headers)

    def _generate_v1(self, engine: str, body: bytes) -> None:
        problems = self._header_problems("image/png", "application/json")
        if engine != ENGINE:
            raise Refusal(404, Documented("The specified engine was not found"))
        if self.headers.get("content-type", "").lower().partition(";")[0] != "application/json":
            raise Refusal(400, *problems, "content-type: must be application/json")
        try:  # an object with a doubled key becomes None
            sent = json.loads(body, object_pairs_hook=lambda p: dict(p) if len(dict(p)) == len(p) else None)
            values = V1_DEFAULTS | sent
        except (ValueError, TypeError, RecursionError):
            raise Refusal(400, *problems, "body: must be a JSON object without doubled keys") from None
        problems += check_v1(values, accept := self.headers["accept"])
        self._authorize(problems, json.dumps(values["text_prompts"], ensure_ascii=False))
        price = round(0.9 * max(30, values["steps"]) / 30 * values["samples"], 6)
        self.server.charge(price)
        first, count = values.pop("seed") or random.randint(1, V1_SEED_MAX), values.pop("samples")
        size, artifacts = (values["width"], values["height"]), []
        for seed in ((first + step) % (V1_SEED_MAX + 1) for step in range(count)):
            image = encode(draw_face(size, f"{seed} v1 {sorted(values.items())}"), "png")
            code = base64.b64encode(image).decode()
            artifacts.append({"base64": code, "seed": seed, "finishReason": "SUCCESS"})
        if accept == "image/png":
            return self._serve("image/png", image, price, **{"Finish-Reason": "SUCCESS", "Seed": str(first)})
        return self._serve("application/json", {"artifacts": artifacts}, price)

    def _header_problems(self, *accepts: str) -> list[str]:
        """Host, accept, client headers, query; an empty string among `accepts` lets that header be absent."""
        names, port = [name.lower() for name in self.headers], self.server.server_port
        once = {"host", "accept", "authorization", "content-type", *CLIENT_HEADERS}
        problems = [f"{name}: sent twice" for name in sorted(once) if names.count(name) > 1]
        for name in names:
            if name.startswith("stability-") and (name not in once or len(self.headers[name]) > 256):
                problems.append(f"{name}: unknown header, or longer than 256 characters")
        if self.headers.get("host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
            problems.append("host: missing or wrong")
        if self.headers.get("accept", "").lower() not in accepts:
            problems.append(f"accept: must be one of {', '.join(filter(None, accepts))}")
        return [*problems, "query: not expected"] if "?" in self.path else problems

    def _authorize(self, problems: list[str], prompts: str = "") -> None:
        """Refuse for what is wrong with the request first, then for its language, then for its key."""
        if problems:
            raise Refusal(400, *problems)
        if any(letter.isalpha() and letter > "\u024f" for letter in prompts):
            raise Refusal(422, Documented("prompt: must be in English"))
        scheme, _, key = self.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or key != self.server.key:
            text = Documented("authorization: invalid or missing header value")
            raise Refusal(401, text if scheme == "Bearer" and key else str(text))

    def _refuse(self, status: int, *texts: str) -> None:
        """The documented error body, in the way of the API asked, and a record of it that never holds a key."""
        path = getattr(self, "path", "").partition("?")[0]
        documented = all(isinstance(text, Documented) for text in texts)
        record = {"method": self.command, "path": path, "status": status, "errors": texts}
        self.server.records["/refused" if documented else "/violations"].append(record)
        body: dict[str, object] = {
            "id": NAMES[status] if status == 429 else uuid.uuid4().hex,
            "name": NAMES[status],
        }
        if not path.startswith("/v1/"):
            body = {"errors": texts, **body}
        elif status == 401 and documented:  # v1 echoes the key
            texts = ("Incorrect API key provided: " + self.headers["authorization"].partition(" ")[2],)
        ...

    def _serve(self, kind: str, body: object, price: float = 0, **headers: str) -> None:
        record = {"method": self.command, "path": self.path, "status": 200, "credits": price}
        self.server.records["/served"].append(record)
        self._send(200, kind, body, **headers)

    def _send(self, status: int, kind: str, body: object, **headers: str) -> None:
        """Send bytes as they are and anything else as compact JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).encode()
        self.send_response(status)
        headers |= {"connection": "close"} if self.close_connection else {}
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
    options = parser.parse_args()
    server = SecondServer(options.port, options.key, options.balance)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)  # noqa: T201
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
