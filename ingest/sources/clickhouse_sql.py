"""What is asked of ClickHouse, and how DuckDB takes the answer.

Names in ``{{}}`` are bound by ClickHouse, those after ``$`` by DuckDB. ``{table}`` is
checked by ``is_table``, ``{wanted}`` is ``WANTED`` or nothing.
"""

from packages.clients import INVALID
from packages.models.files import MAX_VERSION

DAYS = """
SELECT date, toString(count()) AS downloads
FROM {table} WHERE date BETWEEN {{first:Date}} AND {{last:Date}} {wanted}
GROUP BY date
"""

# One row per day and part, which all downloads of a client share: far fewer rows than
# the public user may take, and each client's names once. A day that nobody downloaded
# anything on has its rows too, so a row that is missing is an answer that is not whole.
_ANSWER = """
SELECT date, part, toString(sum(of_client)) AS total,
    getSetting('read_overflow_mode') AS beyond_limits,
    groupArray(installer) AS installers, groupArray(python) AS pythons,
    groupArray(platform) AS systems,
    groupArray(names) AS projects, groupArray(numbers) AS downloads
FROM (
    SELECT date, part, installer, python, platform, sum(hits) AS of_client,
        groupArray(name) AS names, groupArray(hits) AS numbers
    FROM (
        SELECT date, project AS name,
            toUInt16(cityHash64(project) % {{parts:UInt16}}) AS part,
            substringUTF8(toValidUTF8(toString(installer)), 1, 65) AS installer,
            @python AS python,
            @platform AS platform,
            count() AS hits
        FROM {table} WHERE date BETWEEN {{first:Date}} AND {{last:Date}} {wanted}
        GROUP BY date, name, part, installer, python, platform
        UNION ALL
        SELECT {{first:Date}} + intDiv(number, {{parts:UInt16}}) AS date, '' AS name,
            toUInt16(number % {{parts:UInt16}}) AS part,
            '' AS installer, '' AS python, '' AS platform, toUInt64(0) AS hits
        FROM numbers(
            toUInt64(dateDiff('day', {{first:Date}}, {{last:Date}}) + 1)
            * {{parts:UInt16}}
        )
    )
    GROUP BY date, part, installer, python, platform
)
GROUP BY date, part
"""
_PYTHON = "substringUTF8(toValidUTF8(toString(python_minor)), 1, 17)"
CELLS = _ANSWER.replace("@python", _PYTHON).replace(
    "@platform", "substringUTF8(toValidUTF8(toString(system)), 1, 33)"
)
# The same downloads by version, in place of the system. Of a Python that is well formed
# no mirror list wants to know more.
VERSIONS = _ANSWER.replace(
    "@python", f"if(match({_PYTHON}, '^[0-9]\\\\.[0-9]+'), '', {_PYTHON})"
).replace(
    "@platform",
    f"substringUTF8(toValidUTF8(toString(version)), 1, {MAX_VERSION + 1})",
)
WANTED = "AND project IN {projects:Array(String)}"

DAY_COLUMNS = {"date": "DATE", "downloads": "BIGINT"}
CELL_COLUMNS = {
    "date": "DATE",
    "part": "USMALLINT",
    "total": "BIGINT",
    "beyond_limits": "VARCHAR",
    "installers": "VARCHAR[]",
    "pythons": "VARCHAR[]",
    "systems": "VARCHAR[]",
    "projects": "VARCHAR[][]",
    "downloads": "BIGINT[][]",
}
IS_WHOLE = """
SELECT count(*) = $rows AND count(DISTINCT (date, part)) = $rows
    AND bool_and(coalesce(
        date BETWEEN $first AND $last AND part < $parts AND beyond_limits = 'throw'
        AND total = list_sum(flatten(downloads)) AND list_min(flatten(downloads)) >= 0
        AND len(installers) = len(downloads) AND len(pythons) = len(downloads)
        AND len(systems) = len(downloads)
        AND list_transform(projects, lambda x: len(x))
            = list_transform(downloads, lambda x: len(x)), false))
FROM answer
"""
_UNPACKED = """
FROM (
    SELECT * EXCLUDE (projects, downloads),
        unnest(projects) AS project, unnest(downloads) AS number
    FROM (
        SELECT date, unnest(installers) AS installer, unnest(pythons) AS python,
            unnest(systems) AS system, unnest(projects) AS projects,
            unnest(downloads) AS downloads
        FROM answer
    )
)
WHERE number > 0
"""
INSERT_CELLS = f"""
INSERT INTO cells
SELECT date, project, nullif(installer, ''),
    CASE WHEN python <> '' THEN coalesce(
        nullif(regexp_extract(python, '^[0-9]\\.[0-9]+'), ''), '{INVALID}') END,
    nullif(system, ''), NULL, number {_UNPACKED}"""
INSERT_FILES = f"""
INSERT INTO files
SELECT date, project, nullif(installer, ''),
    CASE WHEN python <> '' THEN '{INVALID}' END, NULL, nullif(system, ''), number
{_UNPACKED}"""
