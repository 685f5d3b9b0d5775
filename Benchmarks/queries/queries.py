#!/usr/bin/env python3
"""Measures blocking libpq calls in three places: a green worker, Hummingbird's handlers, and fibers of Hummingbird's.

Each request runs `select pg_sleep(0.5)` in a PostgreSQL of its own; 200 of them, 100 at a time. Meanwhile another route, which
needs no database, is asked every 50 ms: how long it takes tells what the calls hold up. `ab` makes the first request alone, so
that 1.5 s is the least. Prints a table and writes it to Benchmarks/results/ as Markdown. Nothing is pinned: Swift's pool has
as many threads as the machine has cores.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "compare"))

import load  # noqa: E402
import machine  # noqa: E402
import proc  # noqa: E402
import report  # noqa: E402
from native import RESULTS  # noqa: E402
from running import PATIENCE, DidNotStart, Running, free_port, get  # noqa: E402
from servers import ROOT, Server  # noqa: E402
from suites import Column, Row  # noqa: E402

POSTGRES = ROOT / ".build-release-examples" / "clients" / "release" / "postgres"
ADAPTED = ROOT / ".build-release-examples" / "in-hummingbird" / "release" / "adapted"
REQUESTS, CONNECTIONS = 200, 100
PROBE_INTERVAL = 0.05
TOOLS = {"ab": "apache2-utils", "setpriv": "util-linux"}


@dataclass
class Case:
    row: Row
    path: str
    probe: str
    """The path of the route that needs no database."""
    rounds: int


class Program(Running):
    """A running server that need not have a route `/plain`: any answer will do."""

    def __init__(self, case: Case, log: Path):
        super().__init__(case.row.server, log)
        self._path = case.probe

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if get(self.port, self._path).startswith(b"HTTP/1."):
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise self._failure("no answer")


class Postgres:
    """A PostgreSQL of its own in a temporary folder, on a free loopback port, in a `with` block."""

    def __enter__(self) -> Postgres:
        versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
        if not versions:
            raise DidNotStart("PostgreSQL is not installed: package postgresql")
        programs = versions[-1].parent
        self._folder = tempfile.TemporaryDirectory(prefix="greenfinch-queries-")
        data, port = f"{self._folder.name}/data", free_port()
        self.conninfo = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        user = []
        if os.geteuid() == 0:  # it refuses to run as root
            entry = pwd.getpwnam("postgres")
            os.chown(self._folder.name, entry.pw_uid, entry.pw_gid)
            user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"]
        subprocess.run(
            ["setpriv", *user, "--", programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync",
             "--no-locale", "--encoding", "UTF8"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", "fsync=off"]
        with open(RESULTS / "logs" / "queries-postgresql.log", "wb") as log:
            self._process = subprocess.Popen(
                ["setpriv", *user, "--pdeathsig", "INT", "--", programs / "postgres", "-D", data, "-p", str(port),
                 *(word for setting in settings for word in ("-c", setting))],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd="/")
        try:
            self._wait(programs)
        except BaseException:
            self.__exit__()
            raise
        return self

    def _wait(self, programs: Path) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            ready = subprocess.run([programs / "pg_isready", "-d", self.conninfo], stdout=subprocess.DEVNULL)
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        raise DidNotStart("PostgreSQL did not start: see Benchmarks/results/logs/queries-postgresql.log")

    def __exit__(self, *_) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        self._process.wait()
        self._folder.cleanup()


class Prober:
    """Asks a route at regular times, each time over a new connection, while a `with` block runs. Milliseconds.

    It does not wait for one answer before it asks again: else the longest waits would be the fewest.
    """

    def __init__(self, port: int, path: str):
        self.waits: list[float] = []
        self._port = port
        self._request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
        self._done = False
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    async def _ask(self) -> None:
        began = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(self._request)
        await asyncio.wait_for(reader.read(), 120)
        writer.close()
        self.waits.append((time.monotonic() - began) * 1000)

    async def _ask_at_regular_times(self) -> None:
        asked = []
        while not self._done:
            asked.append(asyncio.create_task(self._ask()))
            await asyncio.sleep(PROBE_INTERVAL)
        await asyncio.gather(*asked)

    def _run(self) -> None:
        try:
            asyncio.run(self._ask_at_regular_times())
        except (OSError, asyncio.TimeoutError) as problem:
            self._problem = problem

    def __enter__(self) -> Prober:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._done = True
        self._thread.join()
        if self._problem:
            raise load.LoadFailed(f"a probe failed: {self._problem!r}")


def cases(conninfo: str, quick: bool) -> list[Case]:
    def missing(program: Path) -> str:
        return "" if program.exists() else f"{program.relative_to(ROOT)} is not built: make bench-queries"

    def hummingbird(path: str, where: str, rounds: int) -> Case:
        server = Server(
            f"Hummingbird, {where}", (str(ADAPTED), "{port}"), missing(ADAPTED),
            environment={"DATABASE_URL": conninfo, "LOG_LEVEL": "error"})
        return Case(Row(server), path, "/plain", rounds)

    options = ("-w", "1", "-k", "green", "--worker-connections", "200", "-b", "127.0.0.1:{port}")
    greenfinch = Server(
        "Greenfinch, -w 1 -k green", (str(POSTGRES), *options), missing(POSTGRES),
        environment={"DATABASE_URL": conninfo})
    rounds = 1 if quick else 3
    return [
        Case(Row(greenfinch), "/", "/not-there", rounds),
        hummingbird("/query", "in fibers (`hub.run`)", rounds),
        # Near a minute: one run tells enough.
        hummingbird("/direct", "in the async handler", 1),
    ]


def measure(case: Case, number: int, program: Program) -> dict[str, float]:
    command = load.ab(f"http://127.0.0.1:{program.port}{case.path}", REQUESTS, CONNECTIONS)
    # ab waits for the end of the connection, which Hummingbird keeps open unless it is asked. As long as it may take.
    command[1:1] = ["-H", "Connection: close", "-s", "120"]
    with proc.Strangers(os.getpid()) as strangers, Prober(program.port, case.probe) as prober:
        result = load.run(command, timeout=300)
    print(f"{case.row.server.name}, run {number + 1}: {result.figures['seconds']:.2f} s; {len(prober.waits)} probes, longest "
          f"{max(prober.waits):.0f} ms; {result.complaints or 'no failures'}", file=sys.stderr, flush=True)
    return {
        "seconds": result.figures["seconds"], "rps": REQUESTS / result.figures["seconds"],
        "probe_ms": median(prober.waits), "probe_max_ms": max(prober.waits), "failures": result.failures,
        "strangers": strangers.cores,
    }


COLUMNS = [
    Column("seconds", "200 queries, s", 2), Column("rps", "req/s", 1), Column("probe_ms", "other route, median ms", 1),
    Column("probe_max_ms", "longest ms", 1), Column("failures", "failures", 0),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one run of each: to see that it works")
    options = parser.parse_args()
    if absent := [f"{tool} (package {package})" for tool, package in TOOLS.items() if not shutil.which(tool)]:
        parser.error(f"not installed: {', '.join(absent)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM, too, ends the servers
    (RESULTS / "logs").mkdir(parents=True, exist_ok=True)
    facts = {
        "date": time.strftime("%Y-%m-%d %H:%M:%S %z"), "command": shlex.join(["queries.py", *sys.argv[1:]]),
        **machine.describe(), "load average before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
    }
    with Postgres() as postgres:
        all_cases = cases(postgres.conninfo, options.quick)
        for case in all_cases:
            try:
                if case.row.server.missing:
                    raise DidNotStart(case.row.server.missing)
                with Program(case, RESULTS / "logs" / f"queries{case.path.replace('/', '-')}.log") as program:
                    proc.wait_for_quiet(5)
                    case.row.samples = [measure(case, number, program) for number in range(case.rounds)]
            except (DidNotStart, load.LoadFailed) as problem:
                case.row.problems.append(str(problem))
    rows = [case.row for case in all_cases]
    lines = ["# Blocking queries", "", *(f"- {name}: {value}" for name, value in facts.items()), ""]
    lines += [f"    ab -r -s 120 -H 'Connection: close' -n {REQUESTS} -c {CONNECTIONS} URL", ""]
    lines += [*report.table(rows, COLUMNS), *report.problems(rows), *report.strangers(rows)]
    text = "\n".join(lines) + "\n"
    path = RESULTS / f"queries-{time.strftime('%Y-%m-%d-%H%M%S')}.md"
    path.write_text(text)
    print(text)
    print(f"Written to {os.path.relpath(path)}", file=sys.stderr)
    return int(any(row.problems or any(sample["failures"] for sample in row.samples) for row in rows))


if __name__ == "__main__":
    sys.exit(main())
