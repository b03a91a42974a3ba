"""A prompt template by its name, or from a file of one's own, so that a wording is compared before it is built in."""

from __future__ import annotations

import tomllib
from pathlib import Path

from facemon.errors import InvalidInput
from facemon.model import FaceRequest
from facemon.prompts import TEMPLATES, PromptTemplate

_FIELDS = {"name", "version", "text", "negative"}
_EXAMPLE = (
    'a TOML file with name = "…", version = "…" and text = "… {age} … {person} …" (and, if wanted, negative)'
)


def template_of(text: str) -> PromptTemplate:
    """A built-in template, or the one that a TOML file describes. Raises InvalidInput."""
    if text in TEMPLATES:
        return TEMPLATES[text]
    path = Path(text)
    if not path.is_file():
        raise InvalidInput("prompt template", text, f"one of {', '.join(sorted(TEMPLATES))}, or {_EXAMPLE}")
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput("prompt template", text, f"{_EXAMPLE}; this one cannot be read: {error}") from None
    return _checked(text, said)


def _checked(path: str, said: dict[str, object]) -> PromptTemplate:
    words = {key: value for key, value in said.items() if isinstance(value, str) and value.strip()}
    unknown = sorted(set(said) - _FIELDS)
    missing = sorted(_FIELDS - {"negative"} - set(words))
    if unknown or missing or len(words) < len(said):
        trouble = (
            f"{', '.join(missing)} missing" if missing else f"{', '.join(unknown) or 'negative'} not accepted"
        )
        raise InvalidInput("prompt template", path, f"{_EXAMPLE}; here: {trouble}")
    template = PromptTemplate(words["name"], words["version"], words["text"], words.get("negative", ""))
    built_in = TEMPLATES.get(template.name)
    if built_in is not None and built_in.version == template.version and built_in != template:
        raise InvalidInput(
            "prompt template", path, f"another version than {template.version}: that one has other words"
        )
    try:
        one, other = (
            template.fill(FaceRequest(age, gender)) for age, gender in ((20, "male"), (70, "female"))
        )
    except (KeyError, IndexError, ValueError) as error:
        raise InvalidInput(
            "prompt template", path, f"texts with {{age}} and {{person}} in braces only ({error})"
        ) from None
    if one.prompt == other.prompt:
        raise InvalidInput(
            "prompt template", path, "a text with {age} and {person}: this one asks for one and the same face"
        )
    return template
