"""Addresses of the web, as settings name them."""

from urllib.parse import SplitResult, urlsplit


def web_address(text: str) -> SplitResult | None:
    """Return the parts of an http(s) address that paths can follow; else None."""
    if any(sign.isspace() or sign in "?#@" for sign in text):
        return None
    try:
        address = urlsplit(text)
        is_reachable = bool(address.hostname) and address.port != 0
    except ValueError:
        return None
    return address if is_reachable and address.scheme in {"http", "https"} else None
