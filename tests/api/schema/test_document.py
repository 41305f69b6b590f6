"""The OpenAPI document: complete, valid, served like every other answer."""

import io
from datetime import date
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from jsonschema import Draft202012Validator

from api.errors import JSON_PREFIXES
from api.schema.operations import OPERATIONS
from api.schema.shapes import SCHEMAS, ref
from packages.models import MirrorList
from tests.factories import MIRROR, PIP_311, count_day

pytestmark = pytest.mark.django_db
ADDRESS = "/api/schema"
NOT_FOR_MACHINES = {"/api/"}
"""The manual: a page."""


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    served: dict[str, Any] = client.get(ADDRESS).json()
    return served


def routes() -> set[str]:
    """The addresses that the API and the badges have, as Django knows them."""
    return {
        route for route in _routes(get_resolver()) if route.startswith(JSON_PREFIXES)
    }


def _routes(resolver: URLResolver, prefix: str = "/") -> set[str]:
    found: set[str] = set()
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            found.add(prefix + str(pattern.pattern))
        elif isinstance(pattern, URLResolver):
            found |= _routes(pattern, prefix + str(pattern.pattern))
    return found


def test_command_finds_nothing_to_warn_of(capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()

    call_command("spectacular", validate=True, fail_on_warn=True, stdout=out)

    assert capsys.readouterr().err == ""
    assert yaml.safe_load(out.getvalue())["openapi"] == "3.1.1"


def test_every_route_is_in_the_document(document: dict[str, Any]) -> None:
    assert len(document["paths"]) == len(routes() - NOT_FOR_MACHINES)
    described = {
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert described == set(OPERATIONS)


def test_every_operation_says_what_can_go_wrong(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            assert {"400", "401", "405", "429", "500", "503"} <= set(
                operation["responses"]
            )
    error = ref("Error")
    for answer in document["components"]["responses"].values():
        assert answer["content"]["application/json"]["schema"] == error


def test_bodies_are_refused_where_one_is_sent(document: dict[str, Any]) -> None:
    refused = {"411", "413", "415"}
    both = document["paths"]["/api/recent"]

    assert refused <= set(both["post"]["responses"])
    assert refused.isdisjoint(both["get"]["responses"])


def test_only_a_list_of_names_in_the_query_points_to_the_body(
    document: dict[str, Any],
) -> None:
    pointing = {
        (path, method)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "414" in operation["responses"]
    }

    assert pointing == {("/api/recent", "get")}


@pytest.mark.parametrize(
    "name", [name for name, operation in OPERATIONS.items() if operation.answer]
)
def test_example_has_the_shape_of_its_answer(
    document: dict[str, Any], name: str
) -> None:
    shape = ref(str(OPERATIONS[name].answer))
    schema = shape | {"components": {"schemas": SCHEMAS}}

    Draft202012Validator(schema).validate(OPERATIONS[name].example)


def test_document_names_the_lists_of_this_site(client: Client) -> None:
    MirrorList.objects.create(name="ours")
    count_day(date(2026, 11, 20), {"django": {PIP_311: 1, MIRROR: 1}})

    parameters = client.get(ADDRESS).json()["components"]["parameters"]

    assert parameters["list"]["schema"]["enum"] == [
        *("pypistats", "everything", "known-mirrors", "ours")
    ]
    assert parameters["installer"]["schema"]["enum"] == [
        *("bandersnatch", "null", "other", "pip")
    ]


@pytest.mark.parametrize(
    "ask", [{"query": "?format=yaml"}, {"accept": "application/yaml"}]
)
def test_document_as_yaml_is_the_same(
    client: Client, document: dict[str, Any], ask: dict[str, str]
) -> None:
    headers = {"accept": ask["accept"]} if "accept" in ask else {}

    response = client.get(ADDRESS + ask.get("query", ""), headers=headers)

    assert response["Content-Type"] == "application/yaml"
    assert yaml.safe_load(response.content) == document


def test_document_is_kept_by_caches_and_open_to_scripts(client: Client) -> None:
    first = client.get(ADDRESS)
    again = client.get(ADDRESS, headers={"if-none-match": first["ETag"]})

    assert first["Content-Type"] == "application/json"
    assert first["Cache-Control"].startswith("public, max-age=")
    assert first["Access-Control-Allow-Origin"] == "*"
    assert not first.cookies
    assert again.status_code == 304


def test_format_that_the_document_does_not_have(client: Client) -> None:
    response = client.get(f"{ADDRESS}?format=csv")

    assert response.status_code == 400
    assert response.json()["error"]["detail"] == (
        "format is 'csv'; allowed are: json, yaml."
    )
