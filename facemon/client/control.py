"""Is it our own network? A control endpoint that should be up says so when a connection to the service failed."""

from __future__ import annotations

import httpx

_PATIENCE = 5.0  # seconds


async def reachable(url: str, transport: httpx.AsyncBaseTransport | None = None) -> bool:
    """Whether anything at all answers there; the status does not matter."""
    try:
        async with httpx.AsyncClient(timeout=_PATIENCE, transport=transport) as http:
            await http.head(url)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return True
