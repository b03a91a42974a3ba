"""Fixtures of the client's tests."""

import os

import pytest
import pytest_asyncio

from facemon.clock import ManualClock
from facemon.config import KEY_VARIABLE
from tests.client import support


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    """No setting of whoever runs the tests reaches them."""
    for name in list(os.environ):
        if name.upper().startswith("FACEMON_") or name.upper() == KEY_VARIABLE:
            monkeypatch.delenv(name)


@pytest.fixture
def clock():
    """Time moved by hand."""
    return ManualClock()


@pytest_asyncio.fixture
async def client_of(clock):
    """Makes clients over a function instead of a network, on the test's clock, and closes them."""
    made = []

    def make(handler, **options):
        made.append(support.make_client(handler, **{"clock": clock, **options}))
        return made[-1]

    yield make
    for client in made:
        await client.aclose()
        client.ledger.close()
