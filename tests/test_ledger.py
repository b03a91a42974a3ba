"""The book of credits and of the request rate, alone and shared by processes."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.errors import BudgetExceeded, StoreError
from facemon.ledger import Booking, Ledger

# A slow moment of a busy machine is no failure of the code.
UNHURRIED = settings(deadline=None)

_BOOKER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from facemon.errors import BudgetExceeded
    from facemon.ledger import Booking, Ledger
    path, cap, price, rate = Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
    ledger = Ledger(path, cap=cap, rate=(int(rate), 3600.0) if int(rate) else None)
    print("ready", flush=True)
    sys.stdin.readline()
    booked = 0
    try:
        while isinstance(ledger.book(price), Booking):
            booked += 1
    except BudgetExceeded:
        pass
    print(booked, flush=True)
    """
)

_OPENER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from facemon.ledger import Ledger
    for path in sys.stdin:
        Ledger(Path(path.strip())).close()
        print("opened", flush=True)
    """
)


class Wall:
    """Seconds since the epoch, moved by hand."""

    def __init__(self, now=1_000_000.0):
        self.now = now

    def __call__(self):
        return self.now


@pytest.fixture
def book(tmp_path):
    """Makes ledgers over one file and closes them."""
    made = []

    def make(**kwargs):
        made.append(Ledger(tmp_path / "ledger.db", **{"rate": None, **kwargs}))
        return made[-1]

    yield make
    for ledger in made:
        ledger.close()


def booked_by_processes(path, count, *, cap, price, rate=0):
    """How many bookings each of `count` processes got that start together on one file."""
    arguments = [sys.executable, "-c", _BOOKER, str(path), str(cap), str(price), str(rate)]
    workers = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(count)
    ]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    return [int(worker.communicate(timeout=30)[0]) for worker in workers]


# --- opening ---


def test_processes_open_a_new_book_at_the_same_moment(tmp_path):
    """Workers that begin together all get the book: SQLite's answer "locked" is no reason to end a run."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", _OPENER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for number in range(60):
        for worker in workers:
            with suppress(BrokenPipeError):
                worker.stdin.write(f"{tmp_path / str(number)}\n")
                worker.stdin.flush()
        answers = [worker.stdout.readline() for worker in workers]
        if answers != ["opened\n"] * 4:
            break
    for worker in workers:
        worker.communicate(timeout=30)
    assert [worker.returncode for worker in workers] == [0] * 4


# --- the cap ---


def test_cap_is_never_passed_by_processes_together(tmp_path):
    """Four processes that book at the same time spend exactly the cap, never a credit more."""
    path = tmp_path / "ledger.db"
    Ledger(path).close()
    assert sum(booked_by_processes(path, 4, cap=300, price=3)) == 100
    assert Ledger(path).spending().committed == 300


def test_rate_is_shared_by_processes(tmp_path):
    """The requests in the window are counted over all processes."""
    path = tmp_path / "ledger.db"
    Ledger(path).close()
    assert sum(booked_by_processes(path, 3, cap=10_000, price=1, rate=50)) == 50


def test_booking_of_a_killed_process_counts(tmp_path, book):
    """A process killed between booking and settling leaves its credits spent: the call may have been charged."""
    code = (
        "import sys, signal, os; from pathlib import Path; from facemon.ledger import Ledger\n"
        "Ledger(Path(sys.argv[1]), rate=None).book(6.5); os.kill(os.getpid(), signal.SIGKILL)"
    )
    died = subprocess.run([sys.executable, "-c", code, str(tmp_path / "ledger.db")], timeout=30, check=False)
    assert died.returncode == -signal.SIGKILL
    ledger = book(cap=10)
    assert ledger.spending().committed == 6.5
    with pytest.raises(BudgetExceeded):
        ledger.book(4)


def test_cap_itself_may_be_spent(book):
    """The last credit is there to be spent; the next booking is refused and nothing is booked."""
    ledger = book(cap=6)
    ledger.book(3), ledger.book(3)
    with pytest.raises(BudgetExceeded):
        ledger.book(0.000001)
    assert ledger.spending().committed == 6


def test_refusal_says_cap_spending_and_price(book):
    """The sentence names the cap, what is spent, what the call costs, and that nothing was sent."""
    ledger = book(cap=10)
    ledger.book(8)
    with pytest.raises(
        BudgetExceeded, match=r"budget of 10 credits.* 8 are spent.* costs 2\.5; nothing was sent"
    ):
        ledger.book(2.5)


def test_a_cap_of_nothing_refuses_the_first_call(book):
    """A cap of 0 is a cap: nothing is sent; what costs nothing is let through."""
    ledger = book(cap=0)
    with pytest.raises(BudgetExceeded):
        ledger.book(0.9)
    assert isinstance(ledger.book(0), Booking)


def test_without_a_cap_nothing_is_refused(book):
    """No cap: every booking is taken and still counted."""
    ledger = book()
    for _ in range(5):
        ledger.book(8)
    assert (ledger.spending().committed, ledger.spending().cap) == (40, None)


def test_released_credits_are_free_again(book):
    """A call that was certainly not charged gives its credits back; a settled one does not."""
    ledger = book(cap=6)
    first, second = ledger.book(3), ledger.book(3)
    ledger.settle(first)
    ledger.release(second)
    assert ledger.spending().committed == 3
    ledger.book(3)
    with pytest.raises(BudgetExceeded):
        ledger.book(3)


def test_release_counts_once(book):
    """Releasing a booking twice frees its credits once."""
    ledger = book(cap=9)
    booking = ledger.book(3)
    ledger.book(3)
    ledger.release(booking)
    ledger.release(booking)
    assert ledger.spending().committed == 3


@pytest.mark.parametrize(("price", "times"), [(0.9, 10), (0.1, 30), (2.5, 7), (0.93, 100)])
def test_money_is_exact(book, price, times):
    """Ten times 0.9 is 9: a cap of exactly n prices lets exactly n calls through."""
    ledger = book(cap=round(price * times, 6))
    for _ in range(times):
        ledger.book(price)
    with pytest.raises(BudgetExceeded):
        ledger.book(price)
    assert ledger.spending().committed == round(price * times, 6)


@UNHURRIED
@given(st.lists(st.sampled_from([0.9, 2.5, 3.0, 3.5, 4.0, 6.5, 8.0, 0.93]), max_size=40), st.integers(0, 100))
def test_book_never_passes_its_cap(prices, cap):
    """Whatever is booked in whatever order, the sum of what was taken is what the book says, within the cap."""
    ledger = Ledger(cap=cap, rate=None)
    taken = 0
    for price in prices:
        try:
            ledger.book(price)
        except BudgetExceeded:
            assert taken + round(price * 1e6) > cap * 1e6
        else:
            taken += round(price * 1e6)
    assert taken <= cap * 1e6 and ledger.spending().committed == taken / 1e6
    ledger.close()


def test_a_booking_that_is_not_written_is_not_handed_out(book):
    """Where the transaction cannot be committed there is no booking: a call without one could pass the cap."""
    ledger = book(cap=3)
    ledger._db = Refusing(ledger._db, "COMMIT")
    with pytest.raises(StoreError):
        ledger.book(3)


class Refusing:
    """A connection whose disk is full when it gets to one statement."""

    def __init__(self, db, statement):
        self._db, self._statement = db, statement

    def execute(self, sql, *parameters):
        if sql.startswith(self._statement):
            raise sqlite3.OperationalError("database or disk is full")
        return self._db.execute(sql, *parameters)

    def close(self):
        self._db.close()


# --- the rate ---


def test_rate_window_slides(book):
    """The n-th request has to wait until the oldest leaves the window with its margin, not for a fixed boundary."""
    wall = Wall()
    ledger = book(rate=(3, 10.0), wall=wall)
    for _ in range(3):
        assert isinstance(ledger.book(1), Booking)
        wall.now += 2
    assert ledger.book(1) == pytest.approx(5.0)
    wall.now += 5.001
    assert isinstance(ledger.book(1), Booking)
    assert ledger.book(1) == pytest.approx(1.999)


def test_window_has_a_margin_of_a_tenth(book):
    """150 requests fit in 11 s, not in 10: what was booked early may arrive late, and the service counts arrivals."""
    wall = Wall()
    ledger = book(wall=wall, rate=(150, 10.0))
    assert all(isinstance(ledger.book(0), Booking) for _ in range(150))
    for passed, left in ((10.0, 1.0), (10.9, 0.1)):
        wall.now = 1_000_000.0 + passed
        assert ledger.book(0) == pytest.approx(left)
    wall.now = 1_000_000.0 + 11.001
    assert all(isinstance(ledger.book(0), Booking) for _ in range(150))
    assert ledger.book(0) == pytest.approx(11.0)


@UNHURRIED
@given(
    st.lists(st.floats(0, 12), min_size=1, max_size=40), st.lists(st.floats(0, 1), min_size=80, max_size=80)
)
def test_the_service_never_counts_more_than_its_rate(steps, travels):
    """However long each request travels, up to the margin of 1 s, no 10 s at the service's end see more than 3."""
    wall, arrivals = Wall(0.0), []
    ledger = Ledger(rate=(3, 10.0), wall=wall)
    for step, travel in zip(steps, travels, strict=False):
        wall.now += step
        while not isinstance(answer := ledger.book(0), Booking):
            wall.now += answer + 1e-6
        arrivals.append(wall.now + travel)
    ledger.close()
    assert all(sum(one - 10 < other <= one for other in arrivals) <= 3 for one in arrivals)


def test_waiting_books_nothing(book):
    """Who is told to wait, for the window with its margin, has booked no credits and taken no place."""
    wall = Wall()
    ledger = book(cap=10, rate=(1, 10.0), wall=wall)
    ledger.book(3)
    assert [ledger.book(3) for _ in range(5)] == [pytest.approx(11.0)] * 5
    assert ledger.spending().committed == 3
    wall.now += 11.001
    assert isinstance(ledger.book(3), Booking)


def test_a_refusal_takes_no_place(book):
    """A call that the cap refuses does not count in the rate."""
    ledger = book(cap=1, rate=(1, 10.0), wall=Wall())
    with pytest.raises(BudgetExceeded):
        ledger.book(2)
    assert isinstance(ledger.book(1), Booking)


def test_released_booking_keeps_its_place(book):
    """A released call was sent or tried: it counts in the rate."""
    ledger = book(rate=(1, 10.0), wall=Wall())
    ledger.release(ledger.book(1))
    assert isinstance(ledger.book(1), float)


def test_no_rate_never_waits(book):
    """Without a rate limit every booking is taken at once."""
    ledger = book(rate=None, wall=Wall())
    assert all(isinstance(ledger.book(0), Booking) for _ in range(500))


@UNHURRIED
@given(st.lists(st.floats(0, 12), min_size=1, max_size=40), st.integers(1, 4))
def test_never_more_than_the_rate_in_any_window(steps, most):
    """However requests come, no 11 s (10 and the margin) hold more starts than the limit; waiting as told is enough."""
    wall, starts = Wall(0.0), []
    ledger = Ledger(rate=(most, 10.0), wall=wall)
    for step in steps:
        wall.now += step
        answer = ledger.book(0)
        if not isinstance(answer, Booking):
            assert 0 < answer <= 11 + 1e-6
            wall.now += answer + 1e-6
            assert isinstance(ledger.book(0), Booking)
        starts.append(wall.now)
    ledger.close()
    assert all(sum(start - 11 < other <= start for other in starts) <= most for start in starts)


@pytest.mark.parametrize("back", [5.0, 3600.0, 10_000_000.0])
def test_a_clock_set_back_blocks_for_one_window_at_most(book, back):
    """After the machine's clock was set back, waiting as told lets a request through within one window."""
    wall = Wall()
    ledger = book(rate=(2, 10.0), wall=wall)
    ledger.book(1), ledger.book(1)
    wall.now -= back
    waited = 0.0
    while not isinstance(answer := ledger.book(1), Booking):
        waited += answer
        wall.now += answer
        assert waited <= 11.1, "still blocked after more than a window with its margin"


def test_a_clock_set_forward_lets_requests_through(book):
    """A jump forward empties the window."""
    wall = Wall()
    ledger = book(rate=(1, 10.0), wall=wall)
    ledger.book(1)
    wall.now += 3600
    assert isinstance(ledger.book(1), Booking)


# --- the file ---


def test_spending_is_seen_by_a_second_ledger(book):
    """Two ledgers over one file are one book, open at the same time or one after the other."""
    first, second = book(cap=10), book(cap=10)
    first.book(6)
    assert second.spending().committed == 6
    with pytest.raises(BudgetExceeded):
        second.book(6)


def test_without_a_path_the_book_is_its_own():
    """Two ledgers without a file know nothing of each other."""
    one, two = Ledger(cap=3, rate=None), Ledger(cap=3, rate=None)
    one.book(3)
    assert isinstance(two.book(3), Booking)
    one.close(), two.close()


@pytest.mark.parametrize("kind", ["missing folder", "folder", "no database", "file as folder"])
def test_a_file_that_cannot_be_opened_is_a_store_error(tmp_path, kind):
    """Whatever is wrong with the file, the error names it and says what to do, in one line."""
    (tmp_path / "text").write_text("this is no database, and long enough to be seen as none " * 20)
    path = {
        "missing folder": tmp_path / "missing" / "ledger.db",
        "folder": tmp_path,
        "no database": tmp_path / "text",
        "file as folder": tmp_path / "text" / "ledger.db",
    }[kind]
    with pytest.raises(StoreError) as caught:
        Ledger(path)
    assert str(path) in str(caught.value) and "name another folder" in str(caught.value)
    assert "\n" not in str(caught.value) and caught.value.__suppress_context__


def test_a_file_that_cannot_be_opened_leaves_no_handle(tmp_path):
    """A refused file is closed again: no connection is left to be warned about or to hold a lock."""
    path = tmp_path / "text"
    path.write_text("this is no database " * 100)
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112, PTH208
    for _ in range(5):
        with pytest.raises(StoreError):
            Ledger(path)
    after = len(os.listdir("/proc/self/fd")) if before else 0  # noqa: PTH208
    assert after <= before


@pytest.mark.parametrize("call", ["settle", "release"])
def test_a_closed_book_leaves_what_is_booked_as_spent(book, call):
    """A call that outlived its client changes nothing any more and complains of nothing: what was booked counts."""
    ledger = book()
    booking = ledger.book(2)
    ledger.close()
    getattr(ledger, call)(booking)
    assert book().spending().committed == 2


@pytest.mark.parametrize("call", ["book", "spending"])
def test_a_closed_book_books_nothing(book, call):
    """Who asks for credits or figures after the end is told so in our own words."""
    ledger = book()
    ledger.close()
    with pytest.raises(StoreError):
        getattr(ledger, call)(*((1,) if call == "book" else ()))


@pytest.mark.parametrize("call", ["book", "settle", "release", "spending"])
def test_a_book_that_breaks_later_is_a_store_error(book, call):
    """A disk that fills up or a file that goes away in the middle of a run is told in our own words."""
    ledger = book()
    booking = ledger.book(1)
    ledger._db.close()  # behind its back
    arguments = {"book": (1,), "spending": ()}.get(call, (booking,))
    with pytest.raises(StoreError):
        getattr(ledger, call)(*arguments)


def test_a_full_disk_is_a_store_error(book):
    """Where the file cannot grow, booking fails with StoreError and the book stays readable."""
    ledger = book()
    ledger.book(1)
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages}")

    def fill():
        for _ in range(2000):
            ledger.book(1)

    with pytest.raises(StoreError):
        fill()
    assert ledger.spending().committed >= 1
