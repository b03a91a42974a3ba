"""The account can pay for the next face."""

from facemon import FaceRequest


async def check_the_balance_is_known_and_suffices(facemon):
    """The vendor tells the credits left, and they pay for at least one more face."""
    assert await facemon.balance() >= facemon.price(FaceRequest(30, "female"))
