"""Is there exactly one face?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.subject import Subject

# The detector knows frontal faces only: why it found none, it cannot say.
_NONE = "no frontal face was found: there is none, it is turned away, or cut off"


class FaceCount(Question):
    """How many frontal faces the detector finds: full marks for one, none for any other number."""

    name = "face_count"
    source = "ISO/IEC 29794-5, single face present; dlib's frontal face detector"
    weight = 0.10
    default_threshold = Threshold(50, "27 real close portraits at 256 pixels: one face found in each")
    advice = "look who is on it, and ask with other seeds; if most are like it, compare the prompt with a good run's"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        count = len(subject.faces)
        return self.answer(
            100 if count == 1 else 0,
            count,
            "face" if count == 1 else "faces",
            f"{count} faces, where one was asked for" if count else _NONE,
        )
