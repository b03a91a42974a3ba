"""Settings: the only reader of the environment.

Every field has the same name everywhere: ini key `facemon_<field>`, environment variable `FACEMON_<FIELD>`, command
line `--facemon-<field>`; a later source in this list outranks an earlier one. The key alone has a name of its own,
`STABILITY_API_KEY`, and comes from nowhere but the environment.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from typing import Annotated, Any, TypeGuard
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from facemon.errors import ConfigError, shorten
from facemon.secret import MASK, Secret, redact, secrets_in

KEY_VARIABLE = "STABILITY_API_KEY"
LIVE_URL = "https://api.stability.ai"
_PREFIX = "FACEMON_"
# Variables that are no settings: secrets of channels, and what a scheduled run is told by its surroundings.
_BESIDE = (
    "smtp_user",
    "smtp_password",
    "webhook_secret",
    "apprise_urls",
    "heartbeat_url",
    "schedule",
    "report_url",
)
_RATE = re.compile(r"(\d{1,9})/(\d{1,9}(?:\.\d{1,9})?)s", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9._-]+")
_USER_INFO = re.compile(r"//[^/\s]*@")
_MOST_IN_SEQUENCE = (
    300  # samples; evidence for continuous looking takes 88 clean ones to confirm 95 %, and 59 does not
)


class Settings(BaseSettings):
    """What can be set. Durations are seconds, money is credits (1 credit = 0.01 USD)."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=_PREFIX,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
        populate_by_name=True,
        validate_default=False,
        protected_namespaces=(),
    )

    api_key: Secret | None = Field(None, validation_alias=KEY_VARIABLE, description="the vendor's API key")
    target: str = Field("sim", description="what the checks talk to: sim, mock, live, or a URL")
    base_url: str = Field(LIVE_URL, description="the API's base URL, for the library and `facemon generate`")
    provider: str = Field("stability_v2beta", description="the upstream API")
    model: str | None = Field(None, description="the model; default: the provider's own")
    fault: Annotated[tuple[str, ...], NoDecode] = Field((), description="faults that the simulator injects")
    max_credits: float | None = Field(
        None, ge=0, allow_inf_nan=False, description="the run's hard credit cap"
    )
    store: str = Field(".facemon/facemon.db", min_length=1, description="records: a path or a database URL")
    samples: int = Field(72, ge=1, le=100_000, description="faces that the availability check asks for")
    objective: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="the run's objectives, in place of those that the project or the specification states"
    )
    sequential: bool = Field(False, description="take no more samples than the evidence needs")
    response_time_limit: float = Field(3.0, gt=0, le=3600, description="the promise on the response time")
    give_up_after: int = Field(
        5, ge=0, description="failures in a row after which no more is asked; 0: never"
    )
    attempt_timeout: float = Field(30.0, gt=0, le=3600, description="of one HTTP exchange")
    generation_timeout: float = Field(180.0, gt=0, le=36_000, description="of a request with its retries")
    concurrency: int = Field(8, ge=1, le=1000, description="requests under way at once in one process")
    rate_limit: str = Field("150/10s", description="requests in a time over all processes, or `none`")
    control_url: str | None = Field(None, description="asked when a connection fails: is it our own network?")
    calibration: str | None = Field(
        None, min_length=1, description="calibration file of the scores; default: published figures"
    )
    evaluators: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="optional evaluators beside the default ones: ofiq, safety, text_similarity"
    )
    clip_model: str | None = Field(
        None, min_length=1, description="folder of a CLIP model in ONNX, for text_similarity"
    )
    descriptor: str = Field(
        "classical", description="what tells people apart: classical, or identity (an extra)"
    )

    @classmethod
    def load(cls, *, low: Mapping[str, Any] | None = None, high: Mapping[str, Any] | None = None) -> Settings:
        """Settings from `low` (an ini file), then the environment, then `high` (a command line).

        Raises ConfigError with one sentence that names the setting, its value and what is accepted.
        """
        _refuse_unknown_variables()
        for source in (low or {}, high or {}):
            # A program may hand over a Secret; a file and a command line hold nothing but text.
            if any(isinstance(source.get(name), str) for name in ("api_key", KEY_VARIABLE)):
                raise ConfigError(
                    f"{KEY_VARIABLE} is read from the environment only: take the key out of all else"
                )
        try:
            return _layered(dict(low or {}))(**dict(high or {}))
        except ValidationError as error:
            complaint = _explain(error, {**(low or {}), **_environment(), **(high or {})})
        # Raised out here: pydantic's error holds the frames that saw the key.
        raise ConfigError(complaint)

    @field_validator("api_key", mode="before")
    @classmethod
    def _hide(cls, value: object) -> object:
        if isinstance(value, str):
            key = value.strip()
            if key and not (key.isascii() and key.isprintable() and " " not in key):
                raise ValueError("printable ASCII characters without a space (the value is not shown)")
            return Secret(key) if key else None
        return value

    @field_validator("evaluators", mode="before")
    @classmethod
    def _list(cls, value: object) -> object:
        return tuple(filter(None, re.split(r"[,;\s]+", value))) if isinstance(value, str) else value

    @field_validator("descriptor")
    @classmethod
    def _descriptor(cls, value: str) -> str:
        if value not in ("classical", "identity"):
            raise ValueError("classical or identity")
        return value

    @field_validator("fault", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, re.split(r"[;\s]+", value))) if isinstance(value, str) else value

    @field_validator("objective", mode="before")
    @classmethod
    def _sentences(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(filter(None, map(str.strip, re.split(r"[;\n]", value))))
        # One by one on a command line: an empty one stays, to be refused, because somebody meant to promise something.
        return (
            tuple(part.strip() for text in value for part in text.split(";")) if _all_text(value) else value
        )

    @field_validator("target")
    @classmethod
    def _target(cls, value: str) -> str:
        if value in ("sim", "mock", "live"):
            return value
        if "://" not in value:
            raise ValueError("sim, mock, live, or a URL that starts with https:// or http://")
        return check_url(value)

    @field_validator("base_url")
    @classmethod
    def _url(cls, value: str) -> str:
        return check_url(value)

    @field_validator("control_url")
    @classmethod
    def _control(cls, value: str | None) -> str | None:
        if value is not None:
            _check_form(value)
        return value

    @field_validator("rate_limit")
    @classmethod
    def _rate(cls, value: str) -> str:
        found = _RATE.fullmatch(value)
        if value != "none" and (found is None or int(found[1]) < 1 or float(found[2]) <= 0):
            raise ValueError("requests/seconds such as 150/10s, or none")
        return value

    @property
    def rate(self) -> tuple[int, float] | None:
        """`rate_limit` as (requests, seconds); None when there is no limit."""
        found = _RATE.fullmatch(self.rate_limit)
        return (int(found[1]), float(found[2])) if found else None

    @property
    def most_samples(self) -> int:
        """`samples`; where a sequential run names none, more: it takes only those that it needs."""
        named = "samples" in self.model_fields_set
        return self.samples if named or not self.sequential else _MOST_IN_SEQUENCE

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  the name is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the name is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the name is pydantic's
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """No `.env` file and no secrets folder: what is not named is not read."""
        return init_settings, env_settings


def check_url(value: str) -> str:
    """A base URL without its trailing slash. Raises ValueError unless a key may travel to it.

    Keys go to https, or to this machine itself.
    """
    parts = _check_form(value)
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError(
            "https: a key is sent over plain http to this machine itself only (127.0.0.1, localhost)"
        )
    return value.rstrip("/")


def _check_form(value: str) -> SplitResult:
    """The parts of a URL that every library reads alike. Raises ValueError."""
    if not (value.isascii() and value.isprintable()) or " " in value or "\\" in value:
        raise ValueError("a URL in printable ASCII without blanks and backslashes")
    if set(value) & set("@?#"):
        raise ValueError("a URL without user, password, query or fragment")
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise ValueError("a URL with a host and, if any, a port from 0 to 65535") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("a URL that starts with https:// (or http:// and a loopback host)")
    if not (_HOST.fullmatch(parts.hostname) or _is_address(parts.hostname)):
        raise ValueError("a URL with a host name of letters, digits, dots and hyphens, or an IP address")
    return parts


def _is_address(host: str) -> bool:
    try:
        return not getattr(ipaddress.ip_address(host), "scope_id", None)
    except ValueError:
        return False


def is_loopback(host: str | None) -> bool:
    """Whether a host name can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _all_text(value: object) -> TypeGuard[tuple[str, ...]]:
    return isinstance(value, tuple) and all(isinstance(part, str) for part in value)


def _layered(low: dict[str, Any]) -> type[Settings]:
    class Layered(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *args: Any, **kwargs: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            sources = super().settings_customise_sources(settings_cls, *args, **kwargs)
            return (*sources, InitSettingsSource(settings_cls, low))

    return Layered


def _environment() -> dict[str, object]:
    return {
        name[len(_PREFIX) :].lower(): value for name, value in os.environ.items() if name.startswith(_PREFIX)
    }


def _refuse_unknown_variables() -> None:
    known = [name for name in Settings.model_fields if name != "api_key"]
    for name in _environment():
        if name not in known and name not in _BESIDE:
            near = difflib.get_close_matches(name, (*known, *_BESIDE), 1)
            hint = f"; did you mean {_PREFIX}{near[0].upper()}?" if near else "."
            accepted = ", ".join(_PREFIX + field.upper() for field in sorted((*known, *_BESIDE)))
            raise ConfigError(f"{_PREFIX}{name.upper()} is no setting of facemon{hint} Accepted: {accepted}")


def _explain(error: ValidationError, values: Mapping[str, object]) -> str:
    """The first complaint as one sentence; never with the key's value."""
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else "settings"
    if name in ("api_key", KEY_VARIABLE):
        return f"{KEY_VARIABLE} is not accepted: give {first['msg'].removeprefix('Value error, ')}"
    accepted = (
        first["msg"].removeprefix("Value error, ").removeprefix("Input should be ").split(", unable")[0]
    ).removeprefix("String should have ")
    if accepted.startswith(("greater", "less")):
        accepted = f"a number {accepted}"
    if first["type"] == "extra_forbidden":
        accepted = "one of " + ", ".join(sorted(set(Settings.model_fields) - {"api_key"}))
        return f"{name} is no setting of facemon: give {accepted}"
    value = values.get(name)
    if isinstance(value, str):  # a password in a URL, or the key in a wrong place, is not shown
        value = redact(
            _USER_INFO.sub(f"//{MASK}@", value), [Secret(os.environ.get(KEY_VARIABLE, "").strip())]
        )
    return f"{name} {shorten(value)} is not accepted: give {accepted}"


def surroundings() -> dict[str, str]:
    """The variables of channels and of scheduled runs: FACEMON_… that are no settings, and GITHUB_….

    It holds secrets: it is handed to whoever needs one of them, and shown to nobody.
    """
    ours = tuple(_PREFIX + name.upper() for name in _BESIDE)
    return {name: value for name, value in os.environ.items() if name in ours or name.startswith("GITHUB_")}


def known_secrets() -> tuple[Secret, ...]:
    """Every secret that the environment holds for facemon: what no text that others may read is to show.

    For `redact` and `redact_all`. An empty one is among them where a variable is not set, and hides nothing.
    """
    return tuple(secrets_in({name.upper(): value for name, value in os.environ.items()}))


def handed_on(names: re.Pattern[str]) -> dict[str, str]:
    """The variables that a program of somebody else's is started with: those whose whole name matches."""
    return {name: value for name, value in os.environ.items() if names.fullmatch(name)}


def keep_libraries_quiet() -> None:
    """Tell ONNX Runtime, before it is imported, to send nothing to its makers (it does by default, from 1.30 on)."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
