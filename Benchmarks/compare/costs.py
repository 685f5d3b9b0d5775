"""Suites of requests that compute: on one core by each class, and with one worker and two."""

from __future__ import annotations

from suites import Bench, Column, Row, Suite, measure_plain
from servers import epoll, greenfinch

COLUMNS = [
    Column("rps", "req/s", 0), Column("cpu_us", "CPU µs/req", 2), Column("p50_ms", "p50, ms", 2),
    Column("p99_ms", "p99, ms", 2), Column("failures", "failures", 0),
]


def _suite(bench: Bench, name: str, title: str, path: str, rows: list[Row], pinned: bool) -> Suite:
    command = f"wrk -t1 -c64 -d{bench.seconds}s --latency URL{path} (after one second to warm up)"
    return Suite(name, title, [command], COLUMNS, rows, measure_plain, pinned)


def computing(bench: Bench, microseconds: int) -> Suite:
    """Each class on one core, beside a C program that computes as long."""
    path = f"/spin/{microseconds}"
    options = ["-w 1 -k green --worker-connections 1000", "-w 1 --threads 100", "-w 1 -k sync"]
    rows = [Row(greenfinch(each, bench.hello, path)) for each in options]
    rows.append(Row(epoll(bench.epoll, f"--work {microseconds}")))
    return _suite(bench, f"spin-{microseconds}", f"A handler that computes for {microseconds} µs", path, rows, True)


def workers(bench: Bench, count: int) -> Suite:
    """So many workers on all cores, which they share with the load; a handler that computes for a millisecond."""
    path = "/spin/1000"
    rows = [Row(greenfinch(f"-w {count} -k green --worker-connections 1000", bench.hello, path)),
            Row(epoll(bench.epoll, f"--workers {count} --work 1000"))]
    return _suite(bench, f"workers-{count}", f"{count} workers", path, rows, False)
