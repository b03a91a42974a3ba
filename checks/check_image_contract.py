"""The picture is what was asked for: whole, in the format and the size documented, and a picture of something."""

import pytest

from facemon import ASPECT_RATIOS, FORMATS, FaceRequest

FACE = {"age": 40, "gender": "female"}


# What a file owes whatever is on it; good portraits are the subject of another check.
FILE = ("decodes", "format", "size", "not_blank", "not_blurred")


async def soundness(result):
    """Why the picture's file is not sound; empty when it is."""
    quality = (await result.scored()).quality
    faults = [score for score in quality.failed if score.evaluator in FILE]
    return "; ".join(f"{score.evaluator}: {score.reason}" for score in faults)


@pytest.mark.parametrize("output_format", FORMATS)
async def check_the_format_asked_for_comes(facemon, output_format):
    """PNG, JPEG and WebP each come as such, complete and sharp."""
    if output_format not in facemon.formats:
        pytest.skip(f"not applicable: this API does not paint {output_format}")
    result = await facemon.generate(**FACE, output_format=output_format)
    assert not await soundness(result)
    assert result.image.metadata.format == output_format


@pytest.mark.parametrize("aspect_ratio", ASPECT_RATIOS)
async def check_the_documented_size_comes(facemon, aspect_ratio):
    """Each aspect ratio has the documented width and height."""
    result = await facemon.generate(**FACE, aspect_ratio=aspect_ratio)
    assert not await soundness(result)
    assert (result.image.metadata.width, result.image.metadata.height) == facemon.expected_size(aspect_ratio)


async def check_json_holds_the_same_kind_of_picture(facemon):
    """The reply as JSON with base64 in it carries a sound picture too."""
    result = await facemon.generate(FaceRequest(**FACE), json=True)
    assert not await soundness(result)


async def check_a_seed_repeats_its_picture(facemon):
    """The seed that the service reports, asked for again, paints the same pixels (the file's bytes may differ)."""
    first = await facemon.generate(**FACE)
    seed = first.image.metadata.seed
    assert seed, "the service did not report the seed it used"
    again = await facemon.generate(**FACE, seed=seed)
    assert again.image.metadata.seed == seed
    assert again.image.pixel_hash() == first.image.pixel_hash()
