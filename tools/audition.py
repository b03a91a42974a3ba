"""Who passes for their age in the eyes of the judge: `python tools/audition.py [--strengths] [--out TABLE]`.

Draws every person of each of the twelve cells of age and gender, asks facemon's own models, and writes who is
turned down into the table of `facemon.simulator.portraits.auditions`. First as a drawing of 512 pixels, reduced to
256: whoever does not show exactly one face, the gender asked for with a probability of at least 0.8, and an
apparent age within 7 years. Then as served by default, with the photograph's grain at 1536 pixels: whose
`prompt_adherence` is below 0.4 (the checks take 0.2; the rest is the margin for formats and other sizes: the models
see up to 15 years otherwise there). Takes about half an hour of one core. The same result each time: nothing in it
is left to chance. Not part of the package, because the simulator must not know the judge.

`--strengths` tries, for each cell, how strongly it wears its make-up before that, and keeps the strength with the
fewest misses among the first sixty people; without it the strengths stay as they are. `--make-up` is the table of
`tools/fit_portraits.py` that is worn.
"""

from __future__ import annotations

import argparse
import io
import json
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.prompt_adherence import PromptAdherence
from facemon.simulator.portraits import auditions, casting, fitted, painter
from facemon.simulator.portraits.dice import Dice
from facemon.simulator.portraits.photograph import enlarge, grained
from facemon.vision.models import attribute_networks, face_finder
from facemon.vision.subject import Subject

GENDERS = ("female", "male")
MARGIN = 7.0  # years
SUREST = 0.8
SERVED = 1536  # pixels: what the default model paints where a square is asked for
SURE_ENOUGH = 0.4
TRIED = ((1.0, 1.0), (1.15, 1.15), (1.35, 1.35), (1.5, 1.5), (1.3, 0.5))  # for everybody, for dark skin
UNSEEN = (
    30.0  # years that somebody without a face or of the other gender counts as, where strengths are equal
)

Cell = tuple[str, int]
Strength = list[float]


def wear(make_up: Path) -> None:
    """Have a drawing process put on this table."""
    fitted.TABLE = make_up


def drawing(cell: Cell, strength: Strength, number: int) -> Image.Image:
    """One person, made up that strongly."""
    gender, age = cell
    auditions.strengths(gender)[auditions.AGES.index(age)] = strength
    fitted.table.cache_clear()
    backdrop = Dice(age, gender, number, "backdrop")
    painter.imagine = lambda *_: casting.cast(age, gender, number, backdrop)  # type: ignore[assignment]
    return painter.draw_portrait(age, gender, number)


def difference(cell: Cell, strength: Strength, number: int) -> float:
    """Years that the judge sees too much in one person; infinite where it sees no face or the other gender."""
    return seen_in(drawing(cell, strength, number), cell)


def seen_in(drawn: Image.Image, cell: Cell) -> float:
    """The same of a drawing."""
    gender, age = cell
    pixels = np.ascontiguousarray(np.asarray(drawn.reduce(2)))
    faces = face_finder().find(pixels)
    if len(faces) != 1:
        return float("inf")
    found = attribute_networks().read(face_finder(), pixels, faces[0])
    probability = found.male if gender == "male" else 1 - found.male
    return found.age - age if probability >= SUREST else float("inf")


def final_difference(cell: Cell, strength: Strength, number: int) -> float:
    """As `difference`; infinite also for who would not pass as served."""
    drawn = drawing(cell, strength, number)
    years = seen_in(drawn, cell)
    return years if abs(years) <= MARGIN and adherence(drawn, cell, number) >= SURE_ENOUGH else float("inf")


def adherence(drawn: Image.Image, cell: Cell, number: int) -> float:
    """The probability that the picture as served shows who was asked for; 0 where nobody can tell."""
    file = io.BytesIO()
    grained(enlarge(drawn, SERVED, SERVED), number).save(file, "PNG", compress_level=0)
    try:
        return (
            PromptAdherence().evaluate(Subject(file.getvalue()), Asked(age=cell[1], gender=cell[0])).raw
            or 0.0
        )
    except Unscored:
        return 0.0


def differences(pool: ProcessPoolExecutor, cell: Cell, strength: Strength, people: int) -> np.ndarray:
    """`difference` of the first people of a cell, shape (people,)."""
    return _asked(pool, difference, cell, strength, people)


def _asked(
    pool: ProcessPoolExecutor,
    question: Callable[[Cell, Strength, int], float],
    cell: Cell,
    strength: Strength,
    people: int,
) -> np.ndarray:
    return np.array(list(pool.map(partial(question, cell, strength), range(people), chunksize=5)))


def best_strength(pool: ProcessPoolExecutor, cell: Cell, people: int) -> Strength:
    """The strength whose misses are fewest, then whose errors are smallest. A beard wears what everybody does."""

    def cost(strength: Strength) -> tuple[int, float]:
        errors = np.abs(differences(pool, cell, strength, people))
        return int((errors > MARGIN).sum()), float(np.minimum(errors, UNSEEN).mean())

    return min(([everybody, dark, everybody] for everybody, dark in TRIED), key=cost)


def audition(pool: ProcessPoolExecutor, cell: Cell, strength: Strength, people: int) -> list[int]:
    """The numbers of those who are turned down."""
    gender, age = cell
    errors = _asked(pool, final_difference, cell, strength, people)
    turned_down = np.flatnonzero(np.abs(errors) > MARGIN).tolist()
    seen = errors[np.isfinite(errors)]
    those_taken = (
        f"{seen.mean():+.1f} years on average, deviation {seen.std():.1f}" if len(seen) else "nobody"
    )
    print(
        f"{gender} {age}, worn at {strength}: {len(turned_down)} of {people} turned down; those taken {those_taken}",
        flush=True,
    )
    return turned_down


def main() -> None:
    """Choose the strengths if that is wanted, audition everybody, write the table."""
    options = parsed()
    table = json.loads(auditions.TABLE.read_text("utf-8"))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.processes, context, wear, (options.make_up,)) as pool:
        for gender in GENDERS:
            for place, age in enumerate(auditions.AGES):
                worn = table["strengths"][gender]
                if options.strengths:
                    worn[place] = best_strength(pool, (gender, age), options.sample)
                turned_down = audition(pool, (gender, age), worn[place], options.people)
                table["turned_down"][gender][str(age)] = turned_down
    options.out.write_text(written(table), "utf-8")
    print(f"written: {options.out}")
    if options.out == auditions.TABLE:
        print("now raise painter.DRAWING_VERSION: other people stand before the camera")


def parsed() -> argparse.Namespace:
    """The options, checked before anybody is drawn."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    add = parser.add_argument
    add(
        "--people",
        type=int,
        default=auditions.PEOPLE,
        help="of each cell (fewer: a trial, with an --out of its own)",
    )
    add("--processes", type=int, default=2)
    add("--strengths", action="store_true", help="choose how strongly each wears its make-up")
    add("--sample", type=int, default=60, help="people to choose a strength by")
    add("--make-up", type=Path, default=fitted.TABLE, help="the table to wear, .npy (default: facemon's own)")
    add(
        "--out", type=Path, default=auditions.TABLE, help="the table to write, .json (default: facemon's own)"
    )
    options = parser.parse_args()
    if min(options.people, options.processes, options.sample) < 1:
        parser.error("people, processes and a sample are at least one each")
    if options.people != auditions.PEOPLE and options.out == auditions.TABLE:
        parser.error(f"facemon's own table is of {auditions.PEOPLE} people: name another one with --out")
    if not options.make_up.is_file() or not options.out.absolute().parent.is_dir():
        parser.error("there is no such --make-up, or no folder for --out")
    return options


def written(table: dict[str, dict[str, Any]]) -> str:
    """The table as JSON, a cell a line."""
    parts = []
    for name, by_gender in table.items():
        rows = []
        for gender, cells in by_gender.items():
            named = isinstance(cells, dict)
            lines = (
                [f'    "{age}": {people}' for age, people in cells.items()]
                if named
                else [f"    {strength}" for strength in cells]
            )
            opening, closing = "{}" if named else "[]"
            rows.append(f'  "{gender}": {opening}\n' + ",\n".join(lines) + f"\n  {closing}")
        parts.append(f' "{name}": {{\n' + ",\n".join(rows) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
