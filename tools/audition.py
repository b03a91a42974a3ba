"""Who passes for their age in the eyes of the judge: `python tools/audition.py [--people N] [--processes N]`.

Draws every person of each of the twelve cells of age and gender as they are judged (a drawing of 512 pixels, reduced
to 256), asks facemon's own models, and writes who is turned down into the table of
`facemon.simulator.portraits.auditions`: whoever does not show exactly one face, the gender asked for with a probability
of at least 0.8, and an apparent age within 7 years (the checks allow more; the rest is the margin for what sizes,
formats and grain change). Takes about 14 minutes of one core. The same result each time: nothing in it is left to
chance. Not part of the package, because the simulator must not know the judge.

`--strengths` tries, for each cell, how strongly it wears its make-up before that, and keeps the strength with the
fewest misses among the first sixty people.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np

from facemon.simulator.portraits import auditions, casting, fitted, painter
from facemon.simulator.portraits.dice import Dice
from facemon.vision.models import attribute_networks, face_finder

GENDERS = ("female", "male")
MARGIN = 7.0  # years
SUREST = 0.8
TRIED = ((1.0, 1.0), (1.15, 1.15), (1.35, 1.35), (1.5, 1.5), (1.3, 0.5))  # for everybody, for dark skin
SAMPLE = 60

Cell = tuple[str, int]


def difference(cell: Cell, number: int) -> float:
    """Years that the judge sees too much in one person; infinite where it sees no face or the other gender."""
    gender, age = cell
    backdrop = Dice(age, gender, number, "backdrop")
    painter.imagine = lambda *_: casting.cast(age, gender, number, backdrop)  # type: ignore[assignment]
    pixels = np.ascontiguousarray(np.asarray(painter.draw_portrait(age, gender, number).reduce(2)))
    faces = face_finder().find(pixels)
    if len(faces) != 1:
        return float("inf")
    found = attribute_networks().read(face_finder(), pixels, faces[0])
    probability = found.male if gender == "male" else 1 - found.male
    return found.age - age if probability >= SUREST else float("inf")


def with_strength(cell: Cell, strength: tuple[float, float], number: int) -> float:
    """`difference`, the cell's make-up worn as strongly as this."""
    gender, age = cell
    fitted.table.cache_clear()
    worn = [*strength, strength[0]]
    auditions.strengths(gender)[auditions.AGES.index(age)] = worn
    return difference(cell, number)


def best_strength(pool: ProcessPoolExecutor, cell: Cell) -> list[float]:
    """The strength whose misses are fewest, then whose errors are smallest."""

    def cost(strength: tuple[float, float]) -> tuple[int, float]:
        errors = np.abs(list(pool.map(partial(with_strength, cell, strength), range(SAMPLE), chunksize=5)))
        return int((errors > MARGIN).sum()), float(np.minimum(errors, 30).mean())

    chosen = min(TRIED, key=cost)
    return [*chosen, chosen[0]]


def main() -> None:
    """Audition everybody and write the table."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--people", type=int, default=auditions.PEOPLE, help="of each cell (fewer: a trial)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--strengths", action="store_true", help="choose how strongly each wears its make-up")
    options = parser.parse_args()
    cells = [(gender, age) for gender in GENDERS for age in auditions.AGES]
    table = json.loads(auditions.TABLE.read_text("utf-8"))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, mp_context=context) as pool:
        if options.strengths:
            for gender, age in cells:
                table["strengths"][gender][auditions.AGES.index(age)] = best_strength(pool, (gender, age))
                print(
                    gender, age, "strength", table["strengths"][gender][auditions.AGES.index(age)], flush=True
                )
            write(table)
            print("written: now run it again without --strengths", file=sys.stderr)
            return
        for gender, age in cells:
            errors = np.array(
                list(pool.map(partial(difference, (gender, age)), range(options.people), chunksize=8))
            )
            turned_down = np.flatnonzero(np.abs(errors) > MARGIN).tolist()
            seen = errors[np.isfinite(errors)]
            print(
                f"{gender} {age}: {len(turned_down)} of {len(errors)} turned down; "
                f"all of them {seen.mean():+.1f} years on average, deviation {seen.std():.1f}",
                flush=True,
            )
            table["turned_down"][gender][str(age)] = turned_down
    if options.people == auditions.PEOPLE:
        write(table)


def write(table: dict[str, dict[str, object]]) -> None:
    """The table, a cell a line."""
    parts = []
    for name, by_gender in table.items():
        rows = []
        for gender, cells in by_gender.items():
            items = cells.items() if isinstance(cells, dict) else enumerate(cells)  # type: ignore[arg-type]
            lines = [
                f'    "{key}": {value}' if isinstance(cells, dict) else f"    {value}" for key, value in items
            ]
            opening, closing = ("{", "}") if isinstance(cells, dict) else ("[", "]")
            rows.append(f'  "{gender}": {opening}\n' + ",\n".join(lines) + f"\n  {closing}")
        parts.append(f' "{name}": {{\n' + ",\n".join(rows) + "\n }")
    auditions.TABLE.write_text("{\n" + ",\n".join(parts) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
