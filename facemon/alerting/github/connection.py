"""The library PyGithub: how it is set up, and what its errors mean."""

from __future__ import annotations

import importlib
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from facemon.alerting.channels.base import MENDABLE
from facemon.alerting.github.settings import PUBLIC, GithubSettings
from facemon.alerting.github.trouble import meaning
from facemon.config import is_loopback
from facemon.errors import ConfigError, DeliveryError, DeliveryFailed

API_VERSION = "2026-03-10"
PAGE = 100  # the most that GitHub gives
REQUEST_LIMIT = 10  # seconds; GitHub itself ends a request after ten
# GitHub asks for a second between writes ("Best practices for using the REST API"); a server of one's own does not.
READ_PAUSE, WRITE_PAUSE = 0.25, 1.0


def connect(settings: GithubSettings) -> Any:
    """A `github.Github`; nothing is sent yet. Raises ConfigError where the library is missing.

    Its own retries are off: they repeat a POST after a 5xx or a lost connection, though it may have been carried out.
    What is repeated instead is the whole delivery, which looks for its markers first.
    """
    try:
        library = importlib.import_module("github")
    except ImportError as error:
        raise ConfigError(
            f'the channel github_issue needs the package PyGithub: pip install "facemon[github]" ({error})'
        ) from None
    local = is_loopback(urlsplit(settings.api).hostname)
    return library.Github(
        auth=library.Auth.Token(settings.token.reveal()),
        base_url=settings.api,
        timeout=REQUEST_LIMIT,
        user_agent="facemon",
        per_page=PAGE,
        retry=None,
        seconds_between_requests=0 if local else READ_PAUSE,
        seconds_between_writes=0 if local else WRITE_PAUSE,
        # A GitHub Enterprise Server may not know the version.
        api_version=API_VERSION if local or settings.api == PUBLIC else None,
    )


def translated(error: Exception, where: str, now: datetime) -> DeliveryError:
    """One of our errors for one of the library's, of the library below it, or of a reply that it could not read.

    where: what was asked for, as it is shown.
    """
    if isinstance(error, DeliveryError):
        return error
    if isinstance(error, importlib.import_module("github").GithubException) and error.status >= 400:
        headers = {name.lower(): str(value) for name, value in (error.headers or {}).items()}
        return meaning(error.status, headers, error.data, now, where)
    if isinstance(error, RuntimeError | AssertionError):
        return DeliveryFailed(f"GitHub points to another address for {where}: check GITHUB_API_URL", MENDABLE)
    # Not its text: an error of requests holds the request with its headers.
    return DeliveryFailed(f"GitHub could not be reached or understood for {where}: {type(error).__name__}")
