"""Posts JSON to an address of one's own, signed as Standard Webhooks has it (specification of 2024, v1 signatures)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from facemon.alerting.channels.base import ChannelConfig
from facemon.alerting.options import Options
from facemon.alerting.story import line
from facemon.alerting.words import sentence, text, title
from facemon.clock import Clock
from facemon.config import check_url, is_loopback
from facemon.errors import DeliveryFailed, DeliveryRefused
from facemon.incident import Notice
from facemon.retry import parse_retry_after
from facemon.secret import Secret, redact

VARIABLE = "FACEMON_WEBHOOK_SECRET"
_SECRET = "whsec_ and the base64 of 24 to 64 random bytes, which the receiver knows too"  # noqa: S105  says what one is
_TIMEOUT = 20.0  # seconds for each step; the dispatcher bounds the whole
_LATER = frozenset((408, 425, 429))  # of the 4xx: those that a later try may pass
_MOST_SAID = 300  # bytes of a refusal that are read, to be shown


class Webhook:
    """A POST for each event. A 2xx acknowledges; a repeat carries the same `webhook-id`.

    Options: url = "https://…" (http on this machine only). The secret is FACEMON_WEBHOOK_SECRET.
    """

    def __init__(self, config: ChannelConfig, clock: Clock) -> None:
        options = Options(config, "url")
        self.name, self._clock = config.name, clock
        self._url = options.text("url", 'an address such as "https://example.com/facemon"')
        try:
            check_url(self._url)
        except ValueError as error:
            raise options.wrong("url", str(error)) from None
        self._secret = options.secret(VARIABLE, _SECRET)
        if not _is_key(self._secret):
            raise options.wrong_secret(VARIABLE, _SECRET)
        self._host = str(urlsplit(self._url).hostname)
        # A proxy named in the environment must not stand between us and a server on this machine.
        self._http = httpx.AsyncClient(
            timeout=_TIMEOUT, follow_redirects=False, trust_env=not is_loopback(self._host)
        )

    async def send(self, notice: Notice) -> str:
        """Post. Raises DeliveryFailed for 408, 425, 429, 5xx and the network, DeliveryRefused for any other answer."""
        body = json.dumps(payload(notice), ensure_ascii=False, allow_nan=False).encode()
        headers = {"content-type": "application/json", "user-agent": "facemon"}
        headers |= signed(self._secret, notice.message.id, self._clock.now(), body)
        request = self._http.build_request("POST", self._url, content=body, headers=headers)
        try:
            response = await self._http.send(request, stream=True)
            try:
                if response.is_success:
                    return ""
                said = await self._said(response)
            finally:
                await response.aclose()
        except (httpx.HTTPError, OSError) as error:
            raise DeliveryFailed(f"{self._host} cannot be reached: {type(error).__name__}") from None
        if response.is_server_error or response.status_code in _LATER:
            wait = parse_retry_after(response.headers.get("retry-after"), self._clock.now())
            raise DeliveryFailed(f"{self._host} answered {response.status_code}{said}", wait)
        word = " (a redirect, which is not followed)" if response.is_redirect else ""
        raise DeliveryRefused(f"{self._host} answered {response.status_code}{word}{said}")

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def _said(self, response: httpx.Response) -> str:
        """The beginning of an answer, on one line, without the secret if it is echoed."""
        found = b""
        async for piece in response.aiter_bytes(_MOST_SAID):
            found += piece
            if len(found) >= _MOST_SAID:
                break
        words = redact(line(found.decode("utf-8", "replace"), _MOST_SAID), [self._secret])
        return f": {words}" if words else ""


def signed(secret: Secret, message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers: HMAC-SHA256 over `id.timestamp.body`, with the time of this try in whole seconds."""
    stamp = str(int(now.timestamp()))
    mark = hmac.digest(_key(secret), b".".join((message_id.encode(), stamp.encode(), body)), hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
    }


def payload(notice: Notice) -> dict[str, Any]:
    """The event, its evidence and the incident as it is after it, in camelCase; moments are ISO 8601 in UTC."""
    event, incident = notice.event, notice.incident
    told = {key: value for key, value in asdict(event).items() if key != "html"}
    data: dict[str, Any] = {
        "messageId": notice.message.id,
        "title": title(notice),
        "sentence": sentence(notice),
    }
    data |= {"text": text(notice), "event": _json(told), "incident": _json(incident and asdict(incident))}
    kind = "incident" if event.incident_id is not None else "facemon"
    return {"type": f"{kind}.{event.kind}", "timestamp": _json(event.at), "data": data}


# Their keys are names of objectives, checks and error types, and stay as they are.
_NAMED = ("objectives", "checks", "error_types")


def _json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict):
        return {_camel(key): item if key in _NAMED else _json(item) for key, item in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


def _is_key(secret: Secret) -> bool:
    try:
        return secret.reveal().startswith("whsec_") and 24 <= len(_key(secret)) <= 64
    except (binascii.Error, ValueError):
        return False


def _key(secret: Secret) -> bytes:
    text_ = secret.reveal().removeprefix("whsec_")
    return base64.b64decode(text_ + "=" * (-len(text_) % 4), validate=True)
