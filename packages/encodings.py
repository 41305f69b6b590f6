"""Compressed answers: zstd, which costs least, for those who read it, else gzip."""

import gzip
import sys
from collections.abc import Callable
from functools import lru_cache

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SMALLEST = 500
"""Shorter answers fit into one packet as they are."""

GZIP_LEVEL = 6


def _gzip(body: bytes) -> bytes:
    # Without the time, so that the same answer is the same bytes.
    return gzip.compress(body, GZIP_LEVEL, mtime=0)


_ENCODERS: dict[str, Callable[[bytes], bytes]] = {"zstd": zstd.compress, "gzip": _gzip}


@lru_cache(maxsize=256)
def accepted_encoding(header: str) -> str:
    """Return the encoding to send to who sends this Accept-Encoding; "" for none."""
    accepted = dict(_weight(part) for part in header.lower().split(","))
    return next((name for name in _ENCODERS if accepted.get(name, 0) > 0), "")


def encode(body: bytes, encoding: str) -> bytes:
    return _ENCODERS[encoding](body)


def _weight(part: str) -> tuple[str, float]:
    name, _, parameter = part.partition(";")
    key, _, value = parameter.partition("=")
    try:
        return name.strip(), float(value) if key.strip() == "q" else 1.0
    except ValueError:
        return name.strip(), 0.0
