from __future__ import annotations

from facemon.clock import ManualClock
from facemon.simulator.account import Account, RateLimit, RateLimiter


def test_a_balance_runs_down_and_never_below_zero() -> None:
    """Three pictures of 3 credits for a balance of 10; the fourth is refused and costs nothing."""
    account = Account(10)
    assert [account.charge(str(n), "core", 3) is not None for n in range(4)] == [True, True, True, False]
    assert (account.balance, account.charged, account.count) == (1, 9, 3)


def test_small_prices_add_up() -> None:
    """Ten pictures of 0.9 fit into 9 credits, whatever binary fractions say."""
    account = Account(9)
    assert all(account.charge(str(n), "v1", 0.9) for n in range(10))
    assert account.charge("one more", "v1", 0.9) is None
    assert account.balance >= 0


def test_a_failed_generation_gives_the_credits_back() -> None:
    """STABILITY_API §4: failed generations are not charged."""
    account = Account(10)
    charge = account.charge("a", "ultra", 8)
    assert charge is not None
    account.refund(charge)
    assert (account.balance, account.charged, account.count, list(account.charges)) == (10, 0, 0, [])


def limiter() -> tuple[RateLimiter, ManualClock]:
    clock = ManualClock()
    return RateLimiter(RateLimit(requests=3, seconds=10, lockout=60), clock), clock


def test_one_too_many_in_the_window_is_refused() -> None:
    """Three pass, the fourth within 10 seconds does not."""
    limit, _ = limiter()
    assert [limit.admit() for _ in range(4)] == [True, True, True, False]


def test_the_window_slides() -> None:
    """A request counts for 10 seconds from its own moment."""
    limit, clock = limiter()
    for _ in range(3):
        assert limit.admit()
        clock.advance(4)
    assert limit.admit()  # at 12 s the first, of 0 s, no longer counts
    assert not limit.admit()


def test_the_lock_out_ends_after_its_time_and_nothing_prolongs_it() -> None:
    """60 seconds from the offence, however often somebody knocks."""
    limit, clock = limiter()
    while limit.admit():
        pass
    for _ in range(59):
        clock.advance(1)
        assert not limit.admit()
    clock.advance(1)
    assert limit.admit()


def test_after_a_lock_out_everybody_begins_anew() -> None:
    """A short lock-out in a long window: what came before it is forgiven."""
    clock = ManualClock()
    limit = RateLimiter(RateLimit(requests=3, seconds=10, lockout=1), clock)
    assert [limit.admit() for _ in range(4)] == [True, True, True, False]
    clock.advance(1)
    assert [limit.admit() for _ in range(4)] == [True, True, True, False]


def test_a_lifted_limit_lets_everybody_in() -> None:
    """None is no limit."""
    limit = RateLimiter(None, ManualClock())
    assert all(limit.admit() for _ in range(1000))
