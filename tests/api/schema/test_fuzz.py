"""schemathesis asks for all that the document promises, and for what it does not."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
import schemathesis
from pytest_django import Settings
from schemathesis.config import SchemathesisConfig

from api.schema.operations import OPERATIONS
from pypistats_site.wsgi import application
from tests.api.schema.asking import PLAIN, ask_all
from tests.factories import MIRROR, PIP_39, PIP_311, UV_CI, count_files

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LAST = date(2026, 11, 20)
FILE = ("requests-2.9.tar.gz", "2.9")


@pytest.fixture
def served(settings: Settings) -> schemathesis.BaseSchema:
    settings.API_RATE_LIMITS = "default=1000000/s, expensive=1000000/s"
    for age in range(3):
        downloads = {PIP_311: 9 - age, PIP_39: 2, UV_CI: 1, MIRROR: 3}
        count_files(LAST - timedelta(days=age), {"requests": {FILE: downloads}})
    config = SchemathesisConfig()
    return schemathesis.openapi.from_wsgi("/api/schema", application, config=config)


def is_ruled_out_by_a_text(query: Mapping[str, Any]) -> bool:
    """Say whether it asks for what only the texts of the document rule out.

    docs/api.md lists these rules.
    """
    first, last = query.get("start_date"), query.get("end_date")
    if first and last and str(first) > str(last):
        return True
    if query.get("by") == "rise" and query.get("period") == "month":
        return True
    label = str(query.get("label", "downloads"))
    if not label.isprintable() or not label.strip():
        return True
    cursor = query.get("cursor")
    return cursor is not None and (":" in str(cursor)) != ("search" in query)


@pytest.mark.parametrize("name", OPERATIONS)
def test_document_is_kept_to(served: schemathesis.BaseSchema, name: str) -> None:
    def ask(case: schemathesis.Case[Any]) -> None:
        version = case.query.get("version", "null")
        of_release = path.endswith("/version") and version != "null"
        if not is_ruled_out_by_a_text(case.query) and not of_release:
            case.call_and_validate(headers=PLAIN)

    method, path = name.split()
    ask_all(served, path, method, ask)
