"""The application's calls: a face, a picture from a prompt, a training set."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from facemon.client.client import FaceClient
from facemon.errors import GenerationError, InvalidInput
from facemon.model import AGES, GENDERS, FaceImage, FaceRequest, ImageRequest


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """The faces of a training round, and the errors of those that could not be had: what was paid for is kept."""

    faces: tuple[FaceImage, ...]
    failures: tuple[GenerationError, ...]


async def generate_face_image(
    *,
    age: int,
    gender: str,
    seed: int | None = None,
    aspect_ratio: str = "1:1",
    output_format: str = "png",
    client: FaceClient | None = None,
) -> FaceImage:
    """One face from the API, with its metadata.

    age: 20, 30, 40, 50, 60 or 70 · gender: `male` or `female` · seed: None lets the API pick one · client: keeps its
    connections between calls; without one a client is made from the environment and closed again.
    Raises InvalidInput before anything is sent, GenerationError when no picture came.
    """
    request = FaceRequest(age, gender, seed, aspect_ratio, output_format)
    async with _given_or_new(client) as own:
        return await own.generate_face(request)


async def generate_image(
    prompt: str, *, request: ImageRequest | None = None, client: FaceClient | None = None
) -> FaceImage:
    """A picture from a raw prompt, sent as it is: what the service must refuse, it has to see.

    request: everything beside the prompt. Raises GenerationError when no picture came.
    """
    if not isinstance(prompt, str):
        raise InvalidInput("prompt", prompt, "a text")
    fields = request or ImageRequest(prompt)
    if fields.prompt != prompt:
        raise InvalidInput("prompt", prompt, "the prompt of the request given beside it, or no request")
    async with _given_or_new(client) as own:
        return await own.generate(fields)


async def generate_training_set(
    count: int,
    *,
    random_seed: int | None = None,
    client: FaceClient | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> TrainingSet:
    """`count` faces, each of a random age and gender, side by side, as the application's training mode makes them.

    random_seed: makes the choice of ages and genders repeatable · progress: called with (done, count).
    Raises InvalidInput for a count that is not a whole number of at least 1.
    """
    check_count(count)
    chance = random.Random(random_seed)
    requests = [FaceRequest(chance.choice(AGES), chance.choice(GENDERS)) for _ in range(count)]
    done = 0

    async def one(request: FaceRequest) -> FaceImage | GenerationError:
        nonlocal done
        try:
            return await own.generate_face(request)
        except GenerationError as error:
            return error
        finally:
            done += 1
            if progress:
                progress(done, count)

    async with _given_or_new(client) as own:
        answers = await asyncio.gather(*map(one, requests))
    return TrainingSet(
        tuple(answer for answer in answers if isinstance(answer, FaceImage)),
        tuple(answer for answer in answers if isinstance(answer, GenerationError)),
    )


def check_count(count: object, most: int = 100_000) -> None:
    """Raise InvalidInput unless it is a number of faces."""
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= most:
        raise InvalidInput("count", count, f"a whole number from 1 to {most}")


@asynccontextmanager
async def _given_or_new(client: FaceClient | None) -> AsyncIterator[FaceClient]:
    if client is not None:
        yield client
        return
    async with FaceClient() as own:
        yield own
