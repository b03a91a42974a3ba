"""A picture as it was judged: the face's box, eyes and nose drawn on it, and every score beside it.

Made for a report, in which many may lie: as JPEG, a quarter to a third of the bytes of the same sheet as PNG.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

from PIL import Image, ImageDraw

from facemon.model import MonitoringData
from facemon.plugin import panel
from facemon.vision.face import Face
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unreadable, Unscored

SIDE = 640  # pixels of the picture's longer side, as it is shown
_SMALL = 512  # pixels of the longer side of a preview
# Colour at full resolution where thin amber lines and red letters are, at a quality that leaves them clean.
_SHEET, _PREVIEW = {"quality": 85, "subsampling": 0}, {"quality": 80}
MARK = (255, 193, 7)  # amber: seen on any skin
_EDGE = (0, 0, 0)  # a thin line beside the amber, which white clothes would swallow
_POINT = 4  # pixels: radius of a mark


def annotated(data: bytes, record: MonitoringData) -> bytes | None:
    """A JPEG of the picture with what was found in it; None where the bytes do not decode."""
    sheet = drawn(data, record)
    return None if sheet is None else _encoded(sheet, _SHEET)


def preview(data: bytes) -> bytes | None:
    """A JPEG of the picture with no side beyond 512 pixels; None where the bytes do not decode."""
    try:
        small = Subject(data).rgb.copy()
    except Unreadable:
        return None
    small.thumbnail((_SMALL, _SMALL))
    return _encoded(small, _PREVIEW)


def drawn(data: bytes, record: MonitoringData) -> Image.Image | None:
    """The picture on the left, the panel of its scores on the right; None where the bytes do not decode."""
    subject = Subject(data)
    try:
        picture = subject.rgb
        faces = subject.faces
    except Unreadable:
        return None
    except Unscored:  # without the detector the scores are still worth seeing
        faces = ()
    scale = SIDE / max(picture.size)
    shown = picture.resize((max(1, round(picture.width * scale)), max(1, round(picture.height * scale))))
    for face in faces:
        _mark(ImageDraw.Draw(shown), face, scale)
    rows = panel.rows(record)
    sheet = Image.new("RGB", (SIDE + panel.WIDTH, max(SIDE, panel.height(rows))), panel.PAPER)
    sheet.paste(shown, ((SIDE - shown.width) // 2, 0))
    panel.draw(ImageDraw.Draw(sheet), SIDE, rows)
    return sheet


def _encoded(image: Image.Image, settings: Mapping[str, int]) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", **settings)
    return stream.getvalue()


def _mark(draw: ImageDraw.ImageDraw, face: Face, scale: float) -> None:
    left, top, right, bottom = (edge * scale for edge in face.box)
    draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=_EDGE)
    draw.rectangle((left, top, right, bottom), outline=MARK, width=3)
    for x, y in (face.left_eye, face.right_eye, face.nose):
        middle_x, middle_y = x * scale, y * scale
        for radius, colour, width in ((_POINT + 1, _EDGE, 1), (_POINT, MARK, 2)):
            edges = (middle_x - radius, middle_y - radius, middle_x + radius, middle_y + radius)
            draw.ellipse(edges, outline=colour, width=width)
