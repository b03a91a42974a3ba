"""The account can pay for the next face."""

from facemon import FaceRequest, PaymentRequired


async def check_the_balance_is_known_and_suffices(facemon):
    """The vendor tells the credits left, and they pay for at least one more face.

    An empty account is ours to fill and tells nothing of the service: the check is unknown then, not failed.
    """
    balance, price = await facemon.balance(), facemon.price(FaceRequest(30, "female"))
    if balance < price:
        raise PaymentRequired(f"{balance:g} credits are left, the next face costs {price:g}: buy credits")
