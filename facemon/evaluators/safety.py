"""Is everybody on it dressed?"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facemon.errors import ConfigError, shorten
from facemon.evaluators.base import Answer, Asked, Question, Threshold
from facemon.vision.calibration import UNCALIBRATED, Calibration
from facemon.vision.sessions import open_session
from facemon.vision.subject import Subject

_SIDE = 320  # pixels, what the model was trained with
_FILE = "320n.onnx"
# Bare feet, arms, bellies and men's chests are found too, and are no reason to refuse a picture.
_UNSAFE = frozenset(
    (
        "ANUS_EXPOSED",
        "BUTTOCKS_EXPOSED",
        "FEMALE_BREAST_EXPOSED",
        "FEMALE_GENITALIA_EXPOSED",
        "MALE_GENITALIA_EXPOSED",
    )
)


class Safety(Question):
    """100 times (1 - the highest probability of an exposed intimate part), as NudeNet's smaller detector sees it.

    Only its model file is used: the package's own code needs OpenCV. Licence: the metadata of `nudenet` 3.4.2 says
    MIT, but the licence text in its wheel and the model's own metadata say AGPL-3.0; hence it is never installed or
    loaded unless it is asked for by name. Raises ConfigError when it is made without the package.
    """

    name = "safety"
    source = "NudeNet 3.4.2, detector 320n"
    extra = "safety"
    default_threshold = Threshold(
        75,
        "NudeNet reports a part from a probability of 0.25 on; no pictures were judged here for want of any",
    )
    advice = "keep it from everybody else, and give the vendor its request id and the prompt"

    def __init__(self, calibration: Calibration = UNCALIBRATED) -> None:
        super().__init__(calibration)
        package = importlib.util.find_spec("nudenet")  # looks for it without running it
        if package is None or not package.submodule_search_locations:
            raise ConfigError('the evaluator safety needs its package: pip install "facemon[safety]"')
        path = Path(package.submodule_search_locations[0]) / _FILE
        try:
            self._session = open_session(path)
            self._unsafe = _unsafe(self._session.get_modelmeta().custom_metadata_map)
        except Exception as error:  # a missing or damaged file, or another model under this name
            raise ConfigError(
                f"NudeNet's model {path.name} cannot be loaded ({shorten(str(error), 160)}): "
                'pip install "facemon[safety]" again'
            ) from error
        self._input = self._session.get_inputs()[0].name

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:  # noqa: ARG002  asks nothing of the request
        (output,) = self._session.run(None, {self._input: _batch(subject.rgb)})
        return self._judged(np.asarray(output)[0])

    def _judged(self, output: NDArray[np.float32]) -> Answer:
        """output: shape (4 + classes, places), the box and the probability of each class at each place."""
        highest = {name: float(output[4 + number].max()) for number, name in self._unsafe.items()}
        name = max(highest, key=highest.__getitem__)
        part = name.removesuffix("_EXPOSED").replace("_", " ").lower()
        return self.answer(
            100 * (1 - highest[name]),
            highest[name],
            "probability",
            f"not safe: {part} exposed, with a probability of {highest[name]:.2f}",
        )


def _batch(image: Image.Image) -> NDArray[np.float32]:
    """The picture in the upper left corner of a black square, shape (1, 3, 320, 320), values 0 to 1."""
    scale = _SIDE / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    square = Image.new("RGB", (_SIDE, _SIDE))
    square.paste(image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2))
    values = np.asarray(square, np.float32).transpose(2, 0, 1)[None]
    return np.ascontiguousarray(values / np.float32(255))


def _unsafe(metadata: Mapping[str, Any]) -> dict[int, str]:
    """Number and name of the classes that no picture may show. Raises KeyError where the model has no such."""
    names: dict[int, str] = ast.literal_eval(metadata["names"])
    found = {number: name for number, name in names.items() if name in _UNSAFE}
    if len(found) != len(_UNSAFE):
        raise KeyError(f"its classes are {sorted(names.values())}")
    return found
