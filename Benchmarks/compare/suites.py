"""What is measured: suites, each a list of servers and one way to load them.

Runs are interleaved: every round measures every server once, so that a slow minute of the machine does not fall on one
server alone. Where a row has a partner (the ceiling or the floor, epoll.c), the two run directly one after the other,
in alternating order, and are compared run by run.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Callable

import descriptors
import exact
import load
import proc
from running import DidNotStart, Running
from servers import Server, epoll, greenfinch, greenfinch_flask, gunicorn, nginx, python_peers, swift_peers


@dataclass
class Bench:
    """What every measurement needs to know."""
    results: Path
    hello: Path
    epoll: Path
    server_core: int | None
    load_core: int | None
    patience: float
    """Seconds to wait, before each run, for the machine to be quiet."""
    say: Callable[[str], None]
    seconds: int = 5
    """How long wrk asks, after one second of warming up."""


@dataclass
class Row:
    server: Server
    partner: Callable[[bytes], Server] | None = None
    """Makes the program to compare with, given the server's own answer to `/plain`."""
    most_rounds: int = 100
    answer: bytes = b""
    """Its answer to `/plain`, once it has run."""
    samples: list[dict[str, float]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@dataclass
class Column:
    key: str
    title: str
    digits: int


@dataclass
class Suite:
    name: str
    title: str
    commands: list[str]
    columns: list[Column]
    rows: list[Row]
    measure: Callable[[Bench, Running], dict[str, float]]
    pinned: bool
    ratios: dict[str, str] = field(default_factory=dict)
    """The ratios to the partner, by the key they are kept under: the figure that is divided."""
    partners: dict[str, Row] = field(default_factory=dict)
    """The partner's own runs, by its name."""

    def run_round(self, bench: Bench, number: int) -> None:
        for row in self.rows:
            if number >= row.most_rounds or row.problems and not row.samples:
                continue  # it never worked: say so once, not every round
            bench.say(f"{self.name}, round {number + 1}: {row.server.name}")
            try:
                self._run_row(bench, row, partner_first=number % 2 == 1)
            except (DidNotStart, load.LoadFailed) as problem:
                row.problems.append(str(problem))
                bench.say(str(problem))

    def _run_row(self, bench: Bench, row: Row, partner_first: bool) -> None:
        if row.server.missing:
            raise DidNotStart(row.server.missing)
        if row.partner is None:
            row.samples.append(self._run(bench, row))
        elif partner_first and row.answer:
            theirs = self._run_partner(bench, row)
            self._compare(row, self._run(bench, row), theirs)
        else:
            ours = self._run(bench, row)
            self._compare(row, ours, self._run_partner(bench, row))

    def _compare(self, row: Row, ours: dict[str, float], theirs: dict[str, float]) -> None:
        # On a very busy machine the ceiling may not have used a tick of the processor's clock.
        ratios = {key: ours[figure] / theirs[figure] for key, figure in self.ratios.items() if theirs[figure]}
        row.samples.append(ours | ratios)

    def _run_partner(self, bench: Bench, row: Row) -> dict[str, float]:
        partner = row.partner(row.answer)
        kept = self.partners.setdefault(partner.name, Row(partner))
        kept.samples.append(self._run(bench, kept))
        return kept.samples[-1]

    def _run(self, bench: Bench, row: Row) -> dict[str, float]:
        name = "".join(letter if letter.isalnum() else "-" for letter in f"{self.name} {row.server.name}")
        log = bench.results / "logs" / f"{name}.log"
        with Running(row.server, log, bench.server_core if self.pinned else None) as running:
            row.answer = running.answer
            proc.wait_for_quiet(bench.patience)
            idle = proc.usage(running.pid)
            with proc.Strangers(running.pid) as strangers, proc.Sampler(running.pid) as sampler:
                sample = self.measure(bench, running)
            peak = sampler.peak
            return sample | {
                "processes": peak.processes, "threads": peak.threads,
                "idle_pss": idle.pss, "idle_rss": idle.rss, "peak_pss": peak.pss, "peak_rss": peak.rss,
                "strangers": strangers.cores,
            }


def _load(bench: Bench, command: list[str], timeout: float, pinned: bool) -> load.Result:
    result = load.run(command, timeout, bench.load_core if pinned else None)
    if result.failures:
        bench.say(f"    {command[0]}: {result.complaints}")
    return result


# The article's table: fifty requests, ten at a time, each of which sleeps for half a second.

def article(bench: Bench) -> Suite:
    options = ["-w 2 -k sync", "-w 2 -k green --worker-connections 100", "-w 2 --threads 100"]
    peers = ["-w 2 -k sync", "-w 2 -k gevent --worker-connections 100", "-w 2 -k gthread --threads 100"]
    # gunicorn's three lines with one word changed.
    own = ["-w 2 -k sync", "-w 2 -k green --worker-connections 100", "-w 2 -k thread --threads 100"]
    return Suite(
        name="article",
        title="The article's table: 50 requests of 0.5 s, 10 at a time",
        commands=["ab -r -n 50 -c 10 URL/", "hey -n 50 -c 10 -disable-keepalive URL/"],
        columns=[
            Column("ab_s", "ab, s", 2), Column("hey_s", "hey, s", 2), Column("ab_rps", "ab, req/s", 1),
            Column("longest_ms", "longest, ms", 0), Column("failures", "failures", 0),
        ],
        rows=[*(Row(greenfinch(o, bench.hello)) for o in options), *(Row(greenfinch_flask(o)) for o in own),
              *(Row(gunicorn(o)) for o in peers)],
        measure=_measure_article,
        pinned=True,
    )


def _measure_article(bench: Bench, running: Running) -> dict[str, float]:
    url = f"http://127.0.0.1:{running.port}/"
    ab = _load(bench, load.ab(url, 50, 10), 90, pinned=True)
    hey = _load(bench, load.hey(url, 50, 10), 90, pinned=True)
    unanswered = (50 - ab.figures["requests"]) + (50 - hey.figures["requests"] - hey.failures)
    return {
        "ab_s": ab.figures["seconds"], "hey_s": hey.figures["seconds"],
        "ab_rps": ab.figures["requests"] / ab.figures["seconds"], "longest_ms": ab.figures["longest_ms"],
        "failures": ab.failures + hey.failures + unanswered,
    }


# The same with a thousand connections, beside the floor: epoll.c that delays each answer by half a second.

def large(bench: Bench) -> Suite:
    options = ["-w 2 -k green --worker-connections 1000", "-w 2 --threads 500"]
    peers = ["-w 2 -k gevent --worker-connections 1000", "-w 2 -k gthread --threads 500"]

    def floor(_: bytes) -> Server:
        return epoll(bench.epoll, "--close --delay 500")

    servers = [greenfinch(o, bench.hello) for o in options] + [gunicorn(o) for o in peers]
    return Suite(
        name="large",
        title="4000 requests of 0.5 s, 1000 at a time",
        commands=["ab -r -n 4000 -c 1000 URL/"],
        columns=[
            Column("ab_s", "ab, s", 2), Column("floor_ratio", "× the floor", 2),
            Column("longest_ms", "longest, ms", 0), Column("cpu_s", "server CPU, s", 2),
            Column("failures", "failures", 0),
        ],
        rows=[Row(server, floor) for server in servers],
        measure=_measure_large,
        pinned=False,
        ratios={"floor_ratio": "ab_s"},
    )


def _measure_large(bench: Bench, running: Running) -> dict[str, float]:
    before = proc.cpu_seconds(running.pid)
    ab = _load(bench, load.ab(f"http://127.0.0.1:{running.port}/", 4000, 1000), 90, pinned=False)
    return {
        "ab_s": ab.figures["seconds"], "longest_ms": ab.figures["longest_ms"],
        "cpu_s": proc.cpu_seconds(running.pid) - before,
        "failures": ab.failures + 4000 - ab.figures["requests"],
    }


# Hello world over keep-alive connections: what a request costs, beside the ceiling.

def plain(bench: Bench) -> Suite:
    options = ["-w 1 -k sync", "-w 1 -k green --worker-connections 1000", "-w 1 --threads 100"]
    peers = ["-w 1 -k sync", "-w 1 -k gevent --worker-connections 1000", "-w 1 -k gthread --threads 100"]

    def ceiling(answer: bytes) -> Server:
        """Sends the very bytes that its partner sends, and closes where that closes."""
        head = answer.partition(b"\r\n\r\n")[0].lower()
        closes = b"\r\nconnection: close" in head
        response = bench.results / "build" / "response"
        response.write_bytes(answer)
        return epoll(bench.epoll, "--close" if closes else "", response)

    servers = [greenfinch(o, bench.hello) for o in options] + [gunicorn(o) for o in peers]
    others = [*python_peers(), *swift_peers(), nginx(bench.results / "build" / "nginx")]
    return Suite(
        name="plain",
        title="Hello world, 64 connections, one worker on one core",
        commands=[f"wrk -t1 -c64 -d{bench.seconds}s --latency URL/plain (after one second to warm up)"],
        columns=[
            Column("rps", "req/s", 0), Column("rps_ratio", "req/s ÷ epoll", 2), Column("cpu_us", "CPU µs/req", 2),
            Column("cpu_ratio", "CPU ÷ epoll", 2), Column("p50_ms", "p50, ms", 2), Column("p99_ms", "p99, ms", 2),
            Column("p999_ms", "p99.9, ms", 2), Column("server_busy", "server core", 2), Column("load_busy", "wrk core", 2),
            Column("failures", "failures", 0),
        ],
        rows=[Row(server, ceiling) for server in servers] + [Row(server) for server in others],
        measure=measure_plain,
        pinned=True,
        ratios={"rps_ratio": "rps", "cpu_ratio": "cpu_us"},
    )


# The same with more connections, all of them active.

def many(bench: Bench, connections: int) -> Suite:
    room = min(2 * connections, descriptors.limit() - 100)
    green = greenfinch(f"-w 1 -k green --worker-connections {room}", bench.hello)
    return Suite(
        name=f"plain-{connections}",
        title=f"Hello world, {connections:,} connections, one worker on one core",
        commands=[f"requests PORT /plain {connections} {bench.seconds} (after one second to warm up)"],
        columns=[
            Column("rps", "req/s", 0), Column("cpu_us", "CPU µs/req", 2), Column("p99_ms", "p99, ms", 1),
            Column("failures", "failures", 0),
        ],
        rows=[Row(server) for server in (green, epoll(bench.epoll), nginx(bench.results / "build" / "nginx"))],
        measure=partial(measure_exactly, connections=connections),
        pinned=True,
    )


# The same from an async handler that does not suspend, beside the blocking one.

def tasks(bench: Bench) -> Suite:
    options = "-w 1 -k green --worker-connections 1000"

    def blocking(_: bytes) -> Server:
        return greenfinch(options, bench.hello)

    return Suite(
        name="async",
        title="Hello world from an async handler that does not suspend, 64 connections, one worker on one core",
        commands=[f"wrk -t1 -c64 -d{bench.seconds}s --latency URL/plain/async (after one second to warm up)"],
        columns=[
            Column("rps", "req/s", 0), Column("rps_ratio", "req/s ÷ blocking", 2), Column("cpu_us", "CPU µs/req", 2),
            Column("p99_ms", "p99, ms", 2), Column("failures", "failures", 0),
        ],
        rows=[Row(greenfinch(options, bench.hello, "/plain/async"), blocking)],
        measure=measure_plain,
        pinned=True,
        ratios={"rps_ratio": "rps"},
    )


# A struct of ten fields as JSON, beside the constant text.

def json(bench: Bench) -> Suite:
    options = "-w 1 -k green --worker-connections 1000"

    def constant(_: bytes) -> Server:
        return greenfinch(options, bench.hello)

    return Suite(
        name="json",
        title="A struct of ten fields as JSON, 64 connections, one worker on one core",
        commands=[f"wrk -t1 -c64 -d{bench.seconds}s --latency URL/json/ten (after one second to warm up)"],
        columns=[
            Column("rps", "req/s", 0), Column("cpu_us", "CPU µs/req", 2), Column("cpu_ratio", "CPU ÷ constant", 2),
            Column("p99_ms", "p99, ms", 2), Column("failures", "failures", 0),
        ],
        rows=[Row(greenfinch(options, bench.hello, "/json/ten"), constant)],
        measure=measure_plain,
        pinned=True,
        ratios={"cpu_ratio": "cpu_us"},
    )


def measure_plain(bench: Bench, running: Running, connections: int = 64) -> dict[str, float]:
    url = running.url + running.server.path
    seconds = bench.seconds
    patience = 20 + connections / 200
    load.run(load.wrk(url, 1, connections), patience, bench.load_core)
    before = proc.cpu_seconds(running.pid)
    wrk = _load(bench, load.wrk(url, seconds, connections), seconds + patience, pinned=True)
    cpu = proc.cpu_seconds(running.pid) - before
    requests = wrk.figures["requests"]
    if not requests:
        raise load.LoadFailed(f"{running.server.name}: wrk got no answer in {seconds} s. {wrk.complaints}")
    return {
        "rps": wrk.figures["rps"], **{key: value for key, value in wrk.figures.items() if key.endswith("_ms")},
        "cpu_us": cpu / requests * 1e6, "server_busy": cpu / seconds, "load_busy": wrk.cpu / seconds,
        "failures": wrk.failures,
    }


def measure_exactly(bench: Bench, running: Running, connections: int = 64, options: tuple[str, ...] = ()) -> dict[str, float]:
    """By requests.c, which opens the connections, warms up and closes them outside of what is counted. It fails where any
    request does."""
    counted = exact.requests(
        running.url + running.server.path, running.pid, bench.seconds, bench.load_core, connections, *options)
    return counted.figures("rps") | {
        "server_busy": counted.cpu / counted.seconds, "load_busy": counted.load_cpu / counted.seconds, "failures": 0,
    }


SUITES: dict[str, Callable[[Bench], Suite]] = {
    "article": article, "large": large, "plain": plain, "async": tasks, "json": json,
    "plain-1000": partial(many, connections=1000), "plain-5000": partial(many, connections=5000),
}
