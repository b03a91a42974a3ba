"""Is it our own network? The endpoint that should be up says so."""

import httpx
import pytest

from facemon.client.control import reachable

URL = "https://control.example/"


def through(handler):
    """A network that is a function."""
    return httpx.MockTransport(handler)


@pytest.mark.parametrize("status", [200, 204, 301, 400, 403, 404, 405, 500, 503])
async def test_any_answer_is_an_answer(status):
    """Whatever the status, somebody answered: our network works. A redirect is an answer, and is not followed."""
    asked = []

    def handler(request):
        asked.append((request.method, str(request.url)))
        return httpx.Response(status, headers={"location": "https://elsewhere.example/"})

    assert await reachable(URL, through(handler)) is True
    assert asked == [("HEAD", URL)]


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("no HTTP"),
        httpx.ProxyError("proxy"),
        httpx.UnsupportedProtocol("ftp"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_no_answer_is_silence(error):
    """However it fails to answer, nothing is raised: it is silent."""

    def handler(request):
        raise error

    assert await reachable(URL, through(handler)) is False


async def test_nothing_of_ours_is_sent():
    """No key and no cookie goes to a stranger's endpoint, and it is given 5 seconds for each phase."""
    seen = []

    def handler(request):
        seen.append(request)
        return httpx.Response(200)

    await reachable(URL, through(handler))
    assert not {"authorization", "cookie"} & set(seen[0].headers) and seen[0].content == b""
    assert set(seen[0].extensions["timeout"].values()) == {5.0}


@pytest.mark.parametrize(
    "url", ["http://[", "https://x:99999/", "https://a\x00b/", "https://" + "x" * 70_000]
)
async def test_a_url_that_cannot_be_asked_raises_nothing(url):
    """A broken URL must not cost a record: the question is asked in the middle of writing one."""
    assert await reachable(url, through(lambda request: httpx.Response(200))) in (True, False)
