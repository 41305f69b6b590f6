"""What the API refuses, and in which words."""

from rest_framework import status
from rest_framework.exceptions import APIException

NAMED_VALUES = 40
SHOWN = 40


class WrongValue(APIException):
    """A parameter, or the body, says what cannot be meant."""

    status_code = status.HTTP_400_BAD_REQUEST


class UnknownValue(WrongValue):
    """A parameter has a value outside the allowed ones."""

    def __init__(self, parameter: str, value: str, allowed: list[str]) -> None:
        names = ", ".join(allowed[:NAMED_VALUES])
        if len(allowed) > NAMED_VALUES:
            names += f" and {len(allowed) - NAMED_VALUES} more"
        super().__init__(f"{parameter} is {shortened(value)}; allowed are: {names}.")


class DatabaseUnreachable(APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "The database does not answer; try again in a minute."


def shortened(value: str) -> str:
    """Quote what a client sent, so that it fits a sentence."""
    return repr(value if len(value) <= SHOWN else f"{value[:SHOWN]}...")
