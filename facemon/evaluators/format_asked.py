"""Is it in the format that was asked for?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, NotAsked, Question, Threshold
from facemon.vision.subject import Subject


class FormatAsked(Question):
    """The format found in the bytes, whatever the content type says."""

    name = "format"
    source = "the vendor's field output_format"
    default_threshold = Threshold(100, "yes or no")
    advice = "read the request in its record; if it asked for the right format, tell the vendor"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        if asked.format is None:
            raise NotAsked
        if subject.format == asked.format:
            return Answer(100, passed=True)
        return Answer(0, passed=False, reason=f"{subject.format} where {asked.format} was asked for")
