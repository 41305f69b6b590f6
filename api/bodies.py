"""What may be sent to the API: JSON of a length that is told first, and no more."""

from codecs import BOM_UTF8

import orjson
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from api.exceptions import WrongValue, shortened

MOST_BYTES = 256 * 1024
PLAIN = ("", "identity")
JSON = "application/json"


class NoLength(APIException):
    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = "The body has no length; send it whole, with a Content-Length."


class TooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = f"The body is larger than {MOST_BYTES // 1024} KiB."


class WrongEncoding(APIException):
    """The body is compressed: what it unpacks to has no limit."""

    status_code = status.HTTP_415_UNSUPPORTED_MEDIA_TYPE

    def __init__(self, encoding: str) -> None:
        message = f"Content-Encoding is {shortened(encoding)}; send the body as it is."
        super().__init__(message)


class WrongType(APIException):
    """The body says that it is something else than JSON."""

    status_code = status.HTTP_415_UNSUPPORTED_MEDIA_TYPE

    def __init__(self, media_type: str) -> None:
        message = f"Content-Type is {shortened(media_type)}; send {JSON}."
        super().__init__(message)


def names_in_body(request: Request) -> list[str]:
    """Return the names that the body lists; read nothing that is refused unread."""
    _check_headers(request)
    names = _object(request.body).get("packages")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        message = "packages in the body is no list of names."
        raise WrongValue(message)
    return names


def _check_headers(request: Request) -> None:
    # Django reads nothing of a body in chunks, as if there were none.
    if request.META.get("HTTP_TRANSFER_ENCODING"):
        raise NoLength
    length = request.META.get("CONTENT_LENGTH") or "0"
    if (
        not length.isdecimal()
        or len(length) > len(str(MOST_BYTES))
        or int(length) > MOST_BYTES
    ):
        raise TooLarge
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "")
    if encoding.strip().lower() not in PLAIN:
        raise WrongEncoding(encoding)
    media_type = request.META.get("CONTENT_TYPE", "")
    # Who names no type means the only one that is taken.
    if media_type and media_type.partition(";")[0].strip().lower() != JSON:
        raise WrongType(media_type)


def _object(body: bytes) -> dict[str, object]:
    if body.startswith(BOM_UTF8):
        message = "The body begins with a byte order mark; send the JSON without it."
        raise WrongValue(message)
    try:
        found = orjson.loads(body)
    except ValueError as error:
        message = 'The body is no JSON; send {"packages": ["a", "b"]}.'
        raise WrongValue(message) from error
    if not isinstance(found, dict) or found.keys() - {"packages"}:
        message = "The body is an object of packages alone; the rest is in the address."
        raise WrongValue(message)
    return found
