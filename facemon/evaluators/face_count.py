"""Is there exactly one face?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.subject import Subject


class FaceCount(Question):
    """How many frontal faces the detector finds: full marks for one, none for any other number."""

    name = "face_count"
    source = "ISO/IEC 29794-5, single face present; dlib's frontal face detector"
    weight = 0.10
    default_threshold = Threshold(50, "27 real close portraits at 256 pixels: one face found in each")

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        count = len(subject.faces)
        return self.answer(
            100 if count == 1 else 0,
            count,
            "faces",
            "no face was found" if not count else f"{count} faces, where one was asked for",
        )
