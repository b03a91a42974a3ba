"""The client: everything that talks HTTP to a provider."""

from facemon.client.client import FaceClient, choose_model, queued_for
from facemon.client.exchange import curl_line
from facemon.client.faces import (
    TrainingSet,
    check_count,
    generate_face_image,
    generate_image,
    generate_training_set,
)

__all__ = [
    "FaceClient",
    "TrainingSet",
    "check_count",
    "choose_model",
    "curl_line",
    "generate_face_image",
    "generate_image",
    "generate_training_set",
    "queued_for",
]
