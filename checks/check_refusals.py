"""What must be refused is refused, with the documented error: a service that says yes to everything is broken too."""

from facemon import ImageRequest

WRONG_KEY = "sk-this-key-opens-nothing-0000000000"


async def check_an_empty_prompt_is_refused(facemon):
    """No prompt: 400, and our client does not try again."""
    error = await facemon.refusal(ImageRequest(""), error_type="invalid_request", status=400)
    assert len(error.attempts) == 1


async def check_an_unknown_value_is_refused(facemon):
    """A style that is not in the documented list: 400."""
    request = ImageRequest("a plain portrait", fields=(("style_preset", "no-such-style"),))
    await facemon.refusal(request, error_type="invalid_request", status=400)


async def check_a_wrong_key_is_refused(facemon):
    """A wrong key: 401, and our client does not try again."""
    request = ImageRequest("a plain portrait")
    error = await facemon.refusal(request, error_type="unauthorized", status=401, key=WRONG_KEY)
    assert len(error.attempts) == 1
