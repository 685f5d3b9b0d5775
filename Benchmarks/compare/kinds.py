"""Suites of other kinds of requests than one that is asked again and again: a connection for each, sixteen at once, and what a
browser sends; and ten fields as JSON. Each green, beside the ceiling and nginx."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from instructions import BROWSER
from servers import epoll, greenfinch, nginx
from suites import Bench, Column, Row, Suite, measure_exactly

COLUMNS = [
    Column("rps", "req/s", 0), Column("cpu_us", "CPU µs/req", 2), Column("p50_ms", "p50, ms", 2),
    Column("p99_ms", "p99, ms", 2), Column("p999_ms", "p99.9, ms", 2), Column("failures", "failures", 0),
]
BATCH = 16


def _suite(bench: Bench, name: str, title: str, options: tuple[str, ...], ceiling: str | None = "", path: str = "/plain") -> Suite:
    """`ceiling`: options of epoll.c; None where there is none."""
    servers = [greenfinch("-w 1 -k green --worker-connections 1000", bench.hello, path)]
    if ceiling is not None:
        servers.append(epoll(bench.epoll, ceiling))
    servers.append(replace(nginx(bench.results / "build" / "nginx"), path=path))
    command = " ".join(["requests PORT", path, "64", str(bench.seconds), *options])
    return Suite(name, title, [command], COLUMNS, [Row(server) for server in servers if not server.missing or not server.optional],
                 partial(measure_exactly, options=options), True)


def closing(bench: Bench) -> Suite:
    return _suite(bench, "closing", "A connection for each request", ("--close",), "--close")


def pipelined(bench: Bench) -> Suite:
    return _suite(bench, "pipelined", f"{BATCH} requests at once on each connection", ("--batch", str(BATCH)), f"--times {BATCH}")


def browser(bench: Bench) -> Suite:
    return _suite(bench, "browser", "The 14 fields of a browser", ("--fields", BROWSER))


def json_ten(bench: Bench) -> Suite:
    """nginx answers with a constant text."""
    return _suite(bench, "json-ten", "A struct of ten fields as JSON", (), None, "/json/ten")


KINDS = {
    "a connection for each request": closing, f"pipelined × {BATCH}": pipelined, "14 fields of a browser": browser,
    "JSON of 10 fields": json_ten,
}
