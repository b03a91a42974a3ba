"""Every way to misbehave, by the name a fault plan uses. One more: a file here and a line in this table."""

from __future__ import annotations

from facemon.simulator.faults.bad_content_type import BadContentType
from facemon.simulator.faults.bad_enum import BadEnum
from facemon.simulator.faults.bad_gateway import BadGateway
from facemon.simulator.faults.base import Fault
from facemon.simulator.faults.blank_image import BlankImage
from facemon.simulator.faults.blurred import Blurred
from facemon.simulator.faults.connection_refused import ConnectionRefused
from facemon.simulator.faults.connection_reset import ConnectionReset
from facemon.simulator.faults.content_filtered import ContentFiltered
from facemon.simulator.faults.empty_body import EmptyBody
from facemon.simulator.faults.face_cut_off import FaceCutOff
from facemon.simulator.faults.gateway_timeout import GatewayTimeout
from facemon.simulator.faults.hang import Hang
from facemon.simulator.faults.heavy_compression import HeavyCompression
from facemon.simulator.faults.internal_error import InternalError
from facemon.simulator.faults.invalid_language import InvalidLanguage
from facemon.simulator.faults.missing_finish_reason import MissingFinishReason
from facemon.simulator.faults.moderated import Moderated
from facemon.simulator.faults.no_face import NoFace
from facemon.simulator.faults.noisy import Noisy
from facemon.simulator.faults.not_found import NotFound
from facemon.simulator.faults.overexposed import Overexposed
from facemon.simulator.faults.payload_too_large import PayloadTooLarge
from facemon.simulator.faults.payment_required import PaymentRequired
from facemon.simulator.faults.profile import Profile
from facemon.simulator.faults.prompt_required import PromptRequired
from facemon.simulator.faults.public_figure import PublicFigure
from facemon.simulator.faults.rate_limited import RateLimited
from facemon.simulator.faults.rate_limited_with_retry_after import RateLimitedWithRetryAfter
from facemon.simulator.faults.same_face import SameFace
from facemon.simulator.faults.service_unavailable import ServiceUnavailable
from facemon.simulator.faults.silently_blurred import SilentlyBlurred
from facemon.simulator.faults.slow_body import SlowBody
from facemon.simulator.faults.slow_headers import SlowHeaders
from facemon.simulator.faults.truncated_body import TruncatedBody
from facemon.simulator.faults.truncated_picture import TruncatedPicture
from facemon.simulator.faults.two_faces import TwoFaces
from facemon.simulator.faults.unauthorized import Unauthorized
from facemon.simulator.faults.undecodable_body import UndecodableBody
from facemon.simulator.faults.underexposed import Underexposed
from facemon.simulator.faults.unknown_finish_reason import UnknownFinishReason
from facemon.simulator.faults.upscaled import Upscaled
from facemon.simulator.faults.wrong_age import WrongAge
from facemon.simulator.faults.wrong_content_type import WrongContentType
from facemon.simulator.faults.wrong_gender import WrongGender
from facemon.simulator.faults.wrong_size import WrongSize

FAULTS: dict[str, type[Fault]] = {
    "bad_content_type": BadContentType,
    "bad_enum": BadEnum,
    "bad_gateway": BadGateway,
    "blank_image": BlankImage,
    "blurred": Blurred,
    "connection_refused": ConnectionRefused,
    "connection_reset": ConnectionReset,
    "content_filtered": ContentFiltered,
    "empty_body": EmptyBody,
    "face_cut_off": FaceCutOff,
    "gateway_timeout": GatewayTimeout,
    "hang": Hang,
    "heavy_compression": HeavyCompression,
    "internal_error": InternalError,
    "invalid_language": InvalidLanguage,
    "missing_finish_reason": MissingFinishReason,
    "moderated": Moderated,
    "no_face": NoFace,
    "noisy": Noisy,
    "not_found": NotFound,
    "overexposed": Overexposed,
    "payload_too_large": PayloadTooLarge,
    "payment_required": PaymentRequired,
    "profile": Profile,
    "prompt_required": PromptRequired,
    "public_figure": PublicFigure,
    "rate_limited": RateLimited,
    "rate_limited_with_retry_after": RateLimitedWithRetryAfter,
    "same_face": SameFace,
    "service_unavailable": ServiceUnavailable,
    "silently_blurred": SilentlyBlurred,
    "slow_body": SlowBody,
    "slow_headers": SlowHeaders,
    "truncated_body": TruncatedBody,
    "truncated_picture": TruncatedPicture,
    "two_faces": TwoFaces,
    "unauthorized": Unauthorized,
    "undecodable_body": UndecodableBody,
    "underexposed": Underexposed,
    "unknown_finish_reason": UnknownFinishReason,
    "upscaled": Upscaled,
    "wrong_age": WrongAge,
    "wrong_content_type": WrongContentType,
    "wrong_gender": WrongGender,
    "wrong_size": WrongSize,
}
