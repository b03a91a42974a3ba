"""Does the picture decode to its last byte?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unreadable


class Decodes(Question):
    """Pillow decodes every pixel, with truncated files refused."""

    name = "decodes"
    source = "the formats' own specifications, as Pillow implements them"
    default_threshold = Threshold(100, "yes or no")
    advice = "ask for it again with its seed; if it breaks again, give the vendor its request id"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        try:
            width, height = subject.size
        except Unreadable as error:
            return Answer(0, passed=False, reason=f"does not decode ({error})", breaks_picture=True)
        return Answer(100, passed=True, raw=width * height, unit="pixels")
