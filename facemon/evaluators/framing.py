"""Is the whole head in the picture, and large enough?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.aligned import EYE_DISTANCE
from facemon.vision.face import Face
from facemon.vision.measures import sigmoid
from facemon.vision.subject import Subject

Part = tuple[float, str]
"""A score of 0 to 100, and what is wrong where it is low."""

# Pixels between the eyes: half marks for half of what the aligned face has, which is then mostly made up. The curve of
# ISO/IEC 29794-5, with 70 and 20, is about telling one traveller from another.
_EYES, _EYES_WIDTH = EYE_DISTANCE / 2, 6.0
# From the middle of the eyes to the chin (T of ISO/IEC 29794-5), as a share of the picture's shorter side: passports
# want 0.45, portraits are looser, so the curve of ISO starts at a smaller head.
_HEAD, _HEAD_WIDTH = 0.17, 0.05
# Room around the eyes, in T above and below their middle, and in eye distances beside each of them. Passports want 1.4,
# 1.8 and 0.9; here half marks go to where a face of mean proportions is about to leave the picture: its hair begins at
# 0.7 T, its chin is at 1 T, its cheek ends at 0.6 eye distances. The curve's width is that of ISO.
_ABOVE, _BELOW, _BESIDE, _ROOM_WIDTH = 0.5, 0.9, 0.5, 0.1


class Framing(Question):
    """The lowest of: pixels between the eyes, size of the head, and the room that it has on each side.

    The head is taken for one of mean proportions, as the distance between the eyes implies it. Raises Unscored
    without exactly one face.
    """

    name = "framing"
    source = "ISO/IEC 29794-5, inter-eye distance, head size, crop of the face image: with wider bounds"
    weight = 0.10
    default_threshold = Threshold(
        50,
        "geometry: 32 pixels between the eyes, or a face of mean proportions that leaves the picture; of 56 real "
        "portraits those 10 fail whose forehead is cut off",
    )
    advice = "look at it, and ask with other seeds; if most are like it, ask for the whole head in the prompt"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        face = subject.face
        score, reason = min((_pixels(face), _head(face, subject.rgb.size), *_room(face, subject.rgb.size)))
        return self.answer(score, face.frontal_eye_distance, "pixels between the eyes", reason)


def _pixels(face: Face) -> Part:
    distance = face.frontal_eye_distance
    return 100 * sigmoid(distance, _EYES, _EYES_WIDTH), f"only {distance:.0f} pixels between the eyes"


def _head(face: Face, size: tuple[int, int]) -> Part:
    share = face.chin_drop / min(size)
    missing = max(0.0, _HEAD - share)
    return (
        200 * (1 - sigmoid(missing, 0, _HEAD_WIDTH)),
        f"a small head: from eyes to chin {100 * share:.0f} % of the picture's shorter side",
    )


def _room(face: Face, size: tuple[int, int]) -> tuple[Part, ...]:
    (width, height), (_, y) = size, face.eye_middle
    eyes, chin = max(face.frontal_eye_distance, 1.0), max(face.chin_drop, 1.0)
    rooms = (
        (y / chin, _ABOVE, "above: {:.1f} of the way from eyes to chin over the eyes"),
        ((height - y) / chin, _BELOW, "below: {:.1f} of the way from eyes to chin under the eyes"),
        (face.left_eye[0] / eyes, _BESIDE, "on the left: {:.1f} eye distances beside the eye"),
        ((width - face.right_eye[0]) / eyes, _BESIDE, "on the right: {:.1f} eye distances beside the eye"),
    )
    return tuple(
        (100 * sigmoid(room, bound, _ROOM_WIDTH), "cut off " + text.format(room))
        for room, bound, text in rooms
    )
