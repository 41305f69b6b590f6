"""Addresses that belong to no app."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_browsers_find_the_icon_at_the_usual_place(client: Client) -> None:
    response = client.get("/favicon.ico")

    assert (response.status_code, response["Location"]) == (301, "/static/favicon.svg")
