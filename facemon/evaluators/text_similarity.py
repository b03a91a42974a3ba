"""Does it look like what the prompt says?"""

from __future__ import annotations

from pathlib import Path

from facemon.errors import ConfigError, shorten
from facemon.evaluators.base import Answer, Asked, NotAsked, Question, Unscored
from facemon.vision.calibration import UNCALIBRATED, Calibration
from facemon.vision.clip import FILES, Clip
from facemon.vision.subject import Subject

_WEIGHT = 2.5  # w of CLIPScore, which spreads the similarities that occur over 0 to 1


class TextSimilarity(Question):
    """CLIPScore: 250 times the cosine of the angle between picture and prompt, at least 0, at most 100.

    It informs: what is a good value depends on the model and on the prompt. model: the folder of a CLIP model in
    ONNX, see `facemon.vision.clip`. Raises ConfigError when it is made without one.
    """

    name = "text_similarity"
    source = "Hessel et al., CLIPScore: a reference-free evaluation metric for image captioning, EMNLP 2021"
    extra = "text-similarity"

    def __init__(self, calibration: Calibration = UNCALIBRATED, model: str | Path | None = None) -> None:
        super().__init__(calibration)
        files = ", ".join(FILES)
        if model is None:
            raise ConfigError(
                f"the evaluator text_similarity needs a CLIP model: set FACEMON_CLIP_MODEL to a folder with {files}"
            )
        try:
            self._clip = Clip(Path(model))
        except Exception as error:  # missing or damaged files, or models of another kind
            raise ConfigError(
                f"the CLIP model in {model} cannot be loaded ({type(error).__name__}: {shorten(str(error), 160)}): "
                f"give a folder with {files}"
            ) from error

    def evaluate(self, subject: Subject, asked: Asked) -> Answer:
        if asked.prompt is None:
            raise NotAsked
        cosine = float(self._clip.image(subject.rgb) @ self._clip.text(asked.prompt))
        if not -1.001 <= cosine <= 1.001:  # a model that leaves the range of its numbers
            raise Unscored(f"the CLIP model gave a similarity of {cosine:g}")
        return self.answer(
            100 * _WEIGHT * cosine,
            cosine,
            "cosine similarity",
            f"far from its prompt: similarity {cosine:.2f}",
        )
