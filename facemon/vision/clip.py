"""CLIP: pictures and texts as directions in one space (Radford et al., ICML 2021), from ONNX files of the user's."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facemon.vision.byte_pairs import BytePairs
from facemon.vision.sessions import open_session

FILES = ("vision.onnx", "text.onnx", "vocab.json", "merges.txt")
_SIDE, _CONTEXT = 224, 77  # pixels and tokens of CLIP's published models, where the files leave them open
# Mean and standard deviation of each colour in its training pictures, as published with it, of values 0 to 1.
_MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
_SPREAD = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)

Direction = NDArray[np.float64]
"""A vector of length 1."""


class Clip:
    """One pair of models. folder: `vision.onnx`, `text.onnx`, `vocab.json` and `merges.txt`.

    Their first input is the pixels, shape (1, 3, side, side), or the numbers of the tokens, shape (1, context); their
    output `image_embeds` or `text_embeds`, or the first one, is the vector. Raises whatever is wrong with a file.
    """

    def __init__(self, folder: Path) -> None:
        self._words = BytePairs.load(folder)
        self._vision, self._text = open_session(folder / "vision.onnx"), open_session(folder / "text.onnx")
        self._side = _declared(self._vision, _SIDE)
        self._context = _declared(self._text, _CONTEXT)
        self.text = lru_cache(maxsize=64)(self._read)  # a monitor asks for the same few faces again and again
        self.text("")  # a text model that does not run is found now

    def image(self, picture: Image.Image) -> Direction:
        """Where an RGB picture points: its middle square, as the model was trained."""
        scale = self._side / min(picture.size)
        across, down = ((length - self._side / scale) / 2 for length in picture.size)
        square = picture.resize(
            (self._side, self._side),
            Image.Resampling.BICUBIC,
            (across, down, picture.width - across, picture.height - down),
            reducing_gap=2,
        )
        values = (np.asarray(square, np.float32) / np.float32(255) - _MEAN) / _SPREAD
        return _direction(self._vision, np.ascontiguousarray(values.transpose(2, 0, 1)[None]), "image_embeds")

    def _read(self, text: str) -> Direction:
        """Where a text points; what is beyond the context is cut off."""
        tokens = self._words.encode(text, self._context)
        return _direction(self._text, np.array([tokens], np.int64), "text_embeds")


def _declared(session: Any, default: int) -> int:
    """The last dimension of a model's first input, where it is fixed."""
    last = session.get_inputs()[0].shape[-1]
    return last if isinstance(last, int) else default


def _direction(session: Any, batch: NDArray[Any], name: str) -> Direction:
    first, *others = (each.name for each in session.get_inputs())
    # Some exports ask which tokens to look at: all of them, the model itself stops at the end of the text.
    feed = {first: batch, **{other: np.ones(batch.shape, np.int64) for other in others}}
    outputs = [each.name for each in session.get_outputs()]
    (vector,) = session.run([name if name in outputs else outputs[0]], feed)
    vector = np.asarray(vector, np.float64)[0]
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 0 else vector)
