"""A face in words."""

import dataclasses
import hashlib

import pytest

from facemon.errors import InvalidInput
from facemon.model import AGES, GENDERS, FaceRequest
from facemon.prompts import HEADSHOT, TEMPLATES, PromptTemplate, template

# A template's text never changes: a new wording is a new version, with a new line here.
FINGERPRINTS = {("headshot", "1"): "0f2981df548d1983"}


@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("gender", GENDERS)
def test_prompt_says_age_and_gender_first(age, gender):
    """Subject and age come first, because earlier words weigh more; the other gender is not in it."""
    prompt = HEADSHOT.fill(FaceRequest(age, gender)).prompt
    noun = {"male": "man", "female": "woman"}[gender]
    assert prompt.startswith(f"a {age}-year-old {noun}, ")
    assert ("woman" in prompt) == (gender == "female") and "{" not in prompt


def test_fill_carries_everything_else_over():
    """Seed, ratio, format, the face itself, and the template's name and version stand in the request."""
    face = FaceRequest(40, "female", 7, "16:9", "webp")
    image = HEADSHOT.fill(face)
    assert (image.seed, image.aspect_ratio, image.output_format, image.face) == (7, "16:9", "webp", face)
    assert (image.template, image.template_version, image.accept, image.fields) == (
        "headshot",
        "1",
        "image",
        (),
    )


def test_negative_prompt_is_filled_too():
    """The negative words may use the same places."""
    own = PromptTemplate("t", "1", "{person}", "not {age}")
    assert own.fill(FaceRequest(20, "male")).negative_prompt == "not 20"


@pytest.mark.parametrize("name", sorted(TEMPLATES))
@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("gender", GENDERS)
def test_prompts_fit_both_apis(name, age, gender):
    """Positive and negative words stay within v1's 2000 characters, in ASCII."""
    image = template(name).fill(FaceRequest(age, gender))
    assert all(0 < len(text) <= 2000 and text.isascii() for text in (image.prompt, image.negative_prompt))


def test_templates_are_found_by_their_own_name():
    """The table's keys are the templates' names, and each has a version."""
    assert all(template(name).name == name and template(name).version for name in TEMPLATES)


def test_unknown_template_names_those_there_are():
    """An unknown name is refused with the list of names."""
    with pytest.raises(InvalidInput, match=r"prompt template 'haedshot' .*headshot"):
        template("haedshot")


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_version_never_changes_its_text(name):
    """The text of a published version is fixed: who changes it gives it a new version and a line here."""
    own = TEMPLATES[name]
    digest = hashlib.sha256(f"{own.text}\n{own.negative}".encode()).hexdigest()
    assert FINGERPRINTS[name, own.version] == digest[:16]


def test_template_is_frozen():
    """Nobody rewords a template in passing."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        HEADSHOT.text = "x"
