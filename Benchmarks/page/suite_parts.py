"""The parts that are suites of compare/: servers beside each other under one load."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Callable

import descriptors
import tls
from costs import computing, workers
from figures import UNITS, Figure, known
from kinds import KINDS
from part import Effort, Part
from running import Running
from servers import Server, nginx
from suites import Bench, Column, Row, Suite, article, many, measure_plain, plain

import paths

CLASSES = {"-k sync": "sync", "-k green": "green", "-k gevent": "gevent", "-k gthread": "gthread", "--threads": "thread"}
STREAMS = paths.ROOT / ".build-release" / "release" / "streams"
CONNECTIONS = [64, 1000, 5000, 20_000]
"""How many are active, or as many as the limit of descriptors lets a server have."""
BETWEEN = 2.5
"""Seconds that a server takes to start, to be still and to end, and that the load takes to warm up."""


def short(name: str) -> str:
    """A server's name for a table: `greenfinch -w 1 -k green --worker-connections 1000` is `Greenfinch green`."""
    if name.startswith("Flask in "):
        return f"{short(name.removeprefix('Flask in '))}, Flask"
    program = name.split()[0]
    kind = next((kind for option, kind in CLASSES.items() if option in name), "")
    if name == "epoll --close":
        return "epoll in C, closing"
    if "," in name and program != "greenfinch":
        return name
    shown = {"greenfinch": "Greenfinch", "epoll": "epoll in C"}.get(program, program)
    return f"{shown} {kind}".strip()


class SuitePart(Part):
    """One table of one or several suites; each suite is a row of it for each server."""
    more_seconds = 0.0
    """Of each run, besides the load's."""

    def __init__(self, bench: Bench, name: str, title: str, about: str, suites: dict[str, Callable[[Bench], Suite]]):
        self.name, self.title, self.about = name, title, about
        self._bench, self._make = bench, suites
        self.forget()

    def forget(self) -> None:
        self.suites = {label: make(self._bench) for label, make in self._make.items()}

    def seconds_a_round(self, effort: Effort) -> float:
        runs = sum(1 + (row.partner is not None) for suite in self.suites.values() for row in suite.rows
                   if not row.server.missing)
        return runs * (effort.seconds + 1 + BETWEEN + self.more_seconds)

    def run_round(self, number: int) -> None:
        for suite in self.suites.values():
            suite.run_round(self._bench, number)

    def figures(self) -> list[Figure]:
        found = []
        for label, suite in self.suites.items():
            for row in [*suite.rows, *suite.partners.values()]:
                for name in UNITS:
                    if samples := [sample[name] for sample in row.samples if name in sample]:
                        found.append(known(self.name, label, short(row.server.name), name, samples))
        return found

    def problems(self) -> list[str]:
        rows = [row for suite in self.suites.values() for row in [*suite.rows, *suite.partners.values()]]
        found = [f"{short(row.server.name)}: {problem}" for row in rows for problem in dict.fromkeys(row.problems)
                 if not (row.server.missing and row.server.optional)]
        for row in rows:
            if failed := sum(sample.get("failures", 0) for sample in row.samples):
                found.append(f"{short(row.server.name)}: {failed:.0f} requests failed")
        return list(dict.fromkeys(found))


class ArticlePart(SuitePart):
    """A class that serves one request at a time takes thirteen seconds twice, the same each time: once is enough."""

    def forget(self) -> None:
        super().forget()
        for row in self._sync_rows():
            row.most_rounds = 1

    def _sync_rows(self) -> list[Row]:
        return [row for suite in self.suites.values() for row in suite.rows if "-k sync" in row.server.name]

    def seconds_a_round(self, effort: Effort) -> float:
        rows = [row for suite in self.suites.values() for row in suite.rows if not row.server.missing]
        slow = sum(1 for row in rows if "-k sync" in row.server.name)
        return (len(rows) - slow) * (5.5 + BETWEEN) + slow * (25.5 + BETWEEN) / effort.rounds


class TLSPart(SuitePart):
    more_seconds = 4.0


def encrypted(bench: Bench, certificate: Path) -> Suite:
    """`/plain` over kept connections of TLS 1.3, and handshakes."""
    command = (str(STREAMS), "-w", "1", "-k", "green", "--certfile", str(certificate), "-b", "127.0.0.1:{port}")
    missing = "" if STREAMS.exists() else f"{STREAMS.name} is not built: make bench-programs"
    green = Server("greenfinch -k green", command, missing, scheme="https")

    def measure(bench: Bench, running: Running) -> dict[str, float]:
        figures = measure_plain(bench, running)
        return figures | {"handshakes": tls.handshakes(running.port, "-new", "-tls1_3", core=bench.load_core or 0)}

    peer = nginx(bench.results / "build" / "nginx-tls", certificate)
    return Suite("tls", "TLS", [], [Column("rps", "req/s", 0)], [Row(green), Row(peer)], measure, True)


def compared_by_connections(bench: Bench, count: int) -> Suite:
    suite = many(bench, count)
    suite.rows = [row for row in suite.rows if not row.server.missing]
    return suite


def suite_parts(bench: Bench, is_whole: bool) -> list[Part]:
    certificate = bench.results / "build" / "certificate"
    certificate.mkdir(parents=True, exist_ok=True)
    tls.prepare(certificate, 1)
    return [
        ArticlePart(
            bench, "article", "The article's table",
            "50 requests, 10 at a time, of a handler that sleeps for 0.5 s; two workers. `ab` makes its first request alone, "
            "so that it takes 3.0 s at least; `hey` takes 2.5 s.", {"50 requests of 0.5 s": article}),
        SuitePart(
            bench, "classes", "What a request costs, by class",
            "`wrk -t1 -c64` on `/plain`: one worker on one core, the load on the other. The ceiling is a C program on raw epoll "
            "that parses nothing and sends the same bytes.", {"/plain, 64 connections": plain}),
        SuitePart(
            bench, "requests", "Other kinds of requests",
            "64 connections; one worker on one core, a load in C that counts exactly on the other. The time of a request that "
            "closes is from connect to the end; that of a pipelined one is its batch's. nginx answers with a constant text, also "
            "where JSON is written, which has no ceiling.", KINDS),
        SuitePart(
            bench, "connections", "With more connections",
            "All of them active; one worker on one core, a load in C on the other. Opening them, warming up and closing them is "
            "not counted." + descriptors.remark(CONNECTIONS),
            {f"{count:,} connections": partial(compared_by_connections, count=count)
             for count in descriptors.allowed(CONNECTIONS)}),
        SuitePart(
            bench, "cost", "With more work in a request", "A handler that computes for so long; 64 connections, one core.",
            {f"{count} µs": partial(computing, microseconds=count) for count in ((10, 100, 1000) if is_whole else (100, 1000))}),
        SuitePart(
            bench, "workers", "With more workers", "A handler that computes for 1 ms; the load shares the cores.",
            {f"{count} worker{'s' * (count > 1)}": partial(workers, count=count) for count in (1, 2)}),
        TLSPart(
            bench, "tls", "TLS 1.3",
            "`/plain` over 64 kept connections, and full handshakes by `openssl s_time`; one core. nginx with the same OpenSSL is "
            "the peer. The processor time has the 64 handshakes in it with which `wrk` begins.",
            {"/plain over TLS": partial(encrypted, certificate=certificate / "both.pem")}),
    ]
