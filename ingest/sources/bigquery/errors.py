"""What went wrong in BigQuery, in sentences that say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import requests
from django.conf import settings
from google.api_core import exceptions
from google.auth.exceptions import GoogleAuthError, TransportError

from ingest.exceptions import SourceError
from ingest.sources.bigquery.billing import in_words

TRANSIENT = frozenset(
    [
        *("rateLimitExceeded", "backendError", "internalError", "badGateway"),
        *("jobBackendError", "jobInternalError", "jobRateLimitExceeded", "timeout"),
    ]
)
_TRANSIENT_TYPES = (
    ConnectionError,
    exceptions.TooManyRequests,
    exceptions.ServerError,
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    TransportError,
)
_MAX_SHOWN = 300

_LATER = "Google says that this passes: the next run tries the day again."
_ACCESS = (
    "Grant the account roles/bigquery.jobUser on the project that pays"
    " (BIGQUERY_PROJECT), and see that BIGQUERY_TABLE is spelled right."
)
_QUOTA = (
    "A quota of the project is used up, or its free terabyte: wait until it is renewed,"
    " raise QueryUsagePerDay or turn on billing, or count fewer packages"
    " (INGEST_PACKAGES=tracked)."
)
_QUERY = (
    "Does BIGQUERY_TABLE have the columns of the public table"
    " (docs/event-files.md)? If so, this is a mistake of this service: report it."
)
_ADVICE = {
    "accessDenied": _ACCESS,
    "notFound": _ACCESS,
    "quotaExceeded": _QUOTA,
    "billingTierLimitExceeded": _QUOTA,
    "billingNotEnabled": "Turn on billing for the project (BIGQUERY_PROJECT).",
    "invalidQuery": _QUERY,
    "invalid": _QUERY,
    "resourcesExceeded": (
        "Count fewer details (INGEST_DETAIL, INGEST_COUNT_BY), or try again later."
    ),
    "responseTooLarge": "Count fewer details (INGEST_DETAIL, INGEST_COUNT_BY).",
    "stopped": "Somebody cancelled the job; the next run tries the day again.",
}


class JobFailedError(Exception):
    """A query ended without a result; the API itself worked."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.errors = [{"reason": reason, "message": message}]


def reason_of(error: BaseException) -> str:
    """Return Google's word for the error, or an empty text.

    The class of an error says little: a limit exceeded comes as 500.
    """
    try:
        return str(error.errors[0]["reason"])  # type: ignore[attr-defined]
    except (AttributeError, IndexError, KeyError, TypeError):
        return ""


def is_transient(error: BaseException) -> bool:
    """Say whether the same request may succeed a little later."""
    reason = reason_of(error)
    if reason:
        return reason in TRANSIENT
    return isinstance(error, _TRANSIENT_TYPES)


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Turn Google's errors into ``SourceError``, saying what was being done."""
    try:
        yield
    except exceptions.RetryError as error:
        raise SourceError(_sentence(doing, error.cause or error)) from error
    except (
        JobFailedError,
        exceptions.GoogleAPICallError,
        GoogleAuthError,
        requests.RequestException,
        ConnectionError,
    ) as error:
        raise SourceError(_sentence(doing, error)) from error


def _sentence(doing: str, error: BaseException) -> str:
    reason = reason_of(error)
    if reason == "bytesBilledLimitExceeded":
        allowed = in_words(settings.BIGQUERY_MAX_BYTES)
        advice = f"BIGQUERY_MAX_BYTES allows {allowed}: nothing was spent. Raise it."
    elif isinstance(error, GoogleAuthError) and not isinstance(error, TransportError):
        advice = "Google refuses the credentials: see BIGQUERY_KEY in the settings."
    elif is_transient(error):
        advice = _LATER
    else:
        advice = _ADVICE.get(reason, "See docs/bigquery.md.")
    shown = _message_of(error).strip().partition("\n")[0][:_MAX_SHOWN].rstrip(".")
    word = f" ({reason})" if reason else ""
    return f"BigQuery failed while {doing}{word}: {shown}. {advice}"


def _message_of(error: BaseException) -> str:
    """Google's own words where there are some; else the text may be a page of HTML."""
    try:
        return str(error.errors[0]["message"])  # type: ignore[attr-defined]
    except (AttributeError, IndexError, KeyError, TypeError):
        status = getattr(error, "code", None)
        return f"HTTP status {status:d}" if isinstance(status, int) else str(error)
