"""What the OpenAPI document that others wrote for pypistats.org says, in short."""

from typing import Any

Schema = dict[str, Any]


def _nullable(kind: str) -> Schema:
    return {"type": [kind, "null"]}


def _query(name: str, **schema: object) -> Schema:
    return {"name": name, "in": "query", "schema": {"type": "string"} | schema}


RECENT: Schema = {
    "type": "object",
    "properties": {
        "data": {
            "type": "object",
            "properties": {
                "last_day": _nullable("integer"),
                "last_week": _nullable("integer"),
                "last_month": _nullable("integer"),
            },
        },
        "package": {"type": "string"},
        "type": {"type": "string", "examples": ["recent_downloads"]},
    },
}
SERIES: Schema = {
    "type": "object",
    "properties": {
        "data": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "category": _nullable("string"),
                    "date": {"type": "string", "format": "date"},
                    "downloads": {"type": "integer"},
                },
            },
        },
        "package": {"type": "string"},
        "type": {"type": "string"},
    },
}
PARAMETERS = {
    "recent": _query("period", enum=["day", "week", "month"]),
    "overall": _query("mirrors", enum=["true", "false"]),
    "python_major": _query("version", examples=["2", "3"]),
    "python_minor": _query("version", examples=["2.7", "3.11", "3.12"]),
    "system": _query("os", enum=["windows", "linux", "darwin", "other"]),
}
PACKAGE: Schema = {
    "name": "package",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "examples": ["requests", "numpy"]},
}


def answer_schema(endpoint: str) -> Schema:
    return RECENT if endpoint == "recent" else SERIES


def _operation(endpoint: str) -> Schema:
    media = {"schema": answer_schema(endpoint)}
    return {
        "parameters": [PACKAGE, PARAMETERS[endpoint]],
        "responses": {
            "200": {"description": "", "content": {"application/json": media}},
            "404": {"description": ""},
        },
    }


DOCUMENT: Schema = {
    "openapi": "3.1.0",
    "info": {"title": "pypistats.org", "version": "1.0"},
    "servers": [{"url": "/api"}],
    "paths": {
        f"/packages/{{package}}/{endpoint}": {"get": _operation(endpoint)}
        for endpoint in PARAMETERS
    },
}
