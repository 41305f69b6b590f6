"""Bodies that are refused unread, each with its status and a sentence."""

import io
from codecs import BOM_UTF8
from typing import Any

import pytest
from django.test import Client
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from api.bodies import NoLength, TooLarge, WrongEncoding, WrongType, names_in_body
from packages.models import Package

pytestmark = pytest.mark.django_db
BODY = b'{"packages":["django"]}'
NO_LENGTH = "The body has no length; send it whole, with a Content-Length."
TOO_LARGE = "The body is larger than 256 KiB."
JSON = "application/json"
NO_JSON = "Content-Type is '{}'; send application/json."
COMPRESSED = "Content-Encoding is 'gzip'; send the body as it is."


class Unreadable(io.BytesIO):
    """A body that ends the test when it is read."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError(size)


@pytest.mark.parametrize(
    ("headers", "status", "detail"),
    [
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, 411, NO_LENGTH),
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, 411, NO_LENGTH),
        ({"CONTENT_LENGTH": str(256 * 1024 + 1)}, 413, TOO_LARGE),
        ({"CONTENT_LENGTH": "9" * 5000}, 413, TOO_LARGE),
        ({"CONTENT_LENGTH": "many"}, 413, TOO_LARGE),
        ({"HTTP_CONTENT_ENCODING": "gzip"}, 415, COMPRESSED),
        ({"CONTENT_TYPE": "text/xml"}, 415, NO_JSON.format("text/xml")),
    ],
)
def test_body_is_refused_by_its_headers(
    client: Client, headers: dict[str, Any], status: int, detail: str
) -> None:
    response = client.generic("POST", "/api/recent", BODY, JSON, **headers)

    assert response.status_code == status
    assert response.json() == {"error": {"status": status, "detail": detail}}
    assert response["RateLimit"]


def test_nothing_is_no_json(client: Client) -> None:
    response = client.generic("POST", "/api/recent", content_type=JSON)

    assert response.status_code == 400
    assert response.json()["error"]["detail"].startswith("The body is no JSON;")


@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_body_as_it_is_may_say_so(client: Client, encoding: str) -> None:
    Package.objects.create(normalized_name="django")
    headers = {"content-encoding": encoding}

    response = client.post("/api/recent", BODY, JSON, headers=headers)

    assert response.status_code == 200


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "application/jsonp",
        "application/vnd.api+json",
        "json",
        "; charset=utf-8",
    ],
)
def test_body_of_another_type_is_told_which_is_taken(
    client: Client, media_type: str
) -> None:
    response = client.generic("POST", "/api/recent", BODY, media_type)

    assert response.status_code == 415
    detail = NO_JSON.format(media_type)
    assert response.json() == {"error": {"status": 415, "detail": detail}}


@pytest.mark.parametrize(
    "media_type",
    [JSON, "Application/JSON", "application/json;charset=utf-8", f"{JSON} ; a=b", ""],
)
def test_body_of_json_is_taken_whatever_its_parameters(
    client: Client, media_type: str
) -> None:
    Package.objects.create(normalized_name="django")

    response = client.generic("POST", "/api/recent", BODY, media_type)

    assert response.status_code == 200


def test_byte_order_mark_is_named(client: Client) -> None:
    response = client.generic("POST", "/api/recent", BOM_UTF8 + BODY, JSON)

    assert response.status_code == 400
    assert response.json()["error"]["detail"] == (
        "The body begins with a byte order mark; send the JSON without it."
    )


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"HTTP_TRANSFER_ENCODING": "chunked"}, NoLength),
        ({"CONTENT_LENGTH": "262145"}, TooLarge),
        ({"CONTENT_LENGTH": "23", "HTTP_CONTENT_ENCODING": "br"}, WrongEncoding),
        ({"CONTENT_LENGTH": "23", "CONTENT_TYPE": "text/plain"}, WrongType),
    ],
)
def test_refused_body_is_not_read(
    headers: dict[str, Any], error: type[Exception]
) -> None:
    plain = APIRequestFactory().generic("POST", "/api/recent", **headers)
    plain._stream = Unreadable()

    with pytest.raises(error):
        names_in_body(Request(plain))
