"""`facemon generate`: a face into a file, shown in the terminal with its metadata."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facemon.cli.options import Faults, MaxCredits, Model, Provider, Store, Target, examples
from facemon.cli.trouble import CommandError
from facemon.cli.values import number_or_text

_EXAMPLES = examples(
    (
        "facemon generate --age 30 --gender female",
        "a face from the built-in simulator into the current folder",
    ),
    (
        "facemon generate --age 70 --gender male --seed 7 --format webp",
        "the same face whenever it is asked again",
    ),
    ("facemon generate --count 4 --out faces", "four faces of random age and gender into the folder faces"),
    (
        "facemon generate --age 30 --gender male --fault internal_error:times=1",
        "watch a failed attempt tried again",
    ),
    (
        "facemon generate --age 30 --gender female --target live --max-credits 3",
        "a real one, for 0.03 USD: export STABILITY_API_KEY=… first",
    ),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(generate)


def generate(
    age: Annotated[str | None, typer.Option(metavar="20|30|40|50|60|70", help="The face's age.")] = None,
    gender: Annotated[str | None, typer.Option(metavar="male|female", help="The face's gender.")] = None,
    prompt: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="A prompt of your own (English), instead of age and gender."),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="1 to 4294967294; default: the service picks one. With --count: fixes the choice.",
        ),
    ] = None,
    aspect_ratio: Annotated[
        str, typer.Option(metavar="RATIO", help="21:9, 16:9, 3:2, 5:4, 1:1, 4:5, 2:3, 9:16 or 9:21.")
    ] = "1:1",
    output_format: Annotated[
        str | None,
        typer.Option("--format", metavar="png|jpeg|webp", help="Default: by the file's ending, else png."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Where to; default: face-AGE-GENDER-SEED.png here. With --count: a folder."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there already.")] = False,
    count: Annotated[
        str | None,
        typer.Option(metavar="N", help="A training set: N faces of random age and gender, into a folder."),
    ] = None,
    target: Target = None,
    model: Model = None,
    provider: Provider = None,
    max_credits: MaxCredits = None,
    fault: Faults = None,
    store: Store = None,
    no_record: Annotated[
        bool, typer.Option("--no-record", help="Keep no record of it in the store.")
    ] = False,
) -> int:
    """Generate a face into a file, and show it with all that is known of it.

    Exit codes: 0 a sound picture came in time · 1 the service failed or was slow · 4 a wrong option
    11 unknown (key, credits, rate limit, budget, own network)
    """
    from facemon.cli import asking, one_face, training
    from facemon.cli.reach import settings_of
    from facemon.judges import evaluators_of

    settings = settings_of(
        target=target, model=model, provider=provider, max_credits=max_credits, fault=fault, store=store
    )
    pictures = asking.Pictures(number_or_text(seed), aspect_ratio, output_format, out, force)
    if count is not None:
        if age or gender or prompt is not None:
            raise CommandError(
                f"--count {count} asks for random faces, which have no --age, --gender or --prompt",
                "leave them out, or leave out --count",
            )
        evaluators_of(settings)  # refused before a folder is made; what it loads is kept for the monitor
        return training.run(settings, number_or_text(count), pictures, record=not no_record)
    request = asking.request_for(age, gender, prompt, pictures)
    evaluators_of(settings)
    return one_face.run(settings, request, Path(out) if out else None, force=force, record=not no_record)
