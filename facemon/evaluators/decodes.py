"""Does the picture decode to its last byte?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked
from facemon.vision.subject import Subject, Unreadable


class Decodes:
    """Pillow decodes every pixel, with truncated files refused."""

    name = "decodes"
    version = "1"
    source = "the formats' own specifications, as Pillow implements them"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        try:
            width, height = subject.size
        except Unreadable as error:
            return Answer(0, passed=False, reason=f"does not decode ({error})", breaks_picture=True)
        return Answer(100, passed=True, raw=width * height, unit="pixels")
