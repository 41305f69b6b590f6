"""Real answers hold what their shapes say, and nothing that these leave out."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator, FormatChecker
from pytest_django import Settings

from api.schema.operation import Operation
from api.schema.operations import OPERATIONS
from api.schema.parameters import PARAMETERS
from api.schema.shapes import SCHEMAS, ref
from packages import dump
from packages.models import Incident
from tests.factories import MIRROR, PIP_39, PIP_311, UV_CI, count_files

pytestmark = pytest.mark.django_db
LAST = date(2026, 11, 20)
FILE = ("requests-2.9.tar.gz", "2.9")
READ = {
    name.removeprefix("GET "): operation
    for name, operation in OPERATIONS.items()
    if name.startswith("GET ")
}
ANSWERS = {path: operation for path, operation in READ.items() if operation.answer}


@pytest.fixture(autouse=True)
def _counted(settings: Settings, tmp_path: Path) -> None:
    settings.DUMP_DIR = tmp_path
    Incident.objects.create(title="Lost", first_day=LAST)
    for age in range(12):
        downloads = {PIP_311: 20 - age, PIP_39: 2, UV_CI: 1, MIRROR: 3}
        count_files(LAST - timedelta(days=age), {"requests": {FILE: downloads}})
    count_files(LAST, {"requests": {FILE: {PIP_311: 19}}})
    dump.write()


def closed(schema: Any) -> Any:
    """Let every object have the named properties alone."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: closed(part) for name, part in schema.items()}
    return made | {"additionalProperties": False} if "properties" in made else made


def address(path: str, operation: Operation) -> str:
    query = operation.query.format(package="requests", prefix="re")
    named = path.format(package="requests", name="recent.jsonl.gz", period="month")
    return named + query.replace("missing", "incident")


def test_answers_have_their_shapes_and_no_more(client: Client) -> None:
    shapes = {name: closed(schema) for name, schema in SCHEMAS.items()}
    for path, operation in ANSWERS.items():
        schema = ref(str(operation.answer)) | {"components": {"schemas": shapes}}

        answer = client.get(address(path, operation)).json()

        Draft202012Validator(schema, format_checker=FormatChecker()).validate(answer)
        assert answer.get("days") or answer.get("data") or answer["schemaVersion"], path


@pytest.mark.parametrize("path", READ)
def test_every_example_of_a_parameter_is_answered(client: Client, path: str) -> None:
    plain = address(path, READ[path]).partition("?")[0]
    needed = {"packages": "requests"} if path == "/api/recent" else {}
    for parameter in [PARAMETERS[key] for key in READ[path].parameters]:
        if parameter.place == "query" and parameter.example is not None:
            value = parameter.example
            given = ",".join(value) if isinstance(value, list) else str(value)

            answer = client.get(plain, needed | {parameter.name: given})

            assert answer.status_code == 200, answer.content


def test_answers_have_the_documented_types_and_headers(client: Client) -> None:
    for path, operation in READ.items():
        response = client.get(address(path, operation))

        assert response.getvalue()  # which closes a file of the dump
        documented = operation.media[-1 if "yaml" in operation.query else 0]
        assert response["Content-Type"].partition(";")[0] == documented
        tagged = operation.is_public or path == "/api/dump/{name}"
        assert response.has_header("ETag") == tagged
        assert response["RateLimit"]
