"""The evaluators: an open set. A new one is a file here, a line in this table, its test, its name in the README.

In the order in which a person would ask: is it a picture at all, is it a good portrait, is it who was asked for. What
hides other things stands before them: a picture in the dark or full of noise has no detail either. A report that can
name one fault names the first.
"""

from facemon.evaluators.age import Age
from facemon.evaluators.background import Background
from facemon.evaluators.base import Question
from facemon.evaluators.compression import Compression
from facemon.evaluators.decodes import Decodes
from facemon.evaluators.dynamic_range import DynamicRange
from facemon.evaluators.exposure import Exposure
from facemon.evaluators.face_count import FaceCount
from facemon.evaluators.format_asked import FormatAsked
from facemon.evaluators.framing import Framing
from facemon.evaluators.gender import Gender
from facemon.evaluators.illumination import Illumination
from facemon.evaluators.natural_colour import NaturalColour
from facemon.evaluators.noise import Noise
from facemon.evaluators.not_blank import NotBlank
from facemon.evaluators.not_blurred import NotBlurred
from facemon.evaluators.ofiq import Ofiq
from facemon.evaluators.pose import Pose
from facemon.evaluators.prompt_adherence import PromptAdherence
from facemon.evaluators.resolution import Resolution
from facemon.evaluators.safety import Safety
from facemon.evaluators.sharpness import Sharpness
from facemon.evaluators.size_asked import SizeAsked
from facemon.evaluators.text_similarity import TextSimilarity

EVALUATORS: dict[str, type[Question]] = {
    "decodes": Decodes,
    "format": FormatAsked,
    "size": SizeAsked,
    "not_blank": NotBlank,
    "not_blurred": NotBlurred,
    "face_count": FaceCount,
    "framing": Framing,
    "pose": Pose,
    "exposure": Exposure,
    "dynamic_range": DynamicRange,
    "noise": Noise,
    "compression": Compression,
    "sharpness": Sharpness,
    "resolution": Resolution,
    "illumination": Illumination,
    "background": Background,
    "natural_colour": NaturalColour,
    "gender": Gender,
    "age": Age,
    "prompt_adherence": PromptAdherence,
    "ofiq": Ofiq,
    "safety": Safety,
    "text_similarity": TextSimilarity,
}
