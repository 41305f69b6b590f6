"""Credentials come the ways that Google's tools use, or one sentence says how."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2.service_account import Credentials
from pytest_django import Settings

from ingest.exceptions import SourceError
from ingest.sources.bigquery.connection import connect
from tests.bigquery_server import BigQuery, Fault
from tests.ingest.bigquery.conftest import DAY, count, write
from tests.ingest.events import Event

MAIL = "counter@payer.iam.example.com"


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def key_text(private_key: str, server: str = "http://127.0.0.1:9") -> str:
    return json.dumps(
        {
            "type": "service_account",
            "project_id": "payer",
            "private_key_id": "1",
            "private_key": private_key,
            "client_email": MAIL,
            "token_uri": f"{server}/token",
        }
    )


@pytest.fixture(autouse=True)
def _no_credentials_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path / "gcloud"))
    monkeypatch.setenv("NO_GCE_CHECK", "true")


@pytest.mark.django_db
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_key_in_the_environment_is_used(
    bigquery: BigQuery, settings: Settings, private_key: str
) -> None:
    settings.BIGQUERY_KEY = key_text(private_key, bigquery.url)
    settings.BIGQUERY_PROJECT = ""
    write(bigquery, [Event()])

    outcome = count()

    assert [day.downloads for day in outcome.counted] == [1]
    assert bigquery.authorizations == {"Bearer fresh"}
    assert bigquery.calls[0] == "token"


def test_key_file_named_in_googles_way_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, private_key: str
) -> None:
    path = tmp_path / "key.json"
    path.write_text(key_text(private_key))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))

    client = connect()

    assert client.project == "payer"
    assert isinstance(client._credentials, Credentials)
    assert client._credentials.service_account_email == MAIL


def test_project_of_the_settings_pays(settings: Settings, private_key: str) -> None:
    settings.BIGQUERY_KEY = key_text(private_key)
    settings.BIGQUERY_PROJECT = "other-payer"

    assert connect().project == "other-payer"


def test_missing_credentials_are_one_sentence() -> None:
    with pytest.raises(SourceError) as caught:
        connect()

    assert str(caught.value).startswith("There are no Google credentials: ")
    assert str(caught.value).endswith(
        ". Set BIGQUERY_KEY_FILE (or"
        " GOOGLE_APPLICATION_CREDENTIALS) to the key file of a service account, or"
        " BIGQUERY_KEY to its text, or log in with"
        " 'gcloud auth application-default login'."
    )


def test_missing_key_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")

    with pytest.raises(SourceError, match=r"nowhere/key\.json was not found"):
        connect()


@pytest.mark.parametrize("key", ["{", "[]", "{}", '"secret"', '{"type": "secret"}'])
def test_unusable_key_is_refused_and_not_shown(settings: Settings, key: str) -> None:
    settings.BIGQUERY_KEY = key

    with pytest.raises(SourceError, match="is no key of a service account") as caught:
        connect()

    assert "secret" not in str(caught.value)


def test_missing_project_is_one_sentence(settings: Settings) -> None:
    settings.BIGQUERY_EMULATOR_HOST = "http://127.0.0.1:9"

    with pytest.raises(SourceError, match="set BIGQUERY_PROJECT to the project"):
        connect()


@pytest.mark.django_db
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_refused_credentials_are_one_sentence(
    bigquery: BigQuery, settings: Settings, private_key: str
) -> None:
    settings.BIGQUERY_KEY = key_text(private_key, bigquery.url)
    refusal = {"error": "invalid_grant", "error_description": "Account not found"}
    bigquery.faults = [Fault("token", status=400, body=refusal)]

    outcome = count()

    assert "Google refuses the credentials" in outcome.failed[DAY]
