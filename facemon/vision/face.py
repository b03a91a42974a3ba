"""Where a face is in a picture, and how it is turned: plain geometry on a box and five landmarks."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import atan2, cos, degrees, hypot, radians, sin

import numpy as np
from numpy.typing import NDArray

from facemon.vision.models import Rgb, Sighting

_EYE_RIGHT, _EYE_LEFT, _NOSE = slice(0, 2), slice(2, 4), 4
# How far the base of the nose lies before the eyes, and the chin below them, in distances between the eyes: of the
# mean three-dimensional shape of 68 landmarks that InsightFace publishes with its own landmark model.
_NOSE_DEPTH, _CHIN_DROP = 0.43, 1.70
_NARROWEST = 0.5  # cosine: beyond 60 degrees the estimate of the angle is none

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Face:
    """A face in the upright picture's own pixels; left and right are the viewer's.

    box: left, top, right, bottom, from the brows to the chin; may reach beyond the picture · left_eye, right_eye:
    centres · nose: base of the nose · confidence: the detector's own, 0 at its threshold · sighting, pixels: the
    face as the models saw it, and in what.
    """

    box: tuple[float, float, float, float]
    left_eye: Point
    right_eye: Point
    nose: Point
    confidence: float
    sighting: Sighting = field(repr=False)
    pixels: Rgb = field(repr=False)

    @property
    def eye_distance(self) -> float:
        """Between the centres of the eyes, in pixels."""
        return hypot(self.right_eye[0] - self.left_eye[0], self.right_eye[1] - self.left_eye[1])

    @property
    def eye_middle(self) -> Point:
        """Half way between the eyes."""
        return (self.left_eye[0] + self.right_eye[0]) / 2, (self.left_eye[1] + self.right_eye[1]) / 2

    @property
    def roll(self) -> float:
        """Degrees by which the line of the eyes leans, clockwise positive."""
        return degrees(atan2(self.right_eye[1] - self.left_eye[1], self.right_eye[0] - self.left_eye[0]))

    @property
    def yaw(self) -> float:
        """Degrees by which the head is turned to the viewer's right (positive) or left, within 90; an estimate.

        The base of the nose lies before the eyes: turned by an angle it moves along their line by depth x sine,
        while the eyes come closer together by the cosine, so that the quotient is depth x tangent.
        """
        (x, y), (middle_x, middle_y), lean = self.nose, self.eye_middle, radians(self.roll)
        aside = (x - middle_x) * cos(lean) + (y - middle_y) * sin(lean)
        return degrees(atan2(aside, _NOSE_DEPTH * self.eye_distance))

    @property
    def frontal_eye_distance(self) -> float:
        """The distance between the eyes as it would be from the front, in pixels (ISO/IEC 29794-5)."""
        return self.eye_distance / max(cos(radians(self.yaw)), _NARROWEST)

    @property
    def chin_drop(self) -> float:
        """From the middle of the eyes to the chin, in pixels: T of ISO/IEC 29794-5, of a head of mean proportions."""
        return _CHIN_DROP * self.frontal_eye_distance

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the box in pixels."""
        left, top, right, bottom = self.box
        return right - left, bottom - top


def placed(sighting: Sighting, pixels: Rgb, scale: float) -> Face:
    """A sighting in reduced `pixels` as a face in a picture `scale` times as large."""
    points: NDArray[np.float64] = (sighting.points + 0.5) * scale
    left, top, right, bottom = sighting.box

    def centre(part: slice) -> Point:
        x, y = points[part].mean(axis=0)
        return float(x), float(y)

    return Face(
        box=(left * scale, top * scale, (right + 1) * scale, (bottom + 1) * scale),
        left_eye=centre(_EYE_LEFT),
        right_eye=centre(_EYE_RIGHT),
        nose=(float(points[_NOSE][0]), float(points[_NOSE][1])),
        confidence=sighting.confidence,
        sighting=sighting,
        pixels=pixels,
    )
