"""The application's calls."""

import asyncio

import httpx
import pytest

from facemon.client import faces, generate_face_image, generate_image, generate_training_set
from facemon.errors import BudgetExceeded, InvalidInput, ServerError
from facemon.model import AGES, GENDERS, FaceImage, ImageRequest
from tests.client.support import Script, failed, good


async def test_face_with_a_given_client(client_of):
    """One face, with its seed, ratio and format in the request."""
    script = Script(good())
    image = await generate_face_image(
        age=20, gender="male", seed=5, aspect_ratio="16:9", output_format="webp", client=client_of(script)
    )
    assert isinstance(image, FaceImage) and image.metadata.prompt.startswith("a 20-year-old man")
    assert all(part in script.bodies[0] for part in (b"\r\n5\r\n", b"16:9", b"webp"))


@pytest.mark.parametrize(
    "bad",
    [
        {"age": 21},
        {"age": "20"},
        {"gender": "x"},
        {"seed": 0},
        {"aspect_ratio": "4:3"},
        {"output_format": "gif"},
    ],
)
async def test_bad_face_is_refused_before_anything_is_sent(client_of, bad):
    """Ages, genders, seeds, ratios and formats outside the specification cost nothing."""
    script = Script(good())
    with pytest.raises(InvalidInput, match=next(iter(bad))):
        await generate_face_image(**({"age": 20, "gender": "male"} | bad), client=client_of(script))
    assert script.requests == []


async def test_without_a_client_one_is_made_and_closed(monkeypatch, client_of):
    """A call without a client makes one from the environment and closes it, also when the call fails."""
    closed = []
    for answer in (good(), failed(400)):
        client = client_of(Script(answer))
        monkeypatch.setattr(client, "aclose", lambda: _note(closed))
        monkeypatch.setattr(faces, "FaceClient", lambda client=client: client)
        await asyncio.gather(generate_face_image(age=20, gender="male"), return_exceptions=True)
    assert closed == [1, 1]


async def _note(closed):
    closed.append(1)


async def test_given_client_stays_open(client_of):
    """A client that was given keeps its connections for the next call."""
    client = client_of(Script(good()))
    for _ in range(2):
        await generate_face_image(age=20, gender="male", client=client)
    assert not client._transport._http.is_closed


# --- raw prompts ---


async def test_raw_prompt_goes_as_it_is(client_of):
    """No template touches a raw prompt; everything beside it comes from the request."""
    script = Script(good())
    request = ImageRequest("", output_format="webp")
    image = await generate_image("", request=request, client=client_of(script))
    assert image.metadata.prompt == "" and image.metadata.template is None and b"webp" in script.bodies[0]


@pytest.mark.parametrize("prompt", [None, 5, b"bytes", ["list"]])
async def test_prompt_that_is_no_text_is_refused(client_of, prompt):
    """A prompt is a text."""
    with pytest.raises(InvalidInput, match="prompt"):
        await generate_image(prompt, client=client_of(Script(good())))


async def test_two_prompts_are_refused(client_of):
    """A prompt beside a request with another one is a mistake, and said to be one."""
    with pytest.raises(InvalidInput, match="prompt"):
        await generate_image("one", request=ImageRequest("two"), client=client_of(Script(good())))


# --- training sets ---


async def test_training_set_has_the_count_and_varies(client_of):
    """N faces of random age and gender: with sixty all twelve cells are likely, and both genders certain."""
    found = await generate_training_set(60, random_seed=1, client=client_of(lambda request: good()))
    prompts = {image.metadata.prompt for image in found.faces}
    assert len(found.faces) == 60 and found.failures == () and len(prompts) >= 10


async def test_training_set_is_repeatable(client_of):
    """The same random seed asks for the same faces in the same order; another one for others."""
    client = client_of(lambda request: good())
    sets = [await generate_training_set(8, random_seed=seed, client=client) for seed in (3, 3, 4)]
    words = [[image.metadata.prompt for image in found.faces] for found in sets]
    assert words[0] == words[1] != words[2]


async def test_training_set_covers_what_it_should(client_of):
    """Only ages and genders of the specification are asked for, no seed is."""
    script = Script(good())
    found = await generate_training_set(30, random_seed=2, client=client_of(script))
    allowed = {f"a {age}-year-old {noun}," for age in AGES for noun in ("man", "woman")}
    assert {image.metadata.prompt.split(",")[0] + "," for image in found.faces} <= allowed
    assert not any(b'name="seed"' in body for body in script.bodies) and len(GENDERS) == 2


async def test_what_was_paid_for_is_kept(client_of):
    """A face that could not be had does not cost the others: they are returned beside its error."""
    script = Script(good(), failed(400), good(), failed(403))
    found = await generate_training_set(4, client=client_of(script, concurrency=1))
    assert len(found.faces) == 2
    assert sorted(error.error_type for error in found.failures) == ["invalid_request", "moderated"]


async def test_budget_ends_a_training_set(client_of):
    """What the budget allows is made, the rest says that the budget ended it."""
    found = await generate_training_set(5, client=client_of(lambda request: good(), cap=7))
    assert len(found.faces) == 2 and [type(error) for error in found.failures] == [BudgetExceeded] * 3


async def test_progress_counts_every_face(client_of):
    """progress is called once a face, failed ones too, counting up to the count."""
    seen = []
    client = client_of(Script(failed(400), good()))
    await generate_training_set(5, client=client, progress=lambda done, count: seen.append((done, count)))
    assert seen == [(number, 5) for number in range(1, 6)]


async def test_faces_are_made_side_by_side(client_of):
    """All are under way as far as the concurrency allows."""
    now = peak = 0

    async def serve(request):
        nonlocal now, peak
        now += 1
        peak = max(peak, now)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        now -= 1
        return good()

    await generate_training_set(12, client=client_of(serve, concurrency=4))
    assert peak == 4


@pytest.mark.parametrize(
    "count", [0, -1, 1.0, "5", None, True, 100_001, 10**30, 10**5000], ids=lambda value: str(type(value))
)
async def test_bad_count_is_refused(client_of, count):
    """A count is a whole number from 1 to 100000; nothing is sent for any other."""
    script = Script(good())
    with pytest.raises(InvalidInput, match="count"):
        await generate_training_set(count, client=client_of(script))
    assert script.requests == []


async def test_unforeseen_errors_are_not_swallowed(client_of):
    """Only generation errors are failures of a set; anything else is a mistake in the program and is raised."""

    class Broken:
        async def generate_face(self, request):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await generate_training_set(1, client=Broken())


async def test_server_errors_are_failures_of_the_set(client_of):
    """A service that is down gives a set without faces, each failure with its attempts."""
    found = await generate_training_set(2, client=client_of(Script(failed(503))))
    assert found.faces == () and all(
        isinstance(error, ServerError) and len(error.attempts) == 4 for error in found.failures
    )


def test_httpx_is_not_needed_by_name():
    """The application's calls know no HTTP library: errors are ours."""
    assert not any(value is httpx for value in vars(faces).values())
