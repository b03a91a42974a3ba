"""Posts JSON to an address of one's own, signed as Standard Webhooks has it (specification of 2024, v1 signatures)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from facemon.alerting.channels.base import MENDABLE, Channel, ChannelConfig
from facemon.alerting.options import Options
from facemon.alerting.story import line
from facemon.alerting.webhook_body import encoded
from facemon.clock import Clock
from facemon.config import check_url, is_loopback
from facemon.errors import DeliveryError, DeliveryFailed, DeliveryRefused
from facemon.incident import Notice
from facemon.retry import parse_retry_after
from facemon.secret import Secret, redact, secret_part

VARIABLE = "FACEMON_WEBHOOK_SECRET"
_SECRET = "whsec_ and the base64 of 24 to 64 random bytes, which the receiver knows too"  # noqa: S105  says what one is
_TIMEOUT = 20.0  # seconds for each step; the dispatcher bounds the whole
_SOON = frozenset((408, 425, 429))  # of the 4xx: what may pass though nobody mends anything
# About the message itself; 410: the receiver is gone, and means to stay so.
_NEVER = frozenset((400, 410, 413, 414, 415, 422))
_TO_MEND = {
    401: f"it does not accept the signature or the sender: see {VARIABLE}",
    403: f"it does not accept the signature or the sender: see {VARIABLE}",
    404: "nothing is there: see the channel's url",
    405: "it takes no POST: see the channel's url",
    407: "a proxy asks for a login: see HTTPS_PROXY",
}
_MOST_SAID = 300  # bytes of a refusal that are read, to be shown


class Webhook(Channel):
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
        """Post. Raises DeliveryRefused for 400, 410, 413, 414, 415 and 422, which are about the message itself, and
        DeliveryFailed for any other answer and for the network.
        """
        body = encoded(notice)
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
        raise self._error(response, said)

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    def _error(self, response: httpx.Response, said: str) -> DeliveryError:
        status = response.status_code
        answered = f"{self._host} answered {status}"
        if status in _NEVER:
            return DeliveryRefused(f"{answered}{said}")
        wait = parse_retry_after(response.headers.get("retry-after"), self._clock.now())
        if response.is_server_error or status in _SOON:
            return DeliveryFailed(f"{answered}{said}", wait)
        mend = _TO_MEND.get(
            status, "a redirect, which is not followed: see the channel's url" if response.is_redirect else ""
        )
        return DeliveryFailed(f"{answered}{mend and f' ({mend})'}{said}", MENDABLE if wait is None else wait)

    async def _said(self, response: httpx.Response) -> str:
        """The beginning of an answer, on one line, without the secret if it is echoed."""
        found = b""
        async for piece in response.aiter_bytes(_MOST_SAID):
            found += piece
            if len(found) >= _MOST_SAID:
                break
        words = redact(line(found.decode("utf-8", "replace"), _MOST_SAID), [secret_part(self._secret)])
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


def _is_key(secret: Secret) -> bool:
    try:
        return secret.reveal().startswith("whsec_") and 24 <= len(_key(secret)) <= 64
    except (binascii.Error, ValueError):
        return False


def _key(secret: Secret) -> bytes:
    text_ = secret.reveal().removeprefix("whsec_")
    return base64.b64decode(text_ + "=" * (-len(text_) % 4), validate=True)
