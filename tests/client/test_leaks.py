"""The walker that the secrecy tests stand on finds what is hidden where secrets do hide."""

import asyncio
import functools
import types

import pytest

from tests.client.leaks import find_leaks, fragments_in, walk

KEY = "sk-Qx7vWz2KpLr9TnB4mHs8"


class Slotted:
    """An object without a dictionary."""

    __slots__ = ("__private", "held")

    def __init__(self, held=None, private=None):
        self.held, self.__private = held, private


class Showing:
    """An object that holds nothing and shows the key."""

    def __repr__(self):
        return f"Showing({KEY})"


# Functions of the tests themselves are not walked, so those that must be are made from text.
_MADE = {"KEY": KEY}
exec(
    compile(
        "import asyncio\n"
        "def closing(value):\n    return lambda: value\n"
        "def default(value='x', *, other=KEY):\n    return value\n"
        "def generating(value):\n    yield\n    return value\n"
        "async def waiting(value):\n    await asyncio.sleep(0)\n    return value\n"
        "def raising(value):\n    local = value\n    raise ValueError('x')\n"
        "def chaining(value):\n"
        "    try:\n        raising(value)\n"
        "    except ValueError:\n        raise KeyError('y') from None\n",
        "elsewhere.py",
        "exec",
    ),
    _MADE,
)
MADE = types.SimpleNamespace(**{name: value for name, value in _MADE.items() if callable(value)})


def caught(function, *args):
    """The exception that a call raises."""
    try:
        function(*args)
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


def started(generator):
    """A generator that stands at its first yield."""
    next(generator)
    return generator


HIDING_PLACES = {
    "text": KEY,
    "part of a text": f"..{KEY[4:12]}..",
    "bytes": KEY.encode(),
    "bytearray": bytearray(KEY.encode()),
    "dictionary value": {"a": [{"b": (KEY,)}]},
    "dictionary key": {KEY: 1},
    "set": {frozenset([KEY])},
    "attribute": types.SimpleNamespace(a=KEY),
    "slot": Slotted(held=KEY),
    "private slot": Slotted(private=KEY),
    "repr": Showing(),
    "mapping proxy": types.MappingProxyType({"a": KEY}),
    "closure": MADE.closing(KEY),
    "default": MADE.default,
    "partial": functools.partial(print, KEY),
    "bound method": KEY.join,
    "method of an object": types.MethodType(MADE.closing, types.SimpleNamespace(a=KEY)),
    "generator": started(MADE.generating(KEY)),
    "exception's text": ValueError(KEY),
    "exception's attribute": UnicodeEncodeError("ascii", KEY, 0, 1, "x"),
    "frame of a traceback": caught(MADE.raising, KEY),
    "suppressed context": caught(MADE.chaining, KEY),
    "group member": ExceptionGroup("g", [ValueError(KEY)]),
}


@pytest.mark.parametrize("place", HIDING_PLACES)
def test_walker_finds_it(place):
    """The walk finds a key in each of the places where secrets have leaked from."""
    assert find_leaks(types.SimpleNamespace(deep=[HIDING_PLACES[place]]), KEY)


async def test_walker_finds_it_in_a_coroutine():
    """The local variables of a coroutine that waits are walked."""
    coroutine = MADE.waiting(KEY)
    coroutine.send(None)
    assert find_leaks(coroutine, KEY)
    coroutine.close()


async def test_walker_stays_out_of_the_event_loop():
    """The loop reaches every task there is; it is not part of what an object reaches."""
    assert [path for path, _ in walk({"loop": asyncio.get_running_loop()})] == ["root", "root{key}"]


def test_walker_finds_nothing_where_nothing_is():
    """Seven characters of the key, or others, are no finding; a cycle ends."""
    ring = {"a": KEY[:7], "b": "sk-nothing-of-it"}
    ring["ring"] = [ring]
    assert find_leaks(ring, KEY) == []


def test_walker_leaves_frames_of_the_tests_out():
    """A test knows the key: its own frames in a traceback are no finding."""

    def knowing():
        mine = KEY
        raise ValueError(len(mine))

    assert find_leaks(caught(knowing), KEY) == []


def test_fragments_in():
    """Every window of eight characters counts, seven do not."""
    assert fragments_in(f"x{KEY[3:12]}x", KEY) == [KEY[3:11], KEY[4:12]]
    assert fragments_in(KEY[:7], KEY) == []
