"""Good answers and refusals of an operation, as OpenAPI has them."""

from typing import Any

from api.bodies import TooLarge
from api.schema import examples
from api.schema.operation import CSV, GZIP, JSON, SVG, Operation
from api.schema.parameters import LONGEST_OF_NAMES
from api.schema.shapes import ref

Schema = dict[str, Any]

ERRORS = {
    "400": "A parameter, the whole query, or the body is not what is allowed.",
    "401": "The token of the header Authorization is wrong or revoked.",
    "404": "There is nothing of that name here.",
    "405": "The address does not take this method.",
    "411": "The body came without its length, as one in chunks does.",
    "413": TooLarge.default_detail,
    "414": (
        f"The query has more than {LONGEST_OF_NAMES:,} characters; send the names by"
        " POST."
    ),
    "415": "The body is compressed, or its Content-Type is not application/json.",
    "429": "A limit is used up; Retry-After says when to come back.",
    "500": "The service failed; it has been logged.",
    "503": (
        "The database does not answer, or too many clients are sending or downloading;"
        " Retry-After says when to come back."
    ),
}
OF_BODIES = frozenset({"411", "413", "415"})
"""What only those who send something are told."""
OF_NAMES = "414"

HEADERS: dict[str, Schema] = {
    "RateLimit-Policy": {
        "description": "The limits in force: q answers in w seconds.",
        "schema": {"type": "string"},
        "example": '"default-10s";q=3000;w=10',
    },
    "RateLimit": {
        "description": "What is left of them: r answers for the next t seconds.",
        "schema": {"type": "string"},
        "example": '"default-10s";r=2954;t=7',
    },
    "Retry-After": {
        "description": "Seconds after which to come back.",
        "schema": {"type": "integer", "minimum": 1},
        "example": 7,
    },
    "Link": {
        "description": "Where the next page is, as rel=next; none on the last one.",
        "schema": {"type": "string"},
        "example": '<https://stats.example/api/packages?cursor=requests>; rel="next"',
    },
    "ETag": {
        "description": "The answer's state; send it back as If-None-Match.",
        "schema": {"type": "string"},
        "example": 'W/"5f2c1e0b9d7a4c3e8f6b1a2d4c5e7f90"',
    },
    "Last-Modified": {
        "description": (
            "When the answer may have changed last: with the data or the service. None"
            " before that second is over."
        ),
        "schema": {"type": "string"},
        "example": "Sat, 21 Nov 2026 06:12:44 GMT",
    },
    "Content-Disposition": {
        "description": "The name to save the file under.",
        "schema": {"type": "string"},
        "example": 'attachment; filename="recent-2026-11-20.csv.gz"',
    },
    "Allow": {
        "description": "The methods that the address takes.",
        "schema": {"type": "string"},
        "example": "GET, HEAD, OPTIONS",
    },
    "Cache-Control": {
        "description": "How long the answer holds: until the next day is expected.",
        "schema": {"type": "string"},
        "example": "public, max-age=3600, stale-while-revalidate=300",
    },
}
LIMITS = ("RateLimit-Policy", "RateLimit")
_OF_STATUS = {"405": ("Allow",), "429": ("Retry-After",), "503": ("Retry-After",)}
VALIDATORS = ("ETag", "Last-Modified", "Cache-Control")


def error_answers() -> dict[str, Schema]:
    """The components that all operations share."""
    return {f"Error{status}": _error(status) for status in ERRORS}


def good_answer(operation: Operation) -> Schema:
    has_validators = operation.is_public or GZIP in operation.media
    named: tuple[str, ...] = (*LIMITS, *VALIDATORS) if has_validators else LIMITS
    if "cursor" in operation.parameters:
        named = (*named, "Link")
    if GZIP in operation.media:
        named = (*named, "Content-Disposition")
    content = {media: _content(operation, media) for media in operation.media}
    return {
        "description": operation.summary,
        "headers": _headers(named),
        "content": content,
    }


def not_modified() -> Schema:
    return {
        "description": "The answer is the one that If-None-Match names.",
        "headers": _headers((*LIMITS, *VALIDATORS)),
    }


def errors(operation: Operation) -> Schema:
    impossible = set() if operation.may_be_unknown else {"404"}
    if operation.body is None:
        impossible |= OF_BODIES
    if "packages" not in operation.parameters:
        impossible.add(OF_NAMES)
    found = [status for status in ERRORS if status not in impossible]
    answers: Schema = {
        status: {"$ref": f"#/components/responses/Error{status}"} for status in found
    }
    if operation.group == "badges":
        answers["404"] = _unknown_badge(operation)
    return answers


def _unknown_badge(operation: Operation) -> Schema:
    """A badge that says "no data"; a period that no badge has is an error like any."""
    content: Schema = {JSON: {"schema": ref("Error")}}
    if SVG in operation.media:
        content[SVG] = {"schema": {"type": "string"}}
    else:
        both = [ref("ShieldsBadge"), ref("Error")]
        content[JSON] = {"schema": {"oneOf": both}}
    return {
        "description": "A badge that says: no data.",
        "headers": _headers(LIMITS),
        "content": content,
    }


def _content(operation: Operation, media: str) -> Schema:
    if media == JSON:
        schema = ref(operation.answer) if operation.answer else {"type": "object"}
        return {"schema": schema, "example": operation.example}
    if media in {CSV, SVG}:
        return {"schema": {"type": "string"}}
    return {}


def _error(status: str) -> Schema:
    named = (*LIMITS, *_OF_STATUS.get(status, ()))
    example = {"error": {"status": int(status), "detail": ERRORS[status]}}
    if status == "404":
        example = examples.ERROR
    return {
        "description": ERRORS[status],
        "headers": _headers(named),
        "content": {JSON: {"schema": ref("Error"), "example": example}},
    }


def _headers(names: tuple[str, ...]) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
