"""Keys that cannot be printed by accident, and texts cleared of them."""

import copy
import json
import logging
import pickle
import string
import traceback

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from facemon.secret import MASK, Secret, redact
from tests.client.leaks import find_leaks, fragments_in

# A slow moment of a busy machine is no failure of the code.
UNHURRIED = settings(deadline=None)

CANARY = "sk-Qx7vWz2KpLr9TnB4mHs8"
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)
TEXTS = st.text(max_size=120)


def test_reveal_gives_the_text_back():
    """What went in comes out, and only by asking for it."""
    assert Secret(CANARY).reveal() == CANARY


@UNHURRIED
@given(st.text())
def test_any_text_survives(text):
    """Any text, of any script, comes back as it was, and an empty one is falsy."""
    assume(not any("\ud800" <= letter <= "\udfff" for letter in text))
    secret = Secret(text)
    assert secret.reveal() == text and bool(secret) == bool(text)


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        ascii,
        lambda secret: f"{secret}",
        lambda secret: f"{secret!r:>40}",
        lambda secret: "%s %r" % (secret, secret),  # noqa: UP031  the old operator is one of the ways
        lambda secret: repr([secret, {"key": secret}]),
        lambda secret: json.dumps({"key": secret}, default=str),
        lambda secret: repr(vars(secret) if hasattr(secret, "__dict__") else dir(secret)),
        lambda secret: repr([getattr(secret, name) for name in Secret.__slots__]),
    ],
    ids=range(10),
)
def test_no_way_of_showing_it_shows_it(show):
    """repr, str, every kind of formatting, JSON and a look at its attributes show nothing of the key."""
    assert not fragments_in(show(Secret(CANARY)), CANARY)


def test_nothing_reachable_holds_the_text():
    """The two byte strings it holds are not the text; a walk over all it reaches finds no fragment."""
    assert find_leaks(Secret(CANARY), CANARY) == []


def test_two_secrets_of_one_text_look_different():
    """The pad is random: equal keys cannot be told from what they store."""
    one, two = Secret(CANARY), Secret(CANARY)
    assert one._masked != two._masked and one._pad != two._pad


@pytest.mark.parametrize("way", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_is_not_pickled_or_copied(way):
    """Neither a pickle nor a copy is made; the refusal says how to hand it on, without the key."""
    with pytest.raises(TypeError, match="environment") as caught:
        way(Secret(CANARY))
    assert not fragments_in("".join(traceback.format_exception(caught.value)), CANARY)


def test_log_records_show_nothing(caplog):
    """A secret handed to a logger as an argument is masked when the record is written."""
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("t").debug("key %s %r", Secret(CANARY), Secret(CANARY))
    assert not fragments_in(caplog.text, CANARY)


# --- redact ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Incorrect API key provided: {CANARY}.", f"Incorrect API key provided: {MASK}."),
        (f"{CANARY}{CANARY}", MASK),
        (f"key {CANARY[:10]}****{CANARY[-8:]}!", f"key {MASK}****{MASK}!"),
        (f"x{CANARY[3:12]}y", f"x{MASK}y"),
        (f"six {CANARY[:6]}", f"six {MASK}"),
        (f"five {CANARY[:5]}", f"five {CANARY[:5]}"),
        ("nothing here", "nothing here"),
        ("", ""),
    ],
)
def test_redact_whole_and_in_part(text, expected):
    """The key is replaced whole, twice, in part and masked in its middle; pieces under six characters stay."""
    assert redact(text, [Secret(CANARY)]) == expected


def test_redact_takes_every_secret_and_ignores_missing_ones():
    """All keys are cleared; None and an empty key change nothing."""
    other = "another-key-1234567890"
    assert redact(f"{CANARY} {other}", [None, Secret(""), Secret(CANARY), Secret(other)]) == f"{MASK} {MASK}"


def test_redact_of_a_repeating_key():
    """A key that repeats itself is replaced wherever its period starts."""
    assert redact("xababababababy", [Secret("abababab")]) == f"x{MASK}y"


def test_redact_leaves_control_characters_around_a_hit():
    """Only the key is replaced: a control character elsewhere in the text is not taken for it."""
    assert redact(f"a\x01b {CANARY}", [Secret(CANARY)]) == f"a\x01b {MASK}"


def shares_with_mask(key):
    """Whether the mask itself holds, or can complete, a fragment of the key; no real key does."""
    return any(letter in key for letter in "[]") or any(
        key[i : i + 6] in MASK for i in range(max(1, len(key) - 5))
    )


@UNHURRIED
@given(KEYS, TEXTS, TEXTS, st.data())
def test_redact_leaves_no_fragment(key, before, after, data):
    """Any key, echoed whole or in part inside any text: no eight of its characters in a row remain."""
    assume(not shares_with_mask(key))
    start = data.draw(st.integers(0, len(key)))
    end = data.draw(st.integers(start, len(key)))
    cleared = redact(before + key[start:end] + after + key, [Secret(key)])
    assert not fragments_in(cleared, key) and key not in cleared


@UNHURRIED
@given(KEYS, TEXTS)
def test_redact_leaves_other_texts_alone(key, text):
    """A text that holds no six characters of the key (or not the whole of a shorter one) is unchanged."""
    size = min(6, len(key))
    assume(not any(key[i : i + size] in text for i in range(len(key) - size + 1)))
    assert redact(text, [Secret(key)]) == text


@UNHURRIED
@given(st.text("ab", min_size=6, max_size=12), st.text("abc", max_size=60))
def test_redact_over_few_letters(key, text):
    """With an alphabet so small that fragments overlap everywhere, still none remains, and other letters stay."""
    cleared = redact(text, [Secret(key)])
    assert not fragments_in(cleared, key, size=6)
    assert cleared.replace(MASK, "").count("c") == text.count("c")


def test_redact_is_quick_on_a_long_text():
    """A body of 20,000 characters that holds the key's letters everywhere is cleared, not searched for ever."""
    text = (string.ascii_letters + CANARY[:5]) * 350
    assert redact(text, [Secret(CANARY)]) == text
