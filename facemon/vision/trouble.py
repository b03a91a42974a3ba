"""Why a picture, or a question about it, could not be judged."""

from __future__ import annotations


class Unreadable(Exception):
    """The bytes do not decode to a picture; the message says where it ended."""


class Unscored(Exception):
    """The question cannot be judged on this picture; the message says why. It is no failure."""


class ModelUnavailable(Unscored):
    """A model could not be loaded: a fault of ours, not of the picture."""

    def __init__(self, model: str, error: Exception) -> None:
        super().__init__(f"the {model} could not be loaded ({type(error).__name__}: {error})")
