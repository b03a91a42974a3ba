"""The tokeniser of CLIP: byte-pair encoding over the bytes of lower-case words.

Sennrich et al., "Neural machine translation of rare words with subword units", ACL 2016; over bytes: Radford et al.,
"Language models are unsupervised multitask learners", 2019; with a mark at the end of a word: Radford et al.,
"Learning transferable visual models from natural language supervision", ICML 2021.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

_END_OF_WORD = "</w>"
_START, _END = "<|startoftext|>", "<|endoftext|>"
# English contractions, runs of letters, single digits, runs of anything else but blanks.
_WORDS = re.compile(r"'(?:s|t|re|ve|m|ll|d)|[^\W\d_]+|\d|(?:[^\w\s]|_)+")
_LONGEST_TEXT = 1000  # letters; the context of 77 tokens holds some 500


def _letters() -> dict[int, str]:
    """A printable letter for each byte: itself in Latin-1 where that is printable, else one from U+0100 on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printable]
    return {
        **{byte: chr(byte) for byte in printable},
        **{byte: chr(256 + n) for n, byte in enumerate(others)},
    }


_LETTERS = _letters()


class BytePairs:
    """From text to the numbers of its tokens.

    vocabulary: token → number · merges: pairs of tokens that become one, the most frequent first.
    """

    def __init__(self, vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> None:
        self._numbers = vocabulary
        self._ranks = {pair: rank for rank, pair in enumerate(merges)}
        self._start, self._end = vocabulary[_START], vocabulary[_END]

    @classmethod
    def load(cls, folder: Path) -> BytePairs:
        """From `vocab.json` and `merges.txt`, which CLIP's weights are published with.

        Raises OSError, ValueError or KeyError for files that are not there or something else.
        """
        vocabulary = json.loads((folder / "vocab.json").read_text("utf-8"))
        lines = (folder / "merges.txt").read_text("utf-8").split("\n")
        pairs = [line.split(" ") for line in lines if line and not line.startswith("#version")]
        return cls(vocabulary, [(left, right) for left, right in pairs])

    def encode(self, text: str, length: int) -> list[int]:
        """`length` numbers, at least 2: start, the text as far as it fits, end, and the end again as filling."""
        tokens: list[int] = []
        for word in _WORDS.findall(text[:_LONGEST_TEXT].lower()):
            tokens += self._word(word)
            if len(tokens) >= length - 2:
                break
        known = [self._start, *tokens[: length - 2], self._end]
        return known + [self._end] * (length - len(known))

    def _word(self, word: str) -> Iterator[int]:
        parts = [_LETTERS[byte] for byte in word.encode("utf-8", "replace")]
        parts[-1] += _END_OF_WORD
        while len(parts) > 1:
            best = min(pairwise(parts), key=lambda pair: self._ranks.get(pair, len(self._ranks)))
            if best not in self._ranks:
                break
            parts = list(_merged(parts, best))
        return (self._numbers.get(part, self._end) for part in parts)


def _merged(parts: list[str], pair: tuple[str, str]) -> Iterator[str]:
    """The parts with each occurrence of the pair, from the left, made one."""
    at = 0
    while at < len(parts):
        step = 2 if tuple(parts[at : at + 2]) == pair else 1
        yield "".join(parts[at : at + step])
        at += step
