"""The client of BigQuery, with the credentials that the settings or Google's ways give.

``BIGQUERY_KEY`` comes first, then an emulator's absence of any, then Google's defaults:
``GOOGLE_APPLICATION_CREDENTIALS``, gcloud's login, the machine's own account.
"""

import json

import google.auth
from django.conf import settings
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import DefaultCredentialsError, MalformedError
from google.cloud import bigquery
from google.oauth2 import service_account

from ingest.exceptions import SourceError

SCOPES = ("https://www.googleapis.com/auth/bigquery",)

_WAYS = (
    "Set BIGQUERY_KEY_FILE (or GOOGLE_APPLICATION_CREDENTIALS) to the key file of a"
    " service account, or BIGQUERY_KEY to its text, or log in with"
    " 'gcloud auth application-default login'"
)


def connect() -> bigquery.Client:
    """Return a client, or raise ``SourceError`` saying which setting is missing."""
    credentials, project = _credentials()
    project = settings.BIGQUERY_PROJECT or project
    if not project:
        message = (
            "The credentials name no Google Cloud project: set BIGQUERY_PROJECT to the"
            " project that pays for the queries."
        )
        raise SourceError(message)
    host = settings.BIGQUERY_EMULATOR_HOST
    return bigquery.Client(
        project=project,
        credentials=credentials,
        client_options={"api_endpoint": host} if host else None,
    )


def _credentials() -> tuple[Credentials, str | None]:
    if settings.BIGQUERY_KEY:
        return _from_key(settings.BIGQUERY_KEY)
    if settings.BIGQUERY_EMULATOR_HOST:
        return AnonymousCredentials(), None  # type: ignore[no-untyped-call]
    try:
        return google.auth.default(scopes=SCOPES)
    except DefaultCredentialsError as error:
        message = f"There are no Google credentials: {error} {_WAYS}."
        raise SourceError(message) from error


def _from_key(key: str) -> tuple[Credentials, str | None]:
    try:
        credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
            json.loads(key), scopes=SCOPES
        )
    except (ValueError, TypeError, AttributeError, MalformedError) as error:
        # The error may quote the key.
        message = f"BIGQUERY_KEY is no key of a service account. {_WAYS}."
        raise SourceError(message) from error
    return credentials, credentials.project_id
