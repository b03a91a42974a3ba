"""CLIP's tokeniser, on a vocabulary small enough to follow by hand."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.vision.byte_pairs import _LETTERS, BytePairs

MERGES = [("l", "o"), ("lo", "w</w>"), ("e", "r</w>"), ("lo", "w"), ("low", "er</w>")]


def vocabulary():
    """All letters, with and without the end of a word, then what the merges make, then the two marks."""
    letters = list(_LETTERS.values())
    tokens = [*letters, *(letter + "</w>" for letter in letters), *(left + right for left, right in MERGES)]
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    return {token: number for number, token in enumerate(tokens)}


NUMBERS = vocabulary()
PAIRS = BytePairs(NUMBERS, MERGES)
START, END = NUMBERS["<|startoftext|>"], NUMBERS["<|endoftext|>"]


def tokens(text, length=40):
    """The tokens as text, without the marks."""
    names = {number: token for token, number in NUMBERS.items()}
    found = PAIRS.encode(text, length)
    assert len(found) == length and found[0] == START and found[-1] == END
    return [names[number] for number in found[1:] if number != END]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("low", ["low</w>"]),
        ("lower", ["lower</w>"]),
        ("LOW  \n low", ["low</w>", "low</w>"]),
        ("lol", ["lo", "l</w>"]),
        ("lowlow", ["low", "low</w>"]),
        ("", []),
        ("l0", ["l</w>", "0</w>"]),
        ("42", ["4</w>", "2</w>"]),
        ("it's", ["i", "t</w>", "'", "s</w>"]),
        ("a_b", ["a</w>", "_</w>", "b</w>"]),
        ("é", ["Ã", "©</w>"]),
    ],
)
def test_words_by_hand(text, expected):
    """Lower case; words, digits and signs apart; the earliest merge first; other letters as their bytes."""
    assert tokens(text) == expected


def test_a_long_text_is_cut_and_a_short_one_filled():
    """Always as many numbers as the model takes, the end mark the last of them."""
    assert PAIRS.encode("low " * 500, 6) == [START, *[NUMBERS["low</w>"]] * 4, END]
    assert PAIRS.encode("low", 6) == [START, NUMBERS["low</w>"], END, END, END, END]
    assert PAIRS.encode("", 2) == [START, END]


@given(st.text(max_size=60))
def test_any_text_at_all(text):
    """Emoji, lone surrogates, controls: numbers of the vocabulary, and nothing raised."""
    assert set(PAIRS.encode(text, 20)) <= set(NUMBERS.values())


def test_letters_of_bytes():
    """Each byte has a printable letter of its own; those of ASCII are themselves."""
    assert len(set(_LETTERS.values())) == 256 and all(letter.isprintable() for letter in _LETTERS.values())
    assert (_LETTERS[ord("a")], _LETTERS[0], _LETTERS[32], _LETTERS[0xAD]) == ("a", "Ā", "Ġ", "Ń")


def test_from_files(tmp_path):
    """The two files that CLIP's weights are published with; the line that names the version is no merge."""
    (tmp_path / "vocab.json").write_text(json.dumps(NUMBERS), "utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in MERGES), ""]
    (tmp_path / "merges.txt").write_text("\n".join(lines), "utf-8")
    assert BytePairs.load(tmp_path).encode("lower é 4", 12) == PAIRS.encode("lower é 4", 12)
    (tmp_path / "vocab.json").write_text("{}")
    with pytest.raises(KeyError):
        BytePairs.load(tmp_path)
