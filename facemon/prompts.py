"""A face request in words: named, versioned templates.

The wording follows what the community reports to work for a neutral head-and-shoulders photograph: subject and age
first, because earlier words weigh more, then expression, clothing, background, light and lens. A template's text
never changes: a new wording is a new version, so that a record always says what was asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from facemon.errors import InvalidInput
from facemon.model import FaceRequest, ImageRequest

_NOUNS = {"male": "man", "female": "woman"}


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """`text` and `negative` may use {age} (years) and {person} (`man` or `woman`)."""

    name: str
    version: str
    text: str
    negative: str

    def fill(self, request: FaceRequest) -> ImageRequest:
        """The words for one face."""
        words = {"age": request.age, "person": _NOUNS[request.gender]}
        return ImageRequest(
            prompt=self.text.format(**words),
            negative_prompt=self.negative.format(**words),
            seed=request.seed,
            aspect_ratio=request.aspect_ratio,
            output_format=request.output_format,
            face=request,
            template=self.name,
            template_version=self.version,
        )


HEADSHOT = PromptTemplate(
    name="headshot",
    version="1",
    text=(
        "a {age}-year-old {person}, head and shoulders portrait, looking into the camera, neutral friendly "
        "expression, plain clothing, plain light-grey background, even soft frontal light, 85mm lens, "
        "photorealistic photograph"
    ),
    negative=(
        "blurry, deformed, cartoon, two people, group, profile, looking away, eyes closed, sunglasses, hat, "
        "hand over the face, harsh shadow, text, watermark"
    ),
)

TEMPLATES = {HEADSHOT.name: HEADSHOT}


def template(name: str) -> PromptTemplate:
    """The template of that name. Raises InvalidInput with the names there are."""
    try:
        return TEMPLATES[name]
    except KeyError:
        raise InvalidInput("prompt template", name, "one of " + ", ".join(sorted(TEMPLATES))) from None
