"""What is known about the client of a request while that is answered."""

from dataclasses import dataclass

from django.http import HttpRequest

from api.limits import ApiClient, Usages
from api.tokens import identify

_NAME = "api_account"


@dataclass(slots=True)
class Account:
    client: ApiClient
    scope: str | None = None
    usages: Usages | None = None
    """None until the request is counted."""


def account_of(request: HttpRequest) -> Account:
    """Return the account of the request's client; raise ``WrongToken``."""
    known: Account | None = vars(request).get(_NAME)
    if known is None:
        known = vars(request)[_NAME] = Account(identify(request))
    return known
