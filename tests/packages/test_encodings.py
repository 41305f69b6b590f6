"""Which encoding a client gets."""

import gzip
import sys

import pytest

from packages.encodings import accepted_encoding, encode

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BODY = b"downloads " * 100


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, deflate", "gzip"),
        ("GZIP;Q=0.5", "gzip"),
        ("x-gzip", "gzip"),
        ("X-GZIP;q=0", ""),
        ("gzip;q=1.0;foo=1", "gzip"),
        ("gzip;foo=1;q=0", ""),
        ("gzip;foo=1", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0, gzip", "gzip"),
        ("gzip;q=0", ""),
        ("gzip; q=0.000", ""),
        ("gzip;q=nonsense", ""),
        ("gzip;q=nan, zstd;q=0.1", "zstd"),
        ("gzip;q=1.0, zstd;q=0.1", "gzip"),
        ("gzip;q=0.5, zstd;q=0.5", "zstd"),
        ("gzip;q=0.001, zstd;q=0.01", "zstd"),
        ("*", "gzip"),
        ("*;q=0.1", "gzip"),
        ("*;q=0", ""),
        ("*, gzip;q=0", ""),
        ("*, zstd", "zstd"),
        ("zstd;q=0.5, *", "gzip"),
        ("identity", ""),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0, *;q=0", ""),
        ("br", ""),
        (",;,=;q", ""),
    ],
)
def test_encoding_is_one_that_the_client_reads(header: str, encoding: str) -> None:
    assert accepted_encoding(header) == encoding


def test_encoded_body_is_the_same_when_read() -> None:
    assert gzip.decompress(encode(BODY, "gzip")) == BODY
    assert zstd.decompress(encode(BODY, "zstd")) == BODY


def test_same_body_is_the_same_bytes_at_any_time() -> None:
    assert encode(BODY, "gzip") == encode(BODY, "gzip")
    assert encode(BODY, "gzip")[4:8] == bytes(4)
