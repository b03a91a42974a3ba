"""What each fault must look like to somebody who only sees the run: the expected detection matrix."""

from __future__ import annotations

from dataclasses import dataclass

AVAILABILITY = "check_availability"
CONTRACT = "check_image_contract"
DIVERSITY = "check_diversity"
ADHERENCE = "check_prompt_adherence"
QUALITY = "check_face_quality"
RESPONSE_TIME = "check_response_time"

# Options that make a run short without changing what it sees.
SHORT = ("--facemon-samples", "12", "--facemon-give-up-after", "2", "--facemon-attempt-timeout", "2")
# Faults of the API need no judge of portraits: those checks have rows of their own below.
SHORT += ("-k", "not portraits and not any_seed and not seeds_are_different")
# A slow service answers in the end: the promise of 3 s stays as it is, the attempt's deadline too.
SLOW = ("--facemon-samples", "2", "-k", "availability or response_time")
# What shows on the picture alone: the file's own promises are checked too, and must hold.
PICTURE = ("--facemon-samples", "12", "-k", "availability or portraits or seeds_are_different or json_holds")


@dataclass(frozen=True)
class Expected:
    """One row. error_type: None where the picture came and an evaluator found it wanting."""

    fault: str
    check: str
    state: str
    error_type: str | None
    options: tuple[str, ...] = SHORT
    settings: str = ""

    @property
    def exit_code(self) -> int:
        """11 for what tells nothing of the service, 1 for what does."""
        return 11 if self.state == "unknown" else 1


MATRIX = (
    Expected("bad_content_type", AVAILABILITY, "down", "invalid_request"),
    Expected("bad_enum", AVAILABILITY, "down", "invalid_request"),
    Expected("bad_gateway", AVAILABILITY, "down", "server_error"),
    Expected("blank_image", CONTRACT, "degraded", None),
    Expected("blurred", QUALITY, "degraded", None, PICTURE),
    Expected("connection_refused", AVAILABILITY, "down", "connection"),
    Expected("connection_reset", AVAILABILITY, "down", "connection"),
    Expected("content_filtered", AVAILABILITY, "degraded", "content_filtered"),
    Expected("empty_body", AVAILABILITY, "down", "invalid_image"),
    Expected("face_cut_off", QUALITY, "degraded", None, PICTURE),
    Expected("gateway_timeout", AVAILABILITY, "down", "server_error"),
    Expected("hang", AVAILABILITY, "down", "timeout"),
    Expected("heavy_compression", QUALITY, "degraded", None, PICTURE),
    Expected("internal_error", AVAILABILITY, "down", "server_error"),
    Expected("invalid_language", AVAILABILITY, "down", "invalid_request"),
    Expected("missing_finish_reason", AVAILABILITY, "down", "invalid_response"),
    Expected("moderated", AVAILABILITY, "degraded", "moderated"),
    Expected("no_face", QUALITY, "degraded", None, PICTURE),
    Expected("noisy", QUALITY, "degraded", None, PICTURE),
    Expected("not_found", AVAILABILITY, "down", "not_found"),
    Expected("overexposed", QUALITY, "degraded", None, PICTURE),
    Expected("payload_too_large", AVAILABILITY, "down", "invalid_request"),
    Expected("payment_required", AVAILABILITY, "unknown", "payment_required"),
    Expected("profile", QUALITY, "degraded", None, PICTURE),
    Expected("prompt_required", AVAILABILITY, "down", "invalid_request"),
    Expected("public_figure", AVAILABILITY, "down", "invalid_request"),
    Expected("rate_limited", AVAILABILITY, "unknown", "rate_limited"),
    Expected("rate_limited_with_retry_after", AVAILABILITY, "unknown", "rate_limited"),
    Expected("same_face", DIVERSITY, "degraded", None, PICTURE),
    Expected("service_unavailable", AVAILABILITY, "down", "server_error"),
    Expected("silently_blurred", CONTRACT, "degraded", None),
    Expected("slow_body", RESPONSE_TIME, "degraded", None, SLOW),
    Expected("slow_headers", RESPONSE_TIME, "degraded", None, SLOW),
    Expected("truncated_body", AVAILABILITY, "down", "connection"),
    Expected("truncated_picture", AVAILABILITY, "down", "invalid_image"),
    Expected("two_faces", QUALITY, "degraded", None, PICTURE),
    Expected("unauthorized", AVAILABILITY, "unknown", "unauthorized"),
    Expected("undecodable_body", AVAILABILITY, "down", "invalid_image"),
    Expected("underexposed", QUALITY, "degraded", None, PICTURE),
    Expected("unknown_finish_reason", AVAILABILITY, "down", "invalid_response"),
    Expected("upscaled", QUALITY, "degraded", None, PICTURE),
    Expected("wrong_age", ADHERENCE, "degraded", None, PICTURE),
    Expected("wrong_content_type", AVAILABILITY, "down", "invalid_response"),
    Expected("wrong_gender", ADHERENCE, "degraded", None, PICTURE),
    Expected("wrong_size", CONTRACT, "degraded", None),
)


def table() -> str:
    """The matrix as the documentation shows it."""
    lines = ["| fault | check | state | error type | exit code |", "|---|---|---|---|---|"]
    for row in MATRIX:
        kind = f"`{row.error_type}`" if row.error_type else "–"
        lines.append(f"| `{row.fault}` | `{row.check}` | {row.state} | {kind} | {row.exit_code} |")
    return "\n".join(lines)
