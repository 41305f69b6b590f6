"""The OpenAPI document: drf-spectacular's walk over the routes, and our components."""

from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from api.schema.answers import HEADERS, error_answers
from api.schema.operations import GROUPS
from api.schema.parameters import PARAMETERS
from api.schema.shapes import SCHEMAS
from packages import snapshot

Document = dict[str, Any]


def document() -> Document:
    """Return the document as it is for the data and lists of this generation."""
    state = snapshot.current()
    return state.remembered("openapi", _document)


def complete(result: Document, **_: object) -> Document:
    """Add what belongs to no single view; a hook of drf-spectacular."""
    state = snapshot.current()
    parameters = {
        name: parameter.described(state) for name, parameter in PARAMETERS.items()
    }
    result["components"] |= {
        "headers": HEADERS,
        "parameters": parameters,
        "responses": error_answers(),
        "schemas": SCHEMAS,
        "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
    }
    result["security"] = [{}, {"token": []}]
    result["servers"] = [{"url": settings.BASE_URL}]
    result["tags"] = [
        {"name": name, "description": title} for name, title in GROUPS.items()
    ]
    return result


def _document() -> Document:
    made: Document = SchemaGenerator().get_schema(request=None, public=True)
    return made
