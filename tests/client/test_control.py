"""The control endpoint: is it our own network?"""

import httpx
import pytest

from facemon.client.control import reachable


@pytest.mark.parametrize("status", [200, 204, 301, 404, 500])
async def test_any_answer_means_reachable(status):
    """Whoever answers, with whatever status, shows that our network works."""
    assert await reachable(
        "https://control.example", httpx.MockTransport(lambda request: httpx.Response(status))
    )


@pytest.mark.parametrize(
    "raised", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")]
)
async def test_no_answer_means_not_reachable(raised):
    """Refused, timed out or broken off: nobody answered."""

    def fail(request):
        raise raised

    assert not await reachable("https://control.example", httpx.MockTransport(fail))


async def test_no_key_is_sent():
    """The control endpoint is a stranger: it gets no key and no body."""
    seen = []
    await reachable(
        "https://control.example",
        httpx.MockTransport(lambda request: seen.append(request) or httpx.Response(200)),
    )
    assert "authorization" not in seen[0].headers and seen[0].method == "HEAD" and not seen[0].content
