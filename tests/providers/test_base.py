"""The contract that every provider in the table keeps."""

import inspect
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.calls import HttpReply
from facemon.errors import GenerationError
from facemon.model import ASPECT_RATIOS, FORMATS, ImageRequest
from facemon.prompts import HEADSHOT
from facemon.providers import PROVIDERS
from facemon.providers.base import Provider

# A slow moment of a busy machine is no failure of the code.
UNHURRIED = settings(deadline=None)

ALL = [(name, model) for name, kind in sorted(PROVIDERS.items()) for model in kind().models]
METHODS = [name for name, value in vars(Provider).items() if callable(value) and not name.startswith("_")]


@pytest.fixture(params=sorted(PROVIDERS))
def provider(request):
    """Each provider once."""
    return PROVIDERS[request.param]()


def test_it_is_found_by_its_own_name():
    """The table's keys are the providers' names, in order."""
    assert list(PROVIDERS) == sorted(PROVIDERS)
    assert all(kind().name == name for name, kind in PROVIDERS.items())


def test_it_has_every_method_of_the_protocol(provider):
    """Each method of the Protocol is there with the same parameters."""
    for name in METHODS:
        theirs = inspect.signature(getattr(type(provider), name)).parameters
        assert list(theirs) == list(inspect.signature(getattr(Provider, name)).parameters), name


def test_default_model_is_one_of_its_models(provider):
    """The default can be asked for; no model is named twice; formats are ours."""
    assert provider.default_model in provider.models
    assert len(set(provider.models)) == len(provider.models)
    assert set(provider.formats) <= set(FORMATS) and provider.formats


@pytest.mark.parametrize(("name", "model"), ALL)
def test_every_model_has_price_size_and_request(name, model):
    """Price, sizes of all nine ratios and a request exist for every model; an unknown ratio has no size."""
    provider = PROVIDERS[name]()
    request = ImageRequest("a face")
    assert 0 < provider.price(request, model) < 100
    for ratio in ASPECT_RATIOS:
        width, height = provider.size(ratio, model)
        first, second = map(int, ratio.split(":"))
        assert isinstance(width, int) and isinstance(height, int) and width % 32 == height % 32 == 0
        assert width / height == pytest.approx(first / second, rel=0.05)
    assert provider.size("4:3", model) is None and provider.size("", model) is None
    call = provider.build(request, model)
    assert call.method == "POST" and call.path.startswith("/") and (call.form is None) != (call.json is None)


@pytest.mark.parametrize(("name", "model"), ALL)
@pytest.mark.parametrize("accept", ["image", "json"])
@pytest.mark.parametrize("ratio", ["1:1", "none"])
def test_build_does_no_harm(name, model, accept, ratio):
    """Building twice gives the same call, without any key, whatever is asked; wrong values are for the service."""
    provider = PROVIDERS[name]()
    request = ImageRequest(
        "", "", -1, ratio, "bmp", accept=accept, fields=(("prompt", "x"), ("unknown", "1"))
    )
    call = provider.build(request, model)
    assert call == provider.build(request, model)
    names = {header.lower() for header, _ in call.headers}
    assert "authorization" not in names and "accept" in names


def test_authorization_is_a_bearer_token(provider):
    """The key travels as `Bearer <key>` and nowhere else."""
    assert provider.authorization("sk-1") == "Bearer sk-1"


def test_balance_is_asked_for_and_read(provider):
    """The balance is one GET without a body, and its documented reply is a number."""
    call = provider.balance_call()
    assert (call.method, call.path, call.form, call.json) == ("GET", "/v1/user/balance", None, None)
    assert provider.read_balance(HttpReply(200, {}, b'{"credits": 0.63}')) == 0.63


STATUSES = [200, 201, 204, 302, 400, 401, 402, 403, 404, 413, 418, 422, 429, 500, 502, 503, 504]
BODIES = st.one_of(
    st.binary(max_size=100),
    st.dictionaries(
        st.sampled_from(["image", "finish_reason", "seed", "artifacts", "errors", "message", "name", "id"]),
        st.one_of(
            st.none(),
            st.integers(),
            st.text(max_size=9),
            st.lists(st.dictionaries(st.text(), st.text()), max_size=2),
        ),
    ).map(lambda document: json.dumps(document).encode()),
)


@UNHURRIED
@given(
    st.sampled_from(sorted(PROVIDERS)),
    st.sampled_from(STATUSES),
    st.sampled_from(["image/png", "application/json", "application/json; type=image/png", "text/html", None]),
    st.sampled_from(["SUCCESS", "CONTENT_FILTERED", "x", None]),
    BODIES,
)
def test_any_reply_without_a_picture_is_an_error_of_our_tree(name, status, kind, finish, body):
    """None of these replies holds a picture; each raises a GenerationError with its status, and nothing else."""
    headers = {"content-type": kind, "finish-reason": finish, "seed": "x"}
    reply = HttpReply(status, {header: value for header, value in headers.items() if value is not None}, body)
    with pytest.raises(GenerationError) as caught:
        PROVIDERS[name]().read(reply)
    assert caught.value.status == status


@pytest.mark.parametrize(("name", "model"), ALL)
def test_a_face_fits_the_contract(name, model):
    """The default template's words stand in the request as they are."""
    from facemon.model import FaceRequest

    request = HEADSHOT.fill(FaceRequest(30, "female", 5))
    call = PROVIDERS[name]().build(request, model)
    sent = json.dumps(call.json) if call.json is not None else repr(call.form)
    assert request.prompt in sent and request.negative_prompt in sent
