"""Is the face neither too dark nor burnt to white?"""

from __future__ import annotations

from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.aligned import face_luminance
from facemon.vision.light import burnt_share, highlight
from facemon.vision.measures import sigmoid
from facemon.vision.subject import Subject

# The lightest twentieth of the face, as a share of white. The mean, which ISO/IEC 29794-5 takes, tells dark skin from
# light skin; but skin of any colour has lights on it where light falls.
_DARK, _DARK_WIDTH = 0.25, 0.04
# Burnt pixels, as a share of the face. The curve of ISO/IEC 29794-5, 1 / (share + 0.01), takes half of the marks for
# a shining forehead.
_BURNT, _BURNT_WIDTH = 0.15, 0.03


class Exposure(Question):
    """The lower of under- and over-exposure of the face: its highlights, and the share of it that is burnt.

    Raises Unscored without exactly one face.
    """

    name = "exposure"
    source = "ISO/IEC 29794-5, under- and over-exposure prevention, luminance: with other curves"
    weight = 0.10
    default_threshold = Threshold(
        50,
        "56 real portraits: highlights at 39 to 90 % of white, below 23 % with values x 0.25; burnt up to 0.2 % of "
        "the face, half of it with values x 2",
    )
    advice = "compare its light with the last good run; if most are like it, ask for even light in the prompt"

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        grey = subject.view(face_luminance)
        lights, burnt = highlight(grey), burnt_share(grey)
        lit = 100 * sigmoid(lights, _DARK, _DARK_WIDTH)
        kept = 100 * (1 - sigmoid(burnt, _BURNT, _BURNT_WIDTH))
        reason = (
            f"the face is too dark: its highlights reach {100 * lights:.0f} % of white"
            if lit < kept
            else f"{100 * burnt:.0f} % of the face is burnt to white"
        )
        return self.answer(min(lit, kept), lights, "of white, the highlights of the face", reason)
