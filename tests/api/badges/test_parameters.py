"""What a badge's query string may not say, each refused with a sentence."""

from urllib.parse import quote

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
NO_TEXT = "it may not contain control, format or unassigned characters."
NO_LABEL = "give one text of 1 to 64 characters."
NO_COLOR = (
    "give 3 or 6 hexadecimal digits, or one of: brightgreen, green, yellowgreen,"
    " yellow, orange, red, blue, grey, gray, lightgrey, lightgray."
)
STYLES = "allowed are: flat, flat-square, for-the-badge."
LISTS = "allowed are: pypistats, everything, known-mirrors."


def refusal(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/json"
    error = response.json()["error"]
    assert list(error) == ["detail", "status"]
    detail: str = error["detail"]
    return detail


@pytest.mark.parametrize(
    "char",
    "\x01\n\x1b\x7f\x85\u202e\u200d\u2028\ue000\uffff\U000e0001\ufffd",
)
def test_label_without_text_in_it(client: Client, char: str) -> None:
    detail = refusal(client, f"/badge/django/day.svg?label=a{quote(char)}b")

    assert detail == f"label is {f'a{char}b'!r}; {NO_TEXT}"


@pytest.mark.parametrize("parameter", ["color", "label_color"])
@pytest.mark.parametrize(
    "value", ["", "teal", "12345", "#fff\n", 'red"/><script>', "url(#a)", "\x01"]
)
def test_what_is_no_color(client: Client, parameter: str, value: str) -> None:
    detail = refusal(client, f"/badge/django/day.svg?{parameter}={quote(value)}")

    assert detail == f"{parameter} is {value!r}; {NO_COLOR}"


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("label=", f"label is ''; {NO_LABEL}"),
        ("label=%20", f"label is ' '; {NO_LABEL}"),
        (f"label={'x' * 65}", f"label is '{'x' * 40}...'; {NO_LABEL}"),
        (f"label={'x' * 9_000}", f"label is '{'x' * 40}...'; {NO_LABEL}"),
        ("label=%E3%85%A4", "label is '\u3164'; it would look blank."),
        ("label=%E2%A0%80+%E1%85%9F", "label is '\u2800 \u115f'; it would look blank."),
        ("label=a&label=b", f"label is 'a, b'; {NO_LABEL}"),
        ("label=a%EF%BF%BDb", f"label is 'a\ufffdb'; {NO_TEXT}"),
        ("color=red&color=red", f"color is 'red, red'; {NO_COLOR}"),
        (f"color={'f' * 9_000}", f"color is '{'f' * 40}...'; {NO_COLOR}"),
        ("style=social", f"style is 'social'; {STYLES}"),
        ("style=", f"style is ''; {STYLES}"),
        ("style=flat&style=flat", f"style is 'flat, flat'; {STYLES}"),
        ("list=nope", f"list is 'nope'; {LISTS}"),
        ("list=pypistats&list=pypistats", f"list is 'pypistats, pypistats'; {LISTS}"),
    ],
)
def test_wrong_value(client: Client, query: str, detail: str) -> None:
    assert refusal(client, f"/badge/django/day.svg?{query}") == detail


def test_json_refuses_what_the_picture_refuses(client: Client) -> None:
    assert refusal(client, "/badge/django/day.json?color=teal").startswith("color is")


def test_longest_label_is_drawn(client: Client) -> None:
    response = client.get(f"/badge/django/day.svg?label={quote('ß' * 64)}")

    assert f'aria-label="{"ß" * 64}: no data"' in response.text
