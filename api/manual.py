"""The manual at ``/api/``, for people: made of what the OpenAPI document is made of."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe

from api import rates
from api.errors import only_read, refusal
from api.exceptions import WrongValue
from api.middleware import scope_at
from api.query import check_strangers, check_text
from api.rates import DEFAULT, EXPENSIVE, Rate
from api.schema.answers import ERRORS
from api.schema.operation import JSON, Operation
from api.schema.operations import GROUPS, OPERATIONS
from api.schema.parameters import (
    COMMON,
    LONGEST_OF_NAMES,
    LONGEST_QUERY,
    PARAMETERS,
)
from packages import snapshot, standings
from packages.list_choice import list_names
from packages.public_answers import public
from packages.snapshot import Snapshot

WORDS_SHOWN = 12
LENGTHS = {1: "a second", 60: "a minute", 3600: "an hour", 86_400: "a day"}
PREFIX_LENGTH = 3
VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Shown:
    """A parameter, and the words that it may be."""

    name: str
    text: str
    words: list[str]
    """None where there are too many to read."""
    known: int
    usual: object
    example: object

    @classmethod
    def of(cls, key: str, state: Snapshot) -> "Shown":
        parameter = PARAMETERS[key]
        schema = parameter.schema(state)
        found = schema.get("enum", [])
        words = list(found) if isinstance(found, list) else []
        usual = words[0] if key == "list" else schema.get("default")
        example = parameter.example
        if isinstance(example, list):
            example = ",".join(example)
        shown = words if len(words) <= WORDS_SHOWN else []
        return cls(parameter.name, parameter.text, shown, len(words), usual, example)


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation as the manual shows it."""

    method: str
    path: str
    operation: Operation
    parameters: list[Shown]
    link: str | None
    """An address of this very server that answers it."""

    @property
    def shown_path(self) -> str:
        marked = VARIABLE.sub(r"<var>\1</var>", self.path)
        return mark_safe(marked)  # noqa: S308 - written in our own code

    @property
    def short(self) -> str:
        """What the contents call it."""
        if self.method != "GET":
            return f"{self.method} {self.path}"
        return VARIABLE.sub("…", self.path.removeprefix("/api/packages/{package}/"))

    @property
    def example(self) -> str:
        answer = self.operation.example
        if answer is None or JSON not in self.operation.media:
            return ""
        return _few_lines(answer)

    @property
    def body(self) -> str:
        return json.dumps(self.operation.body) if self.operation.body else ""

    @property
    def shared(self) -> list[str]:
        return [PARAMETERS[key].name for key in self.operation.common_parameters]

    @property
    def is_expensive(self) -> bool:
        return scope_at(self.method, self.path) == EXPENSIVE


@only_read
@public
def manual(request: HttpRequest) -> HttpResponse:
    try:
        check_text(request)
        check_strangers(request.GET)
    except WrongValue as error:
        return refusal(error, request)
    state = snapshot.current()
    largest = standings.largest(1)
    package = largest[0][0] if largest else "requests"
    entries = [_entry(name, package, state) for name in OPERATIONS]
    groups = [
        (key, title, [entry for entry in entries if entry.operation.group == key])
        for key, title in GROUPS.items()
    ]
    limits = _limits()
    names = list_names(state)
    context = {
        "base_url": settings.BASE_URL,
        "state": state,
        "example": package,
        "groups": groups,
        "common": [Shown.of(key, state) for key in COMMON],
        "errors": ERRORS,
        "limits": limits,
        "has_limits": any(limits.values()),
        "expensive": [entry for entry in entries if entry.is_expensive],
        "other_list": names[-1] if len(names) > 1 else None,
        "retention_days": settings.RETENTION_DAYS,
        "longest_query": LONGEST_QUERY,
        "longest_of_names": LONGEST_OF_NAMES,
        "most_parameters": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
    }
    return render(request, "api/manual.html", context)


def _entry(name: str, package: str, state: Snapshot) -> Entry:
    operation = OPERATIONS[name]
    method, path = name.split()
    parameters = [Shown.of(key, state) for key in operation.own_parameters]
    return Entry(method, path, operation, parameters, _link(method, path, package))


def _link(method: str, path: str, package: str) -> str | None:
    operation = OPERATIONS[f"{method} {path}"]
    if method != "GET" or "{name}" in path or not operation.is_counted_here:
        return None
    return (path + operation.query).format(
        package=quote(package), prefix=quote(package[:PREFIX_LENGTH]), period="month"
    )


def _limits() -> dict[str, list[str]]:
    """Say the rates in force in words, by scope."""
    parsed = rates.parse_rates(settings.API_RATE_LIMITS or rates.DEFAULTS)
    return {scope: _in_words(parsed[scope]) for scope in (EXPENSIVE, DEFAULT)}


def _in_words(held: Iterable[Rate]) -> list[str]:
    return [
        f"{rate.limit:,} in {LENGTHS.get(rate.seconds, f'{rate.seconds} seconds')}"
        for rate in held
    ]


def _few_lines(answer: object) -> str:
    """JSON as it is sent, but what lies deeper than two levels on one line."""
    if not isinstance(answer, dict):
        return _json(answer)
    parts = [f"  {_json(key)}: {_inner(answer[key])}" for key in sorted(answer)]
    return "{\n" + ",\n".join(parts) + "\n}"


def _inner(value: object) -> str:
    if isinstance(value, list) and value:
        rows = ",\n    ".join(map(_json, value))
        return f"[\n    {rows}\n  ]"
    if isinstance(value, dict) and value:
        rows = ",\n    ".join(
            f"{_json(key)}: {_json(value[key])}" for key in sorted(value)
        )
        return f"{{\n    {rows}\n  }}"
    return _json(value)


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True)
