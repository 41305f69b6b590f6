"""Admins make tokens, see each once, and revoke them."""

import re

import pytest
from django.test import Client

from packages.models import ApiToken
from packages.models.tokens import digest_of
from tests.packages.admin_forms import staff_who_may

pytestmark = pytest.mark.django_db
LIST = "/admin/packages/apitoken/"
FORM = {"name": "Badges of example.org", "factor": "50"}


def secrets_in(page: bytes) -> set[str]:
    return set(re.findall(r"pypistats_[\w-]{40,}", page.decode()))


def test_new_token_is_shown_once(admin_client: Client) -> None:
    shown = admin_client.post(f"{LIST}add/", FORM)

    [secret] = secrets_in(shown.content)
    token = ApiToken.objects.get()
    assert (token.name, token.factor) == ("Badges of example.org", 50)
    assert token.digest == digest_of(secret)
    assert token.beginning == secret[:16]
    assert "no-store" in shown["Cache-Control"]
    assert not any(secret in morsel.value for morsel in admin_client.cookies.values())
    for path in [LIST, f"{LIST}{token.pk}/change/", f"{LIST}{token.pk}/history/"]:
        page = admin_client.get(path).content
        assert secrets_in(page) == set()
        assert token.digest.encode() not in page


def test_each_token_is_another(admin_client: Client) -> None:
    pages = [admin_client.post(f"{LIST}add/", FORM).content for _ in range(3)]

    assert len(set.union(*map(secrets_in, pages))) == 3


@pytest.mark.parametrize("factor", ["0", "-1", "100001", "much", ""])
def test_factor_has_bounds(admin_client: Client, factor: str) -> None:
    page = admin_client.post(f"{LIST}add/", FORM | {"factor": factor})

    assert page.status_code == 200
    assert b"errorlist" in page.content
    assert not ApiToken.objects.exists()


def test_change_keeps_the_secret(admin_client: Client) -> None:
    [secret] = secrets_in(admin_client.post(f"{LIST}add/", FORM).content)
    token = ApiToken.objects.get()

    saved = admin_client.post(f"{LIST}{token.pk}/change/", FORM | {"factor": "7"})

    assert saved.status_code == 302
    token.refresh_from_db()
    assert (token.factor, token.digest) == (7, digest_of(secret))


def test_tokens_are_revoked_together(admin_client: Client) -> None:
    for _ in range(3):
        admin_client.post(f"{LIST}add/", FORM)
    chosen = [token.pk for token in ApiToken.objects.all()[:2]]

    answer = admin_client.post(
        LIST, {"action": "revoke", "_selected_action": chosen}, follow=True
    )

    assert b"2 tokens are revoked." in answer.content
    assert ApiToken.objects.filter(revoked_at=None).count() == 1


def test_who_may_look_may_not_make_or_revoke() -> None:
    token = ApiToken(name="x")
    token.set_new_secret()
    token.save()
    client = staff_who_may("view_apitoken")

    assert client.get(LIST).status_code == 200
    assert client.post(f"{LIST}add/", FORM).status_code == 403
    client.post(LIST, {"action": "revoke", "_selected_action": [token.pk]})

    token.refresh_from_db()
    assert token.revoked_at is None
