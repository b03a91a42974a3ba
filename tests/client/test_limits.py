"""What a call waits for before it is sent."""

import asyncio

import httpx
import pytest

from facemon.client.limits import Limits
from facemon.clock import ManualClock
from facemon.errors import (
    AttemptTimeout,
    BudgetExceeded,
    ConnectionFailed,
    ContentFiltered,
    GenerationError,
    InvalidImage,
    PaymentRequired,
    ServerError,
)
from facemon.ledger import Ledger
from tests.client.support import RAW, good


@pytest.fixture
def ledger():
    """A book without a rate limit."""
    book = Ledger(cap=10, rate=None)
    yield book
    book.close()


@pytest.mark.parametrize("most", [1, 3])
async def test_never_more_than_n_under_way(client_of, most):
    """However many ask at once, the server never sees more than the limit at the same time, and all are served."""
    now = peak = 0

    async def serve(request):
        nonlocal now, peak
        now += 1
        peak = max(peak, now)
        for _ in range(5):
            await asyncio.sleep(0)
        now -= 1
        return good()

    client = client_of(serve, concurrency=most)
    images = await asyncio.gather(*(client.generate(RAW) for _ in range(10)))
    assert len(images) == 10 and peak == most


async def test_place_is_free_again_after_a_failure(client_of):
    """Failures of every kind give their place back."""

    def serve(request):
        raise httpx.ReadError("reset")

    client = client_of(serve, concurrency=1)
    for _ in range(3):
        with pytest.raises(ConnectionFailed):
            await asyncio.wait_for(client.generate(RAW), 5)


async def test_rate_waits_on_the_clock(client_of, clock):
    """The 151st request waits until the first has left the window of 10 s and its margin, by the client's clock."""
    client = client_of(lambda request: good(), rate=(150, 10.0))
    await asyncio.gather(*(client.generate(RAW) for _ in range(150)))
    assert clock.sleeps == []
    await client.generate(RAW)
    assert sum(clock.sleeps) == pytest.approx(11.0)


async def test_refused_budget_frees_the_place(ledger):
    """Who may not spend does not hold a place."""
    limits = Limits(ledger, 1, ManualClock())
    for _ in range(2):
        with pytest.raises(BudgetExceeded):
            async with limits.place(11):
                raise AssertionError("never entered")


async def test_credits_are_booked_while_the_call_is_under_way(ledger):
    """A place costs its credits from the moment it is given."""
    async with Limits(ledger, 1, ManualClock()).place(4) as booking:
        assert ledger.spending().committed == 4 and booking.credits == 4
    assert ledger.spending().committed == 4  # nobody said what became of it: it counts


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (None, 4),
        (AttemptTimeout("t"), 4),
        (ContentFiltered("f", status=200), 4),
        (InvalidImage("i", status=200), 4),
        (ServerError("s", status=500), 0),
        (PaymentRequired("p", status=402), 0),
        *((GenerationError("r", status=status), 0) for status in (400, 401, 403, 404, 413, 422, 429)),
        *((ServerError("gateway", status=status), 4) for status in (502, 503, 504)),
        *(
            (GenerationError("undocumented", status=status), 4)
            for status in (302, 405, 408, 409, 418, 451, 501, 520)
        ),
        (ConnectionFailed("c", "refused"), 0),
        (ConnectionFailed("c", "no dns"), 0),
        (ConnectionFailed("c", "no route"), 0),
        (ConnectionFailed("c", "tls"), 0),
        (ConnectionFailed("c", "reset"), 4),
        (ConnectionFailed("c", "broken off"), 4),
        (ConnectionFailed("c"), 4),
    ],
)
async def test_close_booking(ledger, error, left):
    """Released is what the service itself refused in a documented way, and what was never sent; all else may have
    been charged and is settled: a gateway's status may hide a picture that was made."""
    limits = Limits(ledger, 1, ManualClock())
    async with limits.place(4) as booking:
        limits.close_booking(booking, error)
    assert ledger.spending().committed == left
