"""A picture as it was judged: the face's box, eyes and nose drawn on it, and every score beside it."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from facemon.model import MonitoringData
from facemon.plugin import panel
from facemon.vision.face import Face
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unreadable, Unscored

SIDE = 640  # pixels of the picture's longer side, as it is shown
MARK = (255, 193, 7)  # amber: seen on any skin
_EDGE = (0, 0, 0)  # a thin line beside the amber, which white clothes would swallow
_POINT = 4  # pixels: radius of a mark


def annotated(data: bytes, record: MonitoringData) -> bytes | None:
    """A PNG of the picture with what was found in it; None where the bytes do not decode."""
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
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
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
