"""Has it the size that is documented for what was asked?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, NotAsked, Question, Threshold
from facemon.vision.subject import Subject


class SizeAsked(Question):
    """Width and height in pixels, exactly."""

    name = "size"
    source = "the vendor's table of sizes by model and aspect ratio"
    default_threshold = Threshold(100, "yes or no")
    advice = "compare the vendor's table of sizes with what was asked: it may have changed"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        if asked.size is None:
            raise NotAsked
        found, wanted = subject.size, asked.size
        if found == wanted:
            return Answer(100, passed=True, raw=1.0, unit="of the area asked")
        return Answer(
            0,
            passed=False,
            raw=found[0] * found[1] / (wanted[0] * wanted[1]),
            unit="of the area asked",
            reason=f"{found[0]}x{found[1]} where {wanted[0]}x{wanted[1]} was asked for",
        )
