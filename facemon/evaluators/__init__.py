"""The evaluators: an open set. A new one is a file here, a line in this table, its test, its name in the README."""

from facemon.evaluators.base import Evaluator
from facemon.evaluators.decodes import Decodes
from facemon.evaluators.format_asked import FormatAsked
from facemon.evaluators.not_blank import NotBlank
from facemon.evaluators.not_blurred import NotBlurred
from facemon.evaluators.size_asked import SizeAsked

EVALUATORS: dict[str, type[Evaluator]] = {
    "decodes": Decodes,
    "format": FormatAsked,
    "not_blank": NotBlank,
    "not_blurred": NotBlurred,
    "size": SizeAsked,
}
