"""What must be refused is refused, with the documented error: a service that says yes to everything is broken too."""

from facemon import ImageRequest

WRONG_KEY = "sk-this-key-opens-nothing-0000000000"


async def check_an_empty_prompt_is_refused(facemon):
    """No prompt: 400, not charged, not tried again."""
    error = await facemon.refusal(ImageRequest(""))
    assert (error.error_type, error.status) == ("invalid_request", 400)
    assert len(error.attempts) == 1


async def check_an_unknown_value_is_refused(facemon):
    """A style that is not in the documented list: 400."""
    error = await facemon.refusal(
        ImageRequest("a plain portrait", fields=(("style_preset", "no-such-style"),))
    )
    assert (error.error_type, error.status) == ("invalid_request", 400)


async def check_a_wrong_key_is_refused(facemon):
    """A wrong key: 401, and the answer does not become a picture of somebody else's account."""
    error = await facemon.refusal(ImageRequest("a plain portrait"), key=WRONG_KEY)
    assert (error.error_type, error.status) == ("unauthorized", 401)
    assert len(error.attempts) == 1
