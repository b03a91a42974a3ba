"""What may be shown of a request and its reply, and the curl line that repeats it."""

import base64
import hashlib
import json
import shlex
import subprocess

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.calls import HttpCall, HttpReply
from facemon.client.exchange import curl_line, shown
from facemon.config import KEY_VARIABLE
from facemon.errors import GenerationError
from facemon.model import Exchange, ImageRequest
from facemon.secret import MASK, Secret
from tests.client.leaks import fragments_in
from tests.client.support import CANARY, RAW, Script, failed, good, picture

# A slow moment of a busy machine is no failure of the code.
UNHURRIED = settings(deadline=None)

URL = "https://api.stability.ai/v2beta/stable-image/generate/core"
POST = HttpCall("POST", "/x", form=(("prompt", "a face"),))


def reply_shown(body, content_type="application/json", status=200, **headers):
    """The exchange for a reply."""
    reply = HttpReply(status, {"content-type": content_type} | headers, body)
    return shown(POST, URL, [], b"", reply, [Secret(CANARY)])


async def exchange_of(client, request=RAW):
    """The exchange of a generation's first attempt."""
    try:
        return (await client.generate(request)).attempts[0].exchange
    except GenerationError as error:
        return error.attempts[0].exchange


# --- bodies ---


@pytest.mark.parametrize("kind", ["image/png", "image/webp", "image/png; q=1"])
def test_picture_becomes_length_and_hash(kind):
    """A picture's bytes are not shown: their number and their SHA-256 are."""
    digest = hashlib.sha256(picture()).hexdigest()
    assert reply_shown(picture(), kind).response_body == f"<{len(picture())} bytes, sha256 {digest}>"


@pytest.mark.parametrize(
    "kind", ["text/html", "application/octet-stream", "", "application/json", "text/plain"]
)
@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_picture_under_another_type_is_not_shown_either(kind, form):
    """Bytes of a picture that travel under a wrong type become length and hash as well."""
    assert reply_shown(picture(form), kind).response_body.startswith(f"<{len(picture(form))} bytes, sha256 ")


@pytest.mark.parametrize("field", ["image", "base64"])
def test_base64_becomes_length_and_hash(field):
    """The base64 of a picture is replaced in its place; the rest of the JSON stays readable."""
    text = base64.b64encode(picture()).decode()
    body = json.dumps({"seed": 5, field: text, "finish_reason": "SUCCESS"}).encode()
    found = json.loads(reply_shown(body).response_body)
    digest = hashlib.sha256(text.encode()).hexdigest()
    assert found == {
        "seed": 5,
        field: f"<{len(text)} base64 characters, sha256 {digest}>",
        "finish_reason": "SUCCESS",
    }


def test_every_artifact_is_replaced():
    """v1 answers with several pictures: none of them is shown."""
    text = base64.b64encode(picture()).decode()
    body = json.dumps({"artifacts": [{"base64": text, "seed": 1}, {"base64": text, "seed": 2}]}).encode()
    found = reply_shown(body).response_body
    assert text[:40] not in found and found.count("base64 characters") == 2


@pytest.mark.parametrize("cut", [1, 40, 700])
def test_base64_that_was_cut_off_is_not_shown(cut):
    """JSON that breaks off within a picture shows none of it: half a face is a face."""
    text = base64.b64encode(picture()).decode()
    body = ('{"image": "' + text).encode()[:-cut]
    found = reply_shown(body).response_body
    assert text[:20] not in found and "base64 characters" in found


def test_error_body_is_shown_as_it_is():
    """The API's words, a gateway's page and an empty body are shown whole."""
    assert (
        reply_shown(b'{"errors":["prompt: required"]}', status=400).response_body
        == '{"errors":["prompt: required"]}'
    )
    assert reply_shown(b"<html>502</html>", "text/html", 502).response_body == "<html>502</html>"
    assert reply_shown(b"").response_body == ""


@pytest.mark.parametrize("size", [199_999, 200_000])
def test_body_up_to_the_limit_is_whole(size):
    """200,000 bytes of a body are kept, in both directions, without a word about a cut."""
    body = b"x" * size
    found = shown(POST, URL, [], body, HttpReply(200, {"content-type": "text/html"}, body), [])
    assert found.request_body == found.response_body == "x" * size


@pytest.mark.parametrize("size", [200_001, 1_000_000])
def test_long_body_is_cut_and_says_so(size):
    """Of a longer body the first 200,000 bytes are kept, and how many there were is said, in both directions."""
    body = b"x" * size
    found = shown(POST, URL, [], body, HttpReply(200, {"content-type": "text/html"}, body), [])
    assert found.request_body == found.response_body == "x" * 200_000 + f"<cut: {size} bytes in all>"


def test_longest_documented_prompt_is_kept_whole():
    """A prompt of 10,000 characters is readable in its request to the last one, also in a script of 4 bytes each."""
    body = json.dumps({"prompt": "😀" * 10_000}, ensure_ascii=False).encode()
    assert shown(POST, URL, [], body, None, []).request_body == body.decode()


def test_long_text_is_cut_between_characters():
    """A text longer than the limit is shown cut, wherever its multi-byte characters lie, without a broken one."""
    for shift in range(5):
        text = "x" * shift + "é€" * 90_000
        size = len(text.encode())
        answer = HttpReply(200, {"content-type": "text/html"}, text.encode())
        found = shown(POST, URL, [], text.encode(), answer, [])
        for body in (found.request_body, found.response_body):
            kept = body.removesuffix(f"<cut: {size} bytes in all>")
            assert kept != body and text.startswith(kept) and 200_000 - 3 < len(kept.encode()) <= 200_000


def test_a_key_at_the_cut_is_cleared():
    """The cut does not spare a key that lies across it."""
    for place in range(200_000 - len(CANARY), 200_000, 3):
        body = b"x" * place + b" " + CANARY.encode() + b"y" * 100
        answer = HttpReply(200, {"content-type": "text/html"}, body)
        found = shown(POST, URL, [], body, answer, [Secret(CANARY)])
        assert not fragments_in(found.request_body, CANARY) and not fragments_in(found.response_body, CANARY)


def test_no_reply_shows_nothing():
    """Where no reply came there are no headers and no body of one."""
    found = shown(POST, URL, [("Accept", "image/*")], b"body", None, [])
    assert (found.response_headers, found.response_body) == ((), "")
    assert (found.method, found.url, found.request_headers) == ("POST", URL, (("accept", "image/*"),))


# --- redaction ---


def test_secret_headers_are_masked():
    """Headers that carry credentials are masked whole, in both directions, whatever they hold."""
    names = ["Authorization", "Proxy-Authorization", "Cookie", "X-Api-Key"]
    sent = [(name, "unknown-credential") for name in names] + [("Accept", "image/*")]
    reply = HttpReply(200, {"set-cookie": "session=1", "content-type": "text/plain"}, b"")
    found = shown(POST, URL, sent, b"", reply, [])
    assert [value for _, value in found.request_headers] == [MASK] * 4 + ["image/*"]
    assert dict(found.response_headers)["set-cookie"] == MASK


def test_key_is_cleared_everywhere():
    """URL, header values, both bodies and the form are cleared of the key."""
    call = HttpCall("POST", "/x", form=(("prompt", f"key {CANARY}"),))
    reply = HttpReply(401, {"x-echo": CANARY, "content-type": "text/plain"}, f"bad {CANARY[3:]}".encode())
    found = shown(
        call, f"{URL}?k={CANARY}", [("x-a", CANARY)], f"b {CANARY}".encode(), reply, [None, Secret(CANARY)]
    )
    assert not fragments_in(repr(found), CANARY)
    assert found.response_body == f"bad {MASK}" and found.form == (("prompt", f"key {MASK}"),)


def test_secrets_may_be_an_iterator():
    """Every part is cleared, also if the secrets can be gone through only once."""
    found = shown(POST, f"{URL}/{CANARY}", [], CANARY.encode(), None, iter([Secret(CANARY)]))
    assert not fragments_in(repr(found), CANARY)


async def test_exchange_of_an_attempt(client_of):
    """An attempt's exchange shows what was sent and answered, the key's header masked."""
    found = await exchange_of(client_of(Script(failed(400, "prompt: required"))), ImageRequest("", "blurry"))
    assert (found.method, found.url) == ("POST", URL)
    assert dict(found.request_headers)["authorization"] == MASK
    assert found.form[:2] == (("prompt", ""), ("negative_prompt", "blurry"))
    assert 'name="negative_prompt"\r\n\r\nblurry\r\n' in found.request_body
    assert "prompt: required" in found.response_body


# --- curl ---


def arguments(line):
    """The words of a shell line, as a shell splits it."""
    return shlex.split(line)


def options(words, name):
    """The values of one option."""
    return [words[index + 1] for index, word in enumerate(words) if word == name]


def bash_accepts(line):
    """Whether `bash -n` takes the line without a complaint."""
    done = subprocess.run(["bash", "-n"], input=line.encode(), capture_output=True, timeout=10, check=False)
    return done.returncode == 0 and done.stderr == b""


PROMPTS = [
    "a face",
    "",
    'it\'s "quoted" `date` $(date) $HOME \\ !bang',
    "two\nlines\r\nand a tab\t",
    "@/etc/passwd",
    "<file",
    "a=b;type=text/html",
    "-x --option",
    "ünïcödé 😀 ‘’",
    "# comment ; rm -rf / & | > *",
]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("accept", ["image", "json"])
async def test_curl_line_repeats_the_form(client_of, prompt, accept):
    """bash takes the line, it holds no key, and its arguments are the same form, route and accept header."""
    request = ImageRequest(
        prompt, "blurry, 'x'", 5, "16:9", "webp", accept=accept, fields=(("style_preset", "anime"),)
    )
    found = await exchange_of(client_of(Script(good()), model="sd3.5-flash"), request)
    line = curl_line(found)
    words = arguments(line)
    assert bash_accepts(line) and not fragments_in(line, CANARY)
    assert words[0] == "curl" and found.url in words and options(words, "-X") == ["POST"]
    assert [tuple(value.split("=", 1)) for value in options(words, "--form-string")] == list(found.form)
    assert f"authorization: Bearer ${KEY_VARIABLE}" in options(words, "-H")
    assert f"accept: {'image/*' if accept == 'image' else 'application/json'}" in options(words, "-H")
    assert not any("content-type" in value or "boundary" in value for value in options(words, "-H"))


@pytest.mark.parametrize("prompt", PROMPTS)
async def test_curl_line_repeats_json(client_of, prompt):
    """For v1 the line sends the same JSON with its content type."""
    script = Script(good())
    found = await exchange_of(client_of(script, provider="stability_v1"), ImageRequest(prompt, seed=5))
    line = curl_line(found)
    words = arguments(line)
    assert bash_accepts(line) and not fragments_in(line, CANARY)
    (body,) = options(words, "--data-raw")
    assert json.loads(body) == json.loads(script.bodies[0])
    assert "content-type: application/json" in options(words, "-H") and not options(words, "--form-string")


async def test_curl_line_without_a_key(client_of):
    """A request that was sent without a key is repeated without one."""
    found = await exchange_of(client_of(Script(failed(401)), key=None))
    assert KEY_VARIABLE not in curl_line(found)


def test_bash_takes_the_key_from_the_environment():
    """Run by bash, with curl replaced by a printer, the header holds the key of the environment, unchanged."""
    found = Exchange("POST", URL, (("authorization", MASK),), "", form=(("prompt", "a face"),))
    script = "curl() { printf '%s\\n' \"$@\"; }; " + curl_line(found)
    done = subprocess.run(
        ["bash", "-c", script],
        env={KEY_VARIABLE: "sk-a b$c"},
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )
    assert "authorization: Bearer sk-a b$c" in done.stdout.splitlines()


@UNHURRIED
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_any_prompt_survives_the_shell(prompt):
    """Any text, quoted for a shell, is split back to itself."""
    exchange = Exchange("POST", URL, (("accept", "image/*"),), "", form=(("prompt", prompt),))
    assert options(arguments(curl_line(exchange)), "--form-string") == [f"prompt={prompt}"]


async def test_url_with_shell_characters_is_quoted(client_of):
    """A base URL with a blank or an ampersand in its path is one argument."""
    found = await exchange_of(client_of(Script(good()), base_url="http://127.0.0.1:1/a&b;c"))
    assert found.url in arguments(curl_line(found)) and bash_accepts(curl_line(found))


def test_get_without_a_body():
    """The balance's line has no body."""
    words = arguments(curl_line(Exchange("GET", URL, (("accept", "application/json"),), "")))
    assert options(words, "-X") == ["GET"] and "--data-raw" not in words


async def test_exchange_of_a_broken_reply(client_of):
    """Status and headers of a reply that broke off are shown, with how much of the body had come."""

    class Breaking(httpx.AsyncByteStream):
        async def __aiter__(self):
            yield b"12345"
            raise httpx.ReadError("reset")

    def answer(request):
        return httpx.Response(200, headers={"content-type": "image/png", "seed": "7"}, stream=Breaking())

    found = await exchange_of(client_of(answer))
    assert "5 bytes" in found.response_body and dict(found.response_headers)["seed"] == "7"
    assert dict(found.response_headers)["content-type"] == "image/png"
