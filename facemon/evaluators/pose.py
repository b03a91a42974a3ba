"""Does the face look at the camera, upright?"""

from __future__ import annotations

from math import cos, radians

from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.subject import Subject

_FREE = 15.0  # degrees: so far a portrait may turn; five landmarks tell no finer anyway


class Pose(Question):
    """The squared cosine of the angle, beyond 15 degrees, by which the head is turned (yaw) or leans (roll).

    The larger of the two counts. The yaw is an estimate from five landmarks, see `Face.yaw`. A head turned by more
    than about 60 degrees is none for a detector of frontal faces: `face_count` finds it missing. Raises Unscored
    without exactly one face.
    """

    name = "pose"
    source = "ISO/IEC 29794-5, head pose: squared cosine, here of what exceeds 15 degrees"
    weight = 0.10
    default_threshold = Threshold(
        75,
        "45 degrees, where half of the face turns out of sight; 56 real portraits turn or lean by 43 at most",
    )
    advice = "look at it, and ask with other seeds; if most are like it, ask for a frontal view in the prompt"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        face = subject.face
        angle, how = max((abs(face.yaw), "turned aside"), (abs(face.roll), "leaning"))
        score = 100 * max(0.0, cos(radians(max(0.0, angle - _FREE)))) ** 2
        return self.answer(score, angle, "degrees", f"the head is {how} by {angle:.0f} degrees")
