"""The SQL that takes access log lines apart, by log format.

Each line becomes a row of ``timestamp`` (NULL: no log line), ``request`` (method, path
and maybe protocol), ``status`` and ``agent``, all but the first as written in the log.
"""

from collections.abc import Sequence

from ingest.sources.file_names import file_list

# Not strict, as lone carriage returns stop a strict reader even when it ignores errors.
_READER = (
    "read_csv({files}, columns={{'line': 'VARCHAR'}}, auto_detect=false,"
    " header=false, delim='\x01', quote='', escape='', comment='',"
    " strict_mode=false, ignore_errors=true, store_rejects=true)"
)
_LOCAL_TIME = "%d/%b/%Y:%H:%M:%S %z"
# Apache's escapes of quote and backslash, written as nginx does, leave no quotes but
# those around the fields.
_FIELDS = r"""string_split(replace(replace(line, '\\', '\x5C'), '\"', '\x22'), '"')"""
_BEFORE = r"^\S+ .*\[([0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4})\] $"
_BETWEEN = r"^ ([0-9]{3}) (?:[0-9]+|-) $"

# Field names that servers use or their manuals suggest; nested ones are Caddy's.
_JSON_FIELDS = {
    "time": (
        *("$.time", "$.timestamp", "$.time_iso8601", "$.ts", "$.msec", "$.time_local"),
        *('$."@timestamp"', "$.StartUTC"),
    ),
    "method": ("$.request_method", "$.method", "$.RequestMethod", "$.request.method"),
    "path": ("$.request_uri", "$.uri", "$.path", "$.RequestPath", "$.request.uri"),
    "request": ("$.request",),
    "status": ("$.status", "$.DownstreamStatus"),
    "agent": (
        *("$.http_user_agent", "$.user_agent", "$.agent", '$."request_User-Agent"'),
        '$.request.headers."User-Agent"[0]',
    ),
}


def reader(files: Sequence[str]) -> str:
    """Return the table function that reads ``files`` as rows of one ``line``."""
    return _READER.format(files=file_list(files))


def parsed_lines(log_format: str, files: Sequence[str]) -> str:
    """Return the query that takes every line of ``files`` apart, but blank ones."""
    lines = f"SELECT line FROM {reader(files)} WHERE trim(line, ' \t\r') <> ''"
    return _from_json(lines) if log_format == "json" else _from_combined(lines)


def _from_combined(lines: str) -> str:
    """Lines are told by what stands around their three quoted fields."""
    return (
        "SELECT CASE WHEN status <> '' AND fields[5] = ' ' AND len(fields) > 6"
        f" THEN try_strptime(regexp_extract(fields[1], '{_BEFORE}', 1),"
        f" '{_LOCAL_TIME}') END AS timestamp, fields[2] AS request, status,"
        " fields[6] AS agent FROM (SELECT fields,"
        f" regexp_extract(fields[3], '{_BETWEEN}', 1) AS status"
        f" FROM (SELECT {_FIELDS} AS fields FROM ({lines})))"
    )


def _from_json(lines: str) -> str:
    """Lines without a time, a status or a request are none: their time is NULL."""
    paths = [path for group in _JSON_FIELDS.values() for path in group]
    first = {name: f"coalesce({', '.join(_found(name))})" for name in _JSON_FIELDS}
    times = ", ".join(_json_time(value) for value in _found("time"))
    return (
        "SELECT CASE WHEN request IS NOT NULL AND status <> ''"
        f" THEN coalesce({times}) END AS timestamp, request, status, agent FROM ("
        f"SELECT found, coalesce({first['method']} || ' ' || {first['path']},"
        f" {first['request']}) AS request, {first['agent']} AS agent,"
        f" regexp_extract({first['status']}, '^[0-9]{{3}}$') AS status"
        f" FROM (SELECT json_extract_string(line, {paths!r}) AS found FROM ("
        f"SELECT CASE WHEN json_valid(line) THEN line END AS line FROM ({lines}))))"
    )


def _found(name: str) -> list[str]:
    """Return where the values of a field are among all that were looked for."""
    names = [group for group, paths in _JSON_FIELDS.items() for _ in paths]
    return [f"found[{at}]" for at, group in enumerate(names, 1) if group == name]


def _json_time(value: str) -> str:
    """Seconds or milliseconds since 1970, ISO 8601, or as in the combined format."""
    return (
        f"CASE WHEN regexp_full_match({value}, '[0-9]{{9,11}}(\\.[0-9]*)?')"
        f" THEN to_timestamp(try_cast({value} AS DOUBLE))"
        f" WHEN regexp_full_match({value}, '[0-9]{{12,14}}(\\.[0-9]*)?')"
        f" THEN to_timestamp(try_cast({value} AS DOUBLE) / 1000)"
        f" WHEN regexp_matches({value}, '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}')"
        f" THEN try_cast(regexp_replace({value}, ' ([+-])', '\\1') AS TIMESTAMPTZ)"
        f" ELSE try_strptime(trim({value}, '[]'), '{_LOCAL_TIME}') END"
    )
