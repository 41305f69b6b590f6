"""Compressed answers, as the client weighs them; zstd where it does not care."""

import gzip
import re
import sys
from collections.abc import Callable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SMALLEST = 500
"""Shorter answers fit into one packet as they are."""

GZIP_LEVEL = 6
_QUALITY = re.compile(r"[01](\.[0-9]*)?")


def _gzip(body: bytes) -> bytes:
    # Without the time, so that the same answer is the same bytes.
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


# What costs least comes first.
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {"zstd": zstd.compress, "gzip": _gzip}
_OTHER_NAMES = {"x-gzip": "gzip"}
_ANY, _NONE = "*", "identity"


@lru_cache(maxsize=256)
def accepted_encoding(header: str) -> str:
    """Return the encoding to send to who sends this Accept-Encoding; "" for none."""
    accepted = dict(_weight(part) for part in header.lower().split(","))
    # Whoever reads anything reads gzip; zstd is sent to those who name it.
    accepted.setdefault("gzip", accepted.get(_ANY, 0.0))
    best = max(_ENCODERS, key=lambda name: accepted.get(name, 0.0))
    weight = accepted.get(best, 0.0)
    return best if weight > 0 and weight >= accepted.get(_NONE, 0.0) else ""


def encode(body: bytes, encoding: str) -> bytes:
    return _ENCODERS[encoding](body)


def encoded(body: bytes, header: str) -> tuple[bytes, str]:
    """Compress ``body`` for who sends this Accept-Encoding, if that is worth it.

    Return it with the name of its encoding; "" for none.
    """
    encoding = accepted_encoding(header)
    if not encoding or len(body) < SMALLEST:
        return body, ""
    return encode(body, encoding), encoding


def compress(request: HttpRequest, response: HttpResponse) -> None:
    """Do the same to an answer, and say so in its headers."""
    header = request.META.get("HTTP_ACCEPT_ENCODING", "")
    body, encoding = encoded(response.content, header)
    if encoding:
        response.content = body
        response.headers["Content-Encoding"] = encoding
    response.headers["Content-Length"] = str(len(body))


def _weight(part: str) -> tuple[str, float]:
    name, *parameters = map(str.strip, part.split(";"))
    name = _OTHER_NAMES.get(name, name)
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            found = _QUALITY.fullmatch(value.strip())
            return name, float(found[0]) if found else 0.0
    return name, 1.0
