"""Has the face tones from dark to light?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.aligned import face_luminance
from facemon.vision.light import entropy
from facemon.vision.subject import Subject

# ISO/IEC 29794-5 gives full marks for 8 bits, which no photograph has. From here on more tones make none better, and
# noise, which adds some, wins no marks.
_FULL = 6.0


class DynamicRange(Question):
    """The entropy of the face's grey values, full marks from 6 bits on.

    Raises Unscored without exactly one face.
    """

    name = "dynamic_range"
    source = "ISO/IEC 29794-5, dynamic range: entropy of the luminance, scaled to 6 bits"
    weight = 0.05
    default_threshold = Threshold(
        80, "4.8 bits; 56 real portraits: 6.3 to 7.7, and 3.9 to 5.4 with a fifth of the contrast"
    )
    advice = "look for fog or flat light on it, and compare its contrast with the last good run"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        bits = entropy(subject.view(face_luminance))
        return self.answer(
            100 * bits / _FULL, bits, "bits", f"few tones in the face: entropy of {bits:.1f} bits"
        )
