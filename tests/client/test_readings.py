"""Where the facts of the API are unsure, the client takes either reading: same results, same errors."""

import httpx
import pytest

from facemon.errors import GenerationError
from facemon.model import FaceRequest, ImageRequest
from facemon.simulator import Simulator, SimulatorConfig, mock_router
from facemon.simulator.readings import READINGS
from tests.client.support import CANARY, make_client
from tests.simulator.conftest import PaintedPictures

API = "https://api.stability.ai"
KEY = "sk-simulator"
PROVIDERS = ("stability_v2beta", "stability_v1")
ALL = tuple(READINGS)
each_reading = pytest.mark.parametrize("readings", [*((name,) for name in READINGS), ALL], ids="+".join)
each_provider = pytest.mark.parametrize("provider", PROVIDERS)
BAD_PROMPT = ImageRequest("")


class Client:
    """The real client in front of a simulator with these readings."""

    def __init__(self, clock, readings, *, faults=(), key=KEY, **settings):
        config = SimulatorConfig(prepare=False, latency_scale=0, readings=readings, faults=faults)
        self.simulator = Simulator(config, clock, PaintedPictures())
        door = httpx.MockTransport(mock_router(self.simulator, API).async_handler)
        self.faces = make_client(door, clock=clock, key=key, **settings)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.faces.aclose()
        self.faces.ledger.close()
        self.simulator.close()

    async def after(self, request):
        """What came but for its file's bytes, or the error; attempts, what was booked, whether the key is shown."""
        faces = self.faces
        ask = faces.generate_face if isinstance(request, FaceRequest) else faces.generate
        try:
            image = await ask(request)
        except GenerationError as error:
            shown = f"{error}{error.attempts}"
            return (
                error.error_type,
                error.status,
                len(error.attempts),
                faces.ledger.spending(),
                CANARY in shown,
            )
        known = image.metadata
        return (
            image.pixel_hash(),
            (known.width, known.height, known.format, known.seed, known.finish_reason, known.credits),
            len(image.attempts),
            faces.ledger.spending(),
            False,
        )


async def both(clock, readings, request, **options):
    """How a request ends under the likelier readings, and under these."""
    ends = []
    for names in ((), readings):
        async with Client(clock, names, **options) as client:
            ends.append(await client.after(request))
    return ends


@each_reading
@pytest.mark.parametrize(
    ("provider", "form"),
    [*(("stability_v2beta", form) for form in ("png", "jpeg", "webp")), ("stability_v1", "png")],
)
async def test_a_face_is_the_same_face(clock, readings, provider, form):
    """Pixels, size, seed and price: the client sends no field that a strict API would refuse."""
    request = FaceRequest(30, "female", seed=7, output_format=form)
    plain, other = await both(clock, readings, request, provider=provider)
    assert plain == other and plain[1][3:5] == (7, "SUCCESS")


@each_reading
@each_provider
async def test_a_picture_in_json_is_the_same_picture(clock, readings, provider):
    """With a negative prompt and without a seed."""
    request = ImageRequest("a 30-year-old man", negative_prompt="hat", accept="json")
    plain, other = await both(clock, readings, request, provider=provider)
    assert plain == other and plain[1][4] == "SUCCESS"


@each_reading
@pytest.mark.parametrize("model", ["ultra", "core", "sd3.5-large", "sd3.5-large-turbo", "sd3.5-medium"])
async def test_every_model_paints(clock, readings, model):
    """Also the route that takes a field more."""
    plain, other = await both(clock, readings, ImageRequest("a woman", seed=3), model=model)
    assert plain == other and plain[1][4] == "SUCCESS"


async def test_a_model_that_is_gone_is_a_request_refused(clock):
    """sd3.5-flash under no_flash: the error of any 400, asked once, nothing spent."""
    plain, other = await both(clock, ("no_flash",), ImageRequest("a woman"), model="sd3.5-flash")
    assert plain[1][4] == "SUCCESS"
    assert other[:3] == ("invalid_request", 400, 1)


@each_reading
@each_provider
async def test_a_bad_key_is_unauthorized(clock, readings, provider):
    """Whatever the text of the 401; once, and the key is nowhere in the error."""
    plain, other = await both(clock, readings, FaceRequest(30, "male"), provider=provider, key=CANARY)
    assert plain == other and plain[:3] == ("unauthorized", 401, 1) and not plain[4]


async def test_the_two_texts_of_a_401_are_shown_as_they_came(clock):
    """One error type, two texts: nothing matches on them."""
    for readings, said in (((), "missing header value"), (("doubled_401",), "missing header header value")):
        async with Client(clock, readings, key=CANARY) as client:
            with pytest.raises(GenerationError, match=said) as caught:
                await client.faces.generate_face(FaceRequest(30, "male"))
            assert caught.value.error_type == "unauthorized"


@each_provider
async def test_a_bad_key_with_a_bad_form_is_what_the_api_looks_at_first(clock, provider):
    """Either order is one attempt and a documented error."""
    options = {"provider": provider, "key": CANARY}
    plain, other = await both(clock, ("key_first",), BAD_PROMPT, **options)
    assert plain[:3] == ("invalid_request", 400, 1)
    assert other[:3] == ("unauthorized", 401, 1) and not other[4]


@each_reading
@pytest.mark.parametrize(
    ("request_", "error_type"),
    [
        (BAD_PROMPT, "invalid_request"),
        (ImageRequest("a woman", aspect_ratio="4:3"), "invalid_request"),
        (ImageRequest("a naked man"), "moderated"),
    ],
    ids=["prompt", "ratio", "moderated"],
)
@each_provider
async def test_what_is_refused_is_refused_alike(clock, readings, provider, request_, error_type):
    """With a good key the order of the checks cannot be seen."""
    plain, other = await both(clock, readings, request_, provider=provider)
    assert plain == other and plain[0] == error_type


@each_reading
@each_provider
@pytest.mark.parametrize("accept", ["image", "json"])
async def test_a_filtered_picture_is_booked_as_if_it_were_charged(clock, readings, provider, accept):
    """Whether the vendor charges for it is open: the budget never counts on a gift."""
    options = {"provider": provider, "faults": ("content_filtered",)}
    plain, other = await both(clock, readings, ImageRequest("a woman", accept=accept), **options)
    assert plain == other and plain[:3] == ("content_filtered", 200, 1)
    price = 3.0 if provider == "stability_v2beta" else 0.9
    assert plain[3].committed == price


@each_reading
async def test_a_repeated_seed_repeats_the_pixels(clock, readings):
    """Two files or one: the pixels' hash is the same, and only that is promised."""
    async with Client(clock, readings) as client:
        first, second = [
            await client.faces.generate_face(FaceRequest(30, "female", seed=7)) for _ in range(2)
        ]
    assert first.pixel_hash() == second.pixel_hash()
    assert (first.metadata.sha256 == second.metadata.sha256) == ("same_bytes" in readings)


async def test_an_unknown_field_is_the_askers_own(clock):
    """A field that somebody adds is ignored or refused; the refusal is an ordinary 400."""
    request = ImageRequest("a woman", fields=(("width", "512"),))
    plain, other = await both(clock, ("strict_fields",), request)
    assert plain[1][4] == "SUCCESS" and other[:3] == ("invalid_request", 400, 1)


@each_reading
@each_provider
async def test_the_balance_is_read_alike(clock, readings, provider):
    """With a good key the credits; with a bad one `unauthorized`."""
    async with Client(clock, readings, provider=provider) as client:
        assert await client.faces.balance() == 1000
    async with Client(clock, readings, provider=provider, key=CANARY) as client:
        with pytest.raises(GenerationError) as caught:
            await client.faces.balance()
    assert caught.value.error_type == "unauthorized" and CANARY not in str(caught.value)
