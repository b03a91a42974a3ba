"""One look at a picture: decoded once, reduced once, its faces found once; every evaluator reads from it.

Each view is made when it is first asked for: a picture that does not decode still has its bytes, and an evaluator
that needs only the format does not wait for a face.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from math import ceil, sqrt
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from PIL import Image

from facemon.vision.decoding import decode, upright
from facemon.vision.face import Face, placed
from facemon.vision.models import Attributes, Rgb, attribute_networks, face_finder
from facemon.vision.trouble import Unreadable, Unscored, again

if TYPE_CHECKING:
    from numpy.typing import NDArray

REDUCED_SIDE = (
    320  # pixels of the shorter side at which the classical measures of the whole picture are taken
)
_MOST_REDUCED = (
    1_000_000  # pixels; a strip of 300 by 50 000 is reduced further, so that no measure takes seconds
)
# At 256 pixels the detector found exactly one face in each of 27 real portraits, at 1024 in 26, in a seventh of the
# time; age and gender change no more than between other sizes.
SEARCHED_SIDE = 256
_LONGEST_SEARCHED = 1024
# The detector's smallest face is 80 pixels: a head that fills less than a third of a picture is seen at this size.
_SECOND_LOOK = 512

View = TypeVar("View")


class Subject:
    """One picture under judgement. `data`: the encoded bytes as they were served. For one thread at a time."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._views: dict[Callable[[Any], Any], Any] = {}

    def view(self, make: Callable[[Subject], View]) -> View:
        """`make(subject)`, made once however many evaluators ask; what it raises is raised each time."""
        if make not in self._views:
            try:
                self._views[make] = make(self)
            except (Unscored, Unreadable) as why:
                self._views[make] = again(why)
        found = self._views[make]
        if isinstance(found, Exception):
            raise again(found)
        return found  # type: ignore[no-any-return]

    @property
    def image(self) -> Image.Image:
        """The picture, decoded to its last byte. Raises Unreadable."""
        if isinstance(self._decoded, Unreadable):
            raise again(self._decoded)
        return self._decoded

    @cached_property
    def _decoded(self) -> Image.Image | Unreadable:
        return decode(self.data)

    @property
    def format(self) -> str:
        """`png`, `jpeg`, `webp`, or whatever else Pillow found, in lower case. Raises Unreadable."""
        return (self.image.format or "unknown").lower()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, as stored. Raises Unreadable."""
        return self.image.size

    @cached_property
    def rgb(self) -> Image.Image:
        """The picture as a viewer shows it, mode RGB. Raises Unreadable."""
        return upright(self.image)

    @cached_property
    def luminance(self) -> NDArray[np.float32]:
        """Grey values 0 to 255 (ITU-R 601-2 luma), shape (height, width), the shorter side about 320 pixels.

        At most a million of them. Averaged over whole blocks of pixels, which is what makes it cheap. Raises
        Unreadable.
        """
        width, height = self.rgb.size
        factor = max(1, min(width, height) // REDUCED_SIDE, ceil(sqrt(width * height / _MOST_REDUCED)))
        reduced = self.rgb.reduce(factor) if factor > 1 else self.rgb
        return np.asarray(reduced.convert("L"), dtype=np.float32)

    @cached_property
    def searched(self) -> Rgb:
        """The pixels in which faces are looked for: the shorter side 256, unless that makes the longer one huge."""
        return scaled(self.rgb, SEARCHED_SIDE)

    @property
    def faces(self) -> tuple[Face, ...]:
        """Every face that was found, the largest first, in pixels of `rgb`. Raises Unreadable, ModelUnavailable."""
        return self.view(_find_faces)

    @property
    def face(self) -> Face:
        """The one face. Raises Unscored where there is none or more than one, Unreadable, ModelUnavailable."""
        faces = self.faces
        if len(faces) != 1:
            raise Unscored("no face was found" if not faces else f"{len(faces)} faces were found, not one")
        return faces[0]

    @property
    def attributes(self) -> Attributes:
        """Age and gender of the one face. Raises as `face`."""
        return self.view(_read_attributes)


def scaled(image: Image.Image, side: int) -> Rgb:
    """The pixels of a picture whose shorter side is brought to `side`, and no side beyond four times that."""
    shorter, longer = sorted(image.size)
    scale = min(side / shorter, max(side, _LONGEST_SEARCHED) / longer)
    factor = int(1 / scale + 1e-6)
    if factor > 1:
        image = image.reduce(factor)
    width, height = (max(1, round(each * scale * max(1, factor))) for each in image.size)
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.ascontiguousarray(np.asarray(image))


def _find_faces(subject: Subject) -> tuple[Face, ...]:
    found = _look(subject, subject.searched)
    if not found and min(subject.rgb.size) > SEARCHED_SIDE:
        found = _look(subject, scaled(subject.rgb, _SECOND_LOOK))
    return found


def _look(subject: Subject, pixels: Rgb) -> tuple[Face, ...]:
    scale = subject.rgb.width / pixels.shape[1]
    return tuple(placed(sighting, pixels, scale) for sighting in face_finder().find(pixels))


def _read_attributes(subject: Subject) -> Attributes:
    face = subject.face
    return attribute_networks().read(face_finder(), face.pixels, face.sighting)
