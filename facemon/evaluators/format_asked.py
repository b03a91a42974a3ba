"""Is it in the format that was asked for?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Unscored
from facemon.vision.subject import Subject


class FormatAsked:
    """The format found in the bytes, whatever the content type says."""

    name = "format"
    version = "1"
    source = "the vendor's field output_format"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        if asked.format is None:
            raise Unscored("no format was asked for")
        if subject.format == asked.format:
            return Answer(100, passed=True)
        return Answer(0, passed=False, reason=f"{subject.format} where {asked.format} was asked for")
