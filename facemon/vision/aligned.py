"""The one face, upright and at one size: the view for measures of skin and light."""

from __future__ import annotations

from functools import cache
from math import cos, radians, sin
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from facemon.vision.light import luma
from facemon.vision.models import Rgb

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facemon.vision.subject import Subject

WIDTH, HEIGHT = 160, 192  # pixels: from above the brows to the chin
EYE_DISTANCE = 64  # pixels
EYE_LINE = 64  # pixels from above; the eyes stand at 48 and 112 from the left
# The face within it, for measures that must not see hair or wall: an ellipse from the brows to the chin.
_CENTRE, _RADII = (80.0, 98.0), (56.0, 80.0)
_CHEEK = round(0.15 * EYE_DISTANCE)  # half the side of a cheek's square, in pixels
_CHEEK_MIDDLE = EYE_LINE + EYE_DISTANCE // 2  # the mouth lies one eye distance below the eyes


def aligned_face(subject: Subject) -> Rgb:
    """The face as pixels of shape (192, 160, 3). Raises as `Subject.face`; use it through `Subject.view`."""
    face = subject.face
    pixels = face.pixels
    scale = pixels.shape[1] / subject.rgb.width
    unit = face.eye_distance * scale / EYE_DISTANCE  # source pixels a pixel of the view
    across, down = unit * cos(radians(face.roll)), unit * sin(radians(face.roll))
    x, y = (place * scale for place in face.eye_middle)
    left = x - across * WIDTH / 2 + down * EYE_LINE
    top = y - down * WIDTH / 2 - across * EYE_LINE
    matrix = (across, -down, left, down, across, top)
    view = Image.fromarray(pixels).transform(
        (WIDTH, HEIGHT), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR
    )
    return np.asarray(view)


def aligned_luminance(subject: Subject) -> NDArray[np.float32]:
    """The same in grey values 0 to 255 (ITU-R 601-2 luma), shape (192, 160)."""
    return luma(subject.view(aligned_face))


def face_luminance(subject: Subject) -> NDArray[np.float32]:
    """The grey values of the face's own pixels alone, shape (n,)."""
    return subject.view(aligned_luminance)[face_mask()]


@cache
def face_mask() -> NDArray[np.bool_]:
    """Which pixels of the aligned view are face, shape (192, 160)."""
    rows, columns = np.ogrid[:HEIGHT, :WIDTH]
    distance = ((columns - _CENTRE[0]) / _RADII[0]) ** 2 + ((rows - _CENTRE[1]) / _RADII[1]) ** 2
    return np.asarray(distance <= 1)


@cache
def face_halves() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of them lie on the viewer's left and which on the right, each of shape (192, 160)."""
    columns = np.arange(WIDTH)
    return face_mask() & (columns < WIDTH // 2), face_mask() & (columns >= WIDTH // 2)


def cheeks() -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Rows and columns of the cheek on the left and of that on the right, in the aligned view.

    Squares of 0.3 eye distances, below the eyes by half the way to the mouth (ISO/IEC 29794-5, illumination).
    """
    rows = slice(_CHEEK_MIDDLE - _CHEEK, _CHEEK_MIDDLE + _CHEEK)
    eyes = (WIDTH // 2 - EYE_DISTANCE // 2, WIDTH // 2 + EYE_DISTANCE // 2)
    left, right = (slice(eye - _CHEEK, eye + _CHEEK) for eye in eyes)
    return (rows, left), (rows, right)
