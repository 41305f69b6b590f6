"""Whoever was promised pypistats.org's answers gets them; docs/api.md has the rest."""

from datetime import date
from typing import Any

import pytest
import schemathesis
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from pytest_django import Settings
from schemathesis.config import SchemathesisConfig
from schemathesis.generation import GenerationMode

from pypistats_site.wsgi import application
from tests.api.schema.asking import PLAIN, ask_all
from tests.api.schema.pypistats_org import DOCUMENT, PARAMETERS, answer_schema
from tests.factories import MIRROR, PIP_39, PIP_311, POETRY, UNNAMED, count_day

pytestmark = [pytest.mark.django_db, pytest.mark.once]
DAY = date(2026, 11, 20)
KEYS = {"data", "package", "type"}


@pytest.fixture(autouse=True)
def _counted() -> None:
    cells = {PIP_311: 5, PIP_39: 2, POETRY: 1, UNNAMED: 1, MIRROR: 3}
    count_day(DAY, {"requests": cells, "numpy": cells})


def addresses() -> list[tuple[str, str]]:
    """Every endpoint, without its parameter and with each value that is named."""
    found = []
    for endpoint, parameter in PARAMETERS.items():
        schema = parameter["schema"]
        values = schema.get("enum") or schema["examples"]
        found += [(endpoint, "")]
        found += [(endpoint, f"?{parameter['name']}={value}") for value in values]
    return found


def satisfy(schema: dict[str, Any], answer: object) -> None:
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer)


@pytest.mark.parametrize("package", ["requests", "numpy"])
@pytest.mark.parametrize(("endpoint", "query"), addresses())
def test_answer_is_as_promised(
    client: Client, endpoint: str, query: str, package: str
) -> None:
    response = client.get(f"/api/packages/{package}/{endpoint}{query}")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    answer = response.json()
    satisfy(answer_schema(endpoint), answer)
    assert set(answer) == KEYS
    assert answer["package"] == package
    kind = "recent" if endpoint == "recent" else endpoint
    assert answer["type"] == f"{kind}_downloads"
    for row in answer["data"] if endpoint != "recent" else []:
        assert set(row) == {"category", "date", "downloads"}


@pytest.mark.parametrize("endpoint", PARAMETERS)
def test_package_that_is_not_known_is_a_404(client: Client, endpoint: str) -> None:
    assert client.get(f"/api/packages/no-such/{endpoint}").status_code == 404


@pytest.mark.parametrize("endpoint", PARAMETERS)
def test_whatever_the_document_allows_is_answered(
    settings: Settings, endpoint: str
) -> None:
    """But for a ``version`` that no Python has: there, any text is allowed."""
    settings.API_RATE_LIMITS = "off"
    config = SchemathesisConfig()
    config.projects.default.generation.update(modes=[GenerationMode.POSITIVE])
    document = schemathesis.openapi.from_dict(DOCUMENT, config=config)
    document.app = application

    def ask(case: schemathesis.Case[Any]) -> None:
        response = case.call(headers=PLAIN)
        if response.status_code == 400:
            detail = response.json()["error"]["detail"]
            assert detail.startswith("version is ")
        else:
            case.validate_response(response)

    ask_all(document, f"/packages/{{package}}/{endpoint}", "GET", ask)
