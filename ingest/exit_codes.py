"""What ``manage.py ingest`` ends with, for cron and scripts."""

from enum import IntEnum


class ExitCode(IntEnum):
    COUNTED = 0
    FAILED = 1
    USAGE = 2
    NOT_YET = 3
    ANOTHER_INGEST = 4


EXPLAINED = (
    "Exit codes: 0 all days are counted; 1 a day failed and stays as it was; 2 wrong"
    " usage; 3 the source does not have the day, or has nothing yet; 4 another ingest"
    " is running; 130 or 143 interrupted by Ctrl-C or SIGTERM, the day in work stays"
    " as it was."
)
