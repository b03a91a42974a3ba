"""What `facemon generate` asks for, and what it costs, before anything is sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from facemon import FaceClient, FaceRequest, ImageRequest
from facemon.cli.reach import check_target, costs_money
from facemon.cli.saving import format_of
from facemon.cli.trouble import CommandError
from facemon.config import Settings
from facemon.errors import InvalidInput

_LONGEST_PROMPT = 10_000  # characters, of the vendor's current API


@dataclass(frozen=True, slots=True)
class Pictures:
    """The options that shape a picture, whoever is in it. `seed` is judged by FaceRequest."""

    seed: Any
    aspect_ratio: str
    output_format: str | None
    out: str | None
    force: bool

    def face(self, age: Any, gender: Any) -> FaceRequest:
        """A face with these options. Raises InvalidInput for each that is wrong."""
        output_format = format_of(self.output_format, self.out)
        return FaceRequest(age, gender, self.seed, self.aspect_ratio, output_format)


def request_for(
    age: str | None, gender: str | None, prompt: str | None, pictures: Pictures
) -> FaceRequest | ImageRequest:
    """The request of one picture. Raises InvalidInput or CommandError."""
    from facemon.cli.values import number_or_text

    if prompt is None:
        if age is None or gender is None:
            missing = "--gender" if age else "--age" if gender else "--age and --gender"
            raise CommandError(
                f"{missing} missing: a face has an age (20, 30, 40, 50, 60 or 70) and a gender (male or female)",
                "facemon generate --age 30 --gender female   (or --prompt TEXT, or --count N)",
            )
        return pictures.face(number_or_text(age), gender)
    if age or gender:
        raise CommandError(
            f"--prompt {prompt!r} comes in place of --age and --gender", "give the one or the other two"
        )
    if not 1 <= len(prompt.strip()) <= _LONGEST_PROMPT:
        raise InvalidInput("prompt", prompt, f"a text of 1 to {_LONGEST_PROMPT} characters")
    face = pictures.face(30, "female")  # judges seed, ratio and format
    return ImageRequest(prompt, "", face.seed, face.aspect_ratio, face.output_format)


def quote(
    settings: Settings, request: FaceRequest | ImageRequest, faces: int = 1, called: str = "pictures"
) -> str:
    """What it will cost, in a sentence, when there is nothing to refuse beforehand. Raises FacemonError."""
    model, price, formats = asyncio.run(_terms(settings, request))
    if request.output_format not in formats:
        raise InvalidInput(
            "format", request.output_format, f"one that {settings.provider} paints: {', '.join(formats)}"
        )
    total = price * faces
    what = "one picture" if faces == 1 else f"each of {faces} {called}"
    money = f"{total / 100:.4g} USD" if costs_money(settings) else "play money"
    together = f", together {total:g}" if faces > 1 else ""
    sentence = f"{what} on {model} costs {price:g} credits{together} ({money})"
    check_target(settings, sentence)
    return sentence


async def _terms(
    settings: Settings, request: FaceRequest | ImageRequest
) -> tuple[str, float, tuple[str, ...]]:
    async with FaceClient(settings) as client:
        return client.model, client.price(client.words(request)), client.provider.formats
