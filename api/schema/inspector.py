"""What drf-spectacular asks of each view: its entry among the operations."""

from typing import Any

from drf_spectacular.drainage import warn
from drf_spectacular.openapi import AutoSchema

from api.schema.answers import errors, good_answer, not_modified
from api.schema.operation import JSON, Operation
from api.schema.operations import OPERATIONS
from api.schema.shapes import ref

Schema = dict[str, Any]


class Inspector(AutoSchema):
    """Takes routes and methods from the views, and the rest from ``OPERATIONS``."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> Schema | None:
        name = f"{method} {path}"
        operation = OPERATIONS.get(name)
        if operation is None:
            warn(f"{name} has no entry in api/schema/operations.py")
            return None
        return _described(operation)


def _described(operation: Operation) -> Schema:
    described: Schema = {
        "operationId": operation.key,
        "tags": [operation.group],
        "summary": operation.summary,
        "description": operation.text,
        "parameters": [
            {"$ref": f"#/components/parameters/{name}"} for name in operation.parameters
        ],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        media = {"schema": ref("Names"), "example": operation.body}
        described["requestBody"] = {"required": True, "content": {JSON: media}}
    return described


def _responses(operation: Operation) -> Schema:
    responses: Schema = {"200": good_answer(operation)}
    if operation.is_public:
        responses["304"] = not_modified()
    return responses | errors(operation)
