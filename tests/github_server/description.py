"""GitHub's published description of its issues API, as the package githubkit generated it from the OpenAPI document.

Routes and query parameters are read from the generated client's methods, bodies and replies from its models.
"""

from __future__ import annotations

import datetime
import inspect
import re
import typing
from dataclasses import dataclass, field
from typing import Any, Literal

from githubkit.typing import Missing
from githubkit_schemas.v2026_03_10 import models
from githubkit_schemas.v2026_03_10.rest.issues import IssuesClient
from githubkit_schemas.v2026_03_10.rest.repos import ReposClient
from pydantic import BaseModel, TypeAdapter, ValidationError

VERSIONS = {"2022-11-28", "2026-03-10"}
ACCEPTED = re.compile(
    r"\*/\*|application/json|application/vnd\.github(\.[a-z0-9-]+)*(\.(raw|text|html|full))?(\+json)?"
)
MOST_A_PAGE = 100  # by the documentation; the generated parameters know the type only
TITLE_LIMIT, BODY_LIMIT, LABEL_LIMIT, ASSIGNEE_LIMIT = (
    256,
    65_536,
    50,
    10,
)  # by what GitHub answers beyond them

_OPERATIONS: dict[str, tuple[type[Any], str, Any, Any]] = {
    "repository": (ReposClient, "get", None, models.FullRepository),
    "list": (IssuesClient, "list_for_repo", None, list[models.Issue]),
    "create": (IssuesClient, "create", models.ReposOwnerRepoIssuesPostBody, models.Issue),
    "get": (IssuesClient, "get", None, models.Issue),
    "update": (IssuesClient, "update", models.ReposOwnerRepoIssuesIssueNumberPatchBody, models.Issue),
    "comments": (IssuesClient, "list_comments", None, list[models.IssueComment]),
    "comment": (
        IssuesClient,
        "create_comment",
        models.ReposOwnerRepoIssuesIssueNumberCommentsPostBody,
        models.IssueComment,
    ),
    "lock": (IssuesClient, "lock", models.ReposOwnerRepoIssuesIssueNumberLockPutBody, None),
    "unlock": (IssuesClient, "unlock", None, None),
    "assign": (
        IssuesClient,
        "add_assignees",
        models.ReposOwnerRepoIssuesIssueNumberAssigneesPostBody,
        models.Issue,
    ),
}
_NAMES = {"Missing": Missing, "Literal": Literal, "Union": typing.Union, "_dt": datetime}
_NOT_A_PARAMETER = {"self", "headers", "stream", "data", "kwargs"}


class Invalid(Exception):
    """A request outside the description; errors: as GitHub lists them in a 422."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        self.errors = errors
        super().__init__(str(errors))


@dataclass(frozen=True)
class Operation:
    """One documented request. query: parameter → its type · body, reply: models, None: there is none."""

    name: str
    method: str
    path: re.Pattern[str]
    query: dict[str, TypeAdapter[Any]] = field(repr=False)
    body: type[BaseModel] | None
    reply: Any

    def parameters(self, given: dict[str, list[str]]) -> dict[str, Any]:
        """The query as typed values. Raises Invalid."""
        found: dict[str, Any] = {}
        for name, values in given.items():
            if name not in self.query or len(values) != 1:
                raise Invalid(
                    [{"resource": "Search", "field": name, "code": "unknown or repeated parameter"}]
                )
            found[name] = self._typed(name, values[0])
        for name in ("per_page", "page"):
            most = MOST_A_PAGE if name == "per_page" else 10**6
            if not 1 <= found.get(name, 1) <= most:
                raise Invalid([{"resource": "Search", "field": name, "code": "out of range"}])
        return found

    def _typed(self, name: str, value: str) -> Any:
        try:
            return self.query[name].validate_python(value)
        except ValidationError:
            raise Invalid([{"resource": "Search", "field": name, "code": "invalid"}]) from None

    def content(self, given: Any) -> dict[str, Any]:
        """The body, if it is one that the description knows. Raises Invalid."""
        if self.body is None:
            if given is not None:
                raise Invalid([{"resource": "Issue", "field": "body", "code": "a body where none belongs"}])
            return {}
        if not isinstance(given, dict):
            raise Invalid([{"resource": "Issue", "code": "an object is wanted"}])
        unknown = set(given) - set(self.body.model_fields)
        if unknown:
            raise Invalid(
                [{"resource": "Issue", "field": name, "code": "unknown"} for name in sorted(unknown)]
            )
        try:
            self.body.model_validate(given, strict=True)
        except ValidationError as error:
            fields = [str(each["loc"][0]) for each in error.errors()]
            raise Invalid(
                [{"resource": "Issue", "field": name, "code": "invalid"} for name in fields]
            ) from None
        return given


def _operation(name: str, owner: type[Any], method: str, body: Any, reply: Any) -> Operation:
    function = getattr(owner, method)
    verb, path = next(
        re.fullmatch(r"\s*(GET|POST|PATCH|PUT|DELETE) (/\S+)\s*", line).groups()
        for line in function.__doc__.splitlines()
        if re.fullmatch(r"\s*(GET|POST|PATCH|PUT|DELETE) (/\S+)\s*", line)
    )
    in_path = set(re.findall(r"{(\w+)}", path))
    query = {
        parameter.name: TypeAdapter(eval(parameter.annotation, dict(_NAMES)))
        for parameter in inspect.signature(function).parameters.values()
        if parameter.name not in in_path | _NOT_A_PARAMETER
    }
    number = re.sub(r"{issue_number}", r"(?P<number>[0-9]+)", path)
    return Operation(name, verb, re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", number)), query, body, reply)


OPERATIONS = tuple(_operation(name, *rest) for name, rest in _OPERATIONS.items())


def operation_of(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The documented request of a method and a path, with the parts of the path; None: there is none."""
    for operation in OPERATIONS:
        match = operation.path.fullmatch(path)
        if match and operation.method == method:
            return operation, match.groupdict()
    return None


def check_reply(operation: Operation, reply: Any) -> None:
    """Hold a reply of ours against the model of it. Raises ValidationError: then this server is wrong."""
    if operation.reply is not None:
        TypeAdapter(operation.reply).validate_python(reply)
