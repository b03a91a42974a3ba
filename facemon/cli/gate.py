"""`facemon gate`: may a candidate take the baseline's place?"""

from __future__ import annotations

from typing import Annotated

import typer

from facemon.cli.options import Faults, MaxCredits, Model, Provider, Store, Target, examples

_EXAMPLES = examples(
    ("facemon gate --candidate-fault wrong_age", "another person than was asked for: see it fail (exit 1)"),
    (
        "facemon gate --candidate-fault slow_headers:seconds=0.2",
        "answers too late; a p95 takes a hundred pairs and more",
    ),
    (
        "facemon gate --max-samples 20",
        "the same on both sides: too few samples, and how many it takes (exit 10)",
    ),
    (
        "facemon gate --candidate-model ultra --margin credits=200% --max-samples 8",
        "a model that costs more, and may",
    ),
    (
        "facemon gate --target live --candidate-template new.toml --max-credits 9000",
        "a new wording on the real service: export STABILITY_API_KEY=… first",
    ),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(gate)


def gate(
    target: Target = None,
    model: Model = None,
    provider: Provider = None,
    template: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE", help="How a face is put in words: a template's name, or a TOML file."
        ),
    ] = None,
    candidate_target: Annotated[
        str | None, typer.Option(metavar="sim|mock|live|URL", help="The candidate's, where it is another.")
    ] = None,
    candidate_model: Annotated[
        str | None, typer.Option(metavar="NAME", help="The candidate's, where it is another.")
    ] = None,
    candidate_provider: Annotated[
        str | None, typer.Option(metavar="NAME", help="The candidate's, where it is another.")
    ] = None,
    candidate_template: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="The candidate's, where it is another.")
    ] = None,
    candidate_fault: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[:KEY=VALUE,…]",
            help="Let the candidate alone misbehave (sim, mock), to see the gate fail; may be given several times.",
        ),
    ] = None,
    baseline_run: Annotated[
        str | None,
        typer.Option(
            metavar="ID|last",
            help="Compare with a kept run, its requests asked again, instead of asking both.",
        ),
    ] = None,
    margin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC=AMOUNT",
            help="How much worse is allowed, such as response_time.p95=10%, or METRIC=off; may be given several times.",
        ),
    ] = None,
    max_samples: Annotated[
        str, typer.Option(metavar="N", help="At most so many pairs of pictures.")
    ] = "2000",
    max_credits: MaxCredits = None,
    seed: Annotated[str, typer.Option(metavar="N", help="Of the faces, and of who is asked first.")] = "0",
    fault: Faults = None,
    store: Store = None,
    markdown: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the verdict for people into this file.")
    ] = None,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the verdict for machines into this file.")
    ] = None,
) -> int:
    """Compare a candidate with a baseline, and say whether it may take its place.

    Both are asked for the same faces, in random order, until each metric is shown
    to be no worse than its margin allows (pass), one is shown to be worse (fail),
    or the samples or the credits are spent (inconclusive, with what is missing).
    A candidate is another model, template, provider or target.

    Margins: success_rate=1% first_attempt_success_rate=1% response_time.p95=10%
    sound_picture_rate=1% quality_score.mean=2 prompt_adherence.mean=0.01
    diversity_score=10 credits.mean=0% (percentage points for a rate; of the
    baseline's figure for times and credits)

    Exit codes: 0 pass · 1 fail · 2 interrupted · 3 a fault of facemon's own
    4 a wrong option · 10 too few samples to tell · 11 unknown (no data: key,
    budget, a dead target, pictures without a score, an empty baseline run)
    """
    from facemon.cli import gating
    from facemon.cli.reach import settings_of
    from facemon.cli.values import whole
    from facemon.judges import prepare
    from facemon.release.margins import margins_of

    common = {"max_credits": max_credits, "store": store}
    before = settings_of(target=target, model=model, provider=provider, fault=fault, **common)
    after = settings_of(
        target=candidate_target or target,
        model=candidate_model or model,
        provider=candidate_provider or provider,
        fault=[*(fault or ()), *(candidate_fault or ())] or None,
        **common,
    )
    margins = margins_of(margin or (), kept=baseline_run is not None)
    if baseline_run is None and any(each.of_pictures for each in margins):
        prepare(after)  # what describes its people is refused before a file is touched
    return gating.run(
        before,
        after,
        gating.Choice(
            templates=(template, candidate_template or template),
            baseline_run=baseline_run,
            margins=margins,
            max_pairs=whole("max_samples", max_samples, 1, 100_000),
            seed=whole("seed", seed, 0, 2**63 - 1),
            files=(markdown, json),
        ),
    )
