"""What an admin's browser sends, and who sends it."""

import re
from html import unescape
from typing import Any

from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client

from packages.models import MirrorList

_FIELD = re.compile(r"<(input|textarea)\b([^>]*)>(?:([^<]*)</textarea>)?")
_ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')


def staff_who_may(*permissions: str, name: str = "staff") -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def change_address(mirror_list: MirrorList, page: str = "change") -> str:
    return f"/admin/packages/mirrorlist/{mirror_list.pk}/{page}/"


def fields_of(page: bytes) -> dict[str, str]:
    """Every named value that the page's form would send, without its buttons."""
    sent = {}
    for _, attributes, text in _FIELD.findall(page.decode()):
        found = dict(_ATTRIBUTE.findall(attributes))
        kind = found.get("type")
        unchecked = kind == "checkbox" and "checked" not in found
        if unchecked or kind in {"submit", "file"} or "__prefix__" in attributes:
            continue
        if "name" in found:
            value = found.get("value", "on" if kind == "checkbox" else text)
            sent[found["name"]] = unescape(value).removeprefix("\n")
    return sent


def opened(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    """The form at ``address`` as a browser would send it, with ``changes`` typed in."""
    page = client.get(address)
    assert page.status_code == 200
    fields = fields_of(page.content)
    fields.pop("csrfmiddlewaretoken", None)
    return {**fields, "reason": "tried here", **changes}


def confirmed(client: Client, address: str, **changes: Any) -> HttpResponse:
    """Preview a change, then send the form that the preview holds."""
    previewed = client.post(address, opened(client, address, **changes))
    assert previewed.status_code == 200
    response = client.post(address, fields_of(previewed.content))
    assert isinstance(response, HttpResponse)
    return response
