"""Compressed files, read to their end before they are believed.

DuckDB takes a truncated or damaged ``.gz`` or ``.zst`` file for a short one.
"""

import gzip
import sys
import zlib

from ingest.exceptions import SourceError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENDINGS = (".gz", ".zst")

_PIECE = 1 << 20


def check_compressed(name: str) -> None:
    """Raise ``SourceError`` for a compressed file that cannot be read to its end."""
    if not name.lower().endswith(ENDINGS):
        return
    opened = gzip.open if name.lower().endswith(".gz") else zstd.open
    try:
        with opened(name) as file:
            while file.read(_PIECE):
                pass
    except (OSError, EOFError, zlib.error, zstd.ZstdError) as error:
        message = f"{name} cannot be unpacked: {error}."
        raise SourceError(message) from error
