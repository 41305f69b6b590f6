"""Events become cells, in one reading or in two."""

from datetime import date

import duckdb
import pytest

from ingest.sources.base import DayRange
from ingest.sources.events import aggregate
from ingest.spool import Spool

DAY = DayRange(date(2026, 11, 18), date(2026, 11, 18))

EVENTS = """
CREATE TEMP VIEW events AS
SELECT timestamp::TIMESTAMPTZ AS timestamp, project, filename, installer, python,
    NULL::VARCHAR AS system, ci
FROM (VALUES
    ('2026-11-18 23:59:59.999999+00', 'a', 'a-1.WHL', 'pip', '3.11.1', NULL),
    ('2026-11-18 00:00:00+00', 'a', 'a-1.tar.gz', 'pip', '3.11.2', false),
    ('2026-11-18 10:00:00+00', 'a', NULL, NULL, NULL, true),
    ('2026-11-18 10:00:00+00', 'a', NULL, repeat('x', 70), 'three', NULL),
    ('2026-11-18 10:00:00+00', 'a', NULL, repeat('x', 71), '', NULL),
    ('2026-11-18 10:00:00+00', 'b', 'a-1.whl.metadata', 'pip', '3.11.1', NULL),
    ('2026-11-18 10:00:00+00', NULL, NULL, 'pip', '3.11.1', NULL),
    ('infinity', 'b', NULL, 'pip', '3.11.1', NULL),
    (NULL, 'b', NULL, 'pip', '3.11.1', NULL),
    ('2026-11-19 00:00:00+00', 'b', NULL, 'pip', '3.11.1', NULL)
) AS sent(timestamp, project, filename, installer, python, ci)
"""
CHANGING = """
CREATE TEMP VIEW events AS
SELECT now() AS timestamp, 'a' AS project, NULL::VARCHAR AS filename,
    random()::VARCHAR AS installer, NULL::VARCHAR AS python, NULL::VARCHAR AS system,
    NULL::BOOLEAN AS ci
FROM range(3)
"""


@pytest.mark.parametrize("read_twice", [False, True])
def test_events_become_cells(read_twice: bool) -> None:
    with Spool() as spool:
        spool.db.execute(EVENTS)
        taken = aggregate(spool, "events", DAY, read_twice=read_twice)

        assert taken == 5
        found = spool.db.execute("SELECT * EXCLUDE day FROM cells ORDER BY ALL")
        assert found.fetchall() == [
            ("a", "pip", "3.11", None, False, 2),
            ("a", "x" * 65, "invalid", None, False, 2),
            ("a", None, None, None, True, 1),
        ]
        assert spool.days() == [DAY.first]
        assert spool.skipped == {
            "without a timestamp, a project or an artifact": 4,
            "of days that were not asked for": 1,
        }


def test_events_that_change_between_two_readings_are_refused() -> None:
    with Spool() as spool:
        spool.db.execute(CHANGING)

        with pytest.raises(duckdb.Error, match="changed while it was read"):
            aggregate(spool, "events", DayRange(), read_twice=True)
