"""Retries really happen, as specified, and each is counted. These checks bring their own misbehaving simulator."""

from facemon import FaceRequest

FACE = {"age": 30, "gender": "male"}


async def check_a_server_error_is_tried_again(facemon):
    """One 500, then a picture: two attempts, the second after a second, and the first is not forgotten."""
    async with facemon.drill("internal_error:times=1") as drill:
        result = await drill.generate(**FACE)
    assert [attempt.outcome for attempt in result.attempts] == ["server_error", "success"]
    assert result.attempts[1].delay_before == 1
    assert result.data.succeeded
    assert not result.data.first_attempt_succeeded


async def check_a_timeout_is_tried_again(facemon):
    """One reply that never comes, then a picture: two attempts, 2 s apart."""
    async with facemon.drill("hang:times=1", attempt_timeout=2.0) as drill:
        result = await drill.generate(**FACE)
    assert [attempt.outcome for attempt in result.attempts] == ["timeout", "success"]
    assert result.attempts[1].delay_before == 2


async def check_a_refusal_is_not_tried_again(facemon):
    """Moderation's refusal is final: one attempt."""
    async with facemon.drill("moderated") as drill:
        result = await drill.attempt(FaceRequest(**FACE))
    assert result.error.error_type == "moderated"
    assert len(result.attempts) == 1
