"""Keys that cannot be printed by accident, and texts cleared of them."""

import copy
import enum
import json
import logging
import pickle
import string
import traceback
from dataclasses import dataclass

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from facemon.config import known_secrets
from facemon.incident import Evidence
from facemon.secret import MASK, Secret, WholeSecret, redact, redact_all, secret_part
from tests.client.leaks import find_leaks, fragments_in

# A slow moment of a busy machine is no failure of the code.
UNHURRIED = settings(deadline=None)

CANARY = "sk-Qx7vWz2KpLr9TnB4mHs8"
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=60)
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
    """A text that holds no six characters of the key is unchanged."""
    assume(not any(key[i : i + 6] in text for i in range(len(key) - 5)))
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


# --- what is short, or chosen by a person ---


@pytest.mark.parametrize("kind", [Secret, WholeSecret])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("login abc refused", f"login {MASK} refused"),
        ("abc", MASK),
        ("(abc), 'abc'.", f"({MASK}), '{MASK}'."),
        ("https://me:abc@host", f"https://me:{MASK}@host"),
        ("the abcess of cabc is abc-like, abc_1", "the abcess of cabc is abc-like, abc_1"),
    ],
)
def test_a_short_secret_is_hidden_where_it_stands_alone(kind, text, expected):
    """Under six characters it is the middle of many a word: only what stands alone is replaced."""
    assert redact(text, [kind("abc")]) == expected


def test_a_secret_of_a_person_is_hidden_as_a_whole():
    """Pieces of `ops@example.com` are in every other address; all of it is replaced wherever it stands."""
    text = "ops@example.com at https://example.com/xops@example.comx"
    assert redact(text, [WholeSecret("ops@example.com")]) == f"{MASK} at https://example.com/x{MASK}x"


@pytest.mark.parametrize(
    ("token", "part"),
    [
        ("github_pat_11ABCDEFG0_xyz", "11ABCDEFG0_xyz"),
        ("ghp_16C7e42F", "16C7e42F"),
        ("ghs_ghs_16C7", "ghs_16C7"),
        ("whsec_C2FVsBQI", "C2FVsBQI"),
        ("a-ghp_16C7", "a-ghp_16C7"),
        ("", ""),
    ],
)
def test_the_beginning_that_all_tokens_have_is_no_secret(token, part):
    """Only at the beginning, and once; what begins like none of them is secret as a whole."""
    assert secret_part(Secret(token)).reveal() == part


# --- redact_all ---


def test_every_text_of_a_dataclass_is_redacted():
    """Texts, tuples and mappings of them; names, numbers and members of enumerations stay."""
    found = redact_all(
        Evidence(
            rule=f"3 in a row: {CANARY}",
            checks={"check_it.py::check_a": CANARY, "check_it.py::check_b": "fine"},
            error_types={"timeout": 3},
            records=("0199", CANARY),
            response=f"HTTP 500\n{CANARY}",
        ),
        iter([Secret(CANARY)]),
    )
    assert found == Evidence(
        rule=f"3 in a row: {MASK}",
        checks={"check_it.py::check_a": MASK, "check_it.py::check_b": "fine"},
        error_types={"timeout": 3},
        records=("0199", MASK),
        response=f"HTTP 500\n{MASK}",
    )


def test_what_is_nested_is_redacted_and_keeps_its_kind():
    """In any depth; a member of an enumeration is still one, even if it reads like a password."""

    class State(enum.StrEnum):
        DOWN = "down"

    @dataclass(frozen=True)
    class Inner:
        said: list[object]

    assert redact_all({"a": (Inner(["down", State.DOWN, None, 1.5]),)}, [Secret("down")]) == {
        "a": (Inner([MASK, State.DOWN, None, 1.5]),)
    }
    kept = redact_all([State.DOWN], [Secret("down")])
    assert type(kept[0]) is State


# --- those of the environment ---

VARIABLES = {
    "STABILITY_API_KEY": CANARY,
    "GITHUB_TOKEN": "github_pat_11ABCDEFG0abcdefghijkl_ZYXWVUTSRQ",
    "FACEMON_WEBHOOK_SECRET": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    "FACEMON_SMTP_USER": "AKIASMTPUSERID",
    "FACEMON_SMTP_PASSWORD": "hunter2hunter",
    "FACEMON_STORE": "postgresql://facemon:S3cret%2FPassw0rd@db.example.com/facemon",
    "FACEMON_HEARTBEAT_URL": "https://ping.example.com/0193-token/",
    "FACEMON_APPRISE_URLS": " ntfys://tok1@ntfy.example.com/topic\njson://hook.example.com/tok2 ",
}


@pytest.fixture
def environment(monkeypatch):
    """All that facemon knows to be secret."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    "text",
    [
        f"key {CANARY}",
        "token 11ABCDEFG0abcdefghijkl_ZYXWVUTSRQ",
        "signed with C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        "login AKIASMTPUSERID",
        "login hunter2hunter",
        "cannot connect to S3cret%2FPassw0rd",
        "cannot connect with S3cret/Passw0rd",
        "no ping at https://ping.example.com/0193-token",
        "no ping at https://ping.example.com/0193-token/fail",
        "ntfys://tok1@ntfy.example.com/topic",
        "json://hook.example.com/tok2",
    ],
)
def test_every_secret_of_the_environment_is_known(environment, text):
    """Keys, tokens, logins, the password of the store's URL as written and as meant, addresses of receivers."""
    cleared = redact(text, known_secrets())
    assert MASK in cleared and not fragments_in(cleared, text.rpartition(" ")[2].removesuffix("/fail"))


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/acme/faces/issues/7 and https://api.github.com",
        "whsec_ and github_pat_ begin a token",
        "postgresql://facemon@db.example.com/facemon",
        "facemon generate --age 30; see https://ping.example.com and https://hook.example.com",
    ],
)
def test_what_is_no_secret_stays(environment, text):
    """Addresses of public places, beginnings of tokens, user and host of a database."""
    assert redact(text, known_secrets()) == text


@pytest.mark.parametrize(
    ("store", "text", "expected"),
    [
        ("postgresql://me:abc@h/x", "abc of abcess", f"{MASK} of abcess"),
        ("postgresql://facemon:facemon@h/x", "facemon at facemon:facemon@h", f"facemon at {MASK}@h"),
        ("postgresql://h/x?user=me&password=hunter2%21", "hunter2! hunter2%21", f"{MASK} {MASK}"),
        ("postgresql://me@h/x", "me at h", "me at h"),
        ("postgresql://me:@h/x", "me at h", "me at h"),
        (".facemon/facemon.db", "facemon", "facemon"),
        (f"postgresql://me:{CANARY}@h/x", f"cut: {CANARY[:12]}...", f"cut: {MASK}..."),
        ("postgresql://me:facemon-9x@h/x", "facemon, facemon-9x", f"facemon, {MASK}"),
    ],
)
def test_the_password_of_the_store(monkeypatch, store, text, expected):
    """Wherever the URL has it. A long one is a machine's and hidden in pieces too, a short one as a whole; one that is
    its user's name is no secret by itself.
    """
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FACEMON_STORE", store)
    assert redact(text, known_secrets()) == expected


def test_an_environment_without_secrets_hides_nothing(monkeypatch):
    """Neither where a variable is missing nor where it is empty, as a workflow makes of a missing secret."""
    for value in (None, "", " "):
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
            if value is not None:
                monkeypatch.setenv(name, value)
        assert redact("a b  c", known_secrets()) == "a b  c"
