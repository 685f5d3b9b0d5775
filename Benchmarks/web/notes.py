#!/usr/bin/env python3
"""Measures Examples/notes on PostgreSQL beside the same interface in Flask and FastAPI, side by side.

Each server has as many workers as --workers says, and ten connections to a PostgreSQL of this script's own for each. wrk asks by 64
connections, with a token that is looked up for every request: for one note, for a list of twenty, and to add one. Makes a virtual
environment with the peers from PyPI in Benchmarks/results. Prints a table and writes it to Benchmarks/results as Markdown: requests a
second, the 99th percentile, processor time of the server for a request, memory of all its processes (PSS). Nothing is pinned:
PostgreSQL, the server and wrk share the machine.

    swift build -c release --static-swift-stdlib --scratch-path .build-release --product notes
    python3 Benchmarks/web/notes.py
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import venv
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "queries"), str(HERE.parent / "compare")]

import load  # noqa: E402
import machine  # noqa: E402
import proc  # noqa: E402
from native import RESULTS  # noqa: E402
from queries import Postgres  # noqa: E402
from running import DidNotStart, Running, get  # noqa: E402
from servers import ROOT, Server  # noqa: E402

NOTES = ROOT / ".build-release" / "release" / "notes"
VENV = RESULTS / "web" / "venv"
TOKEN = "a-token-of-this-measurement"
ADD = """wrk.method = "POST"
wrk.body = '{"title": "A note that is added", "body": "with some text"}'
wrk.headers["Content-Type"] = "application/json"
"""


class Program(Running):
    """A server that has no route `/plain`: any answer will do."""

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + self.patience
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if get(self.port, "/not-there").startswith(b"HTTP/1."):
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise self._failure("no answer")


def prepare(conninfo: str) -> None:
    """The tables as the migrations make them, a user with a token, and a thousand notes."""
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    statements = """create table greenfinch_migrations (
        number bigint primary key, name text not null, digest text not null, applied_at timestamptz not null default now());
        """
    for path in sorted((ROOT / "Examples/notes/migrations").glob("*.sql")):
        text = path.read_text()
        statements += text + ";\n"
        # As the program notes it, which would carry it out once more.
        md5 = hashlib.md5(text.encode()).hexdigest()
        statements += f"""insert into greenfinch_migrations (number, name, digest)
            values ({int(re.match("[0-9]+", path.name).group())}, '{path.name}', '{md5}');
            """
    statements += f"""
        insert into users (name, password) values ('eve', '-');
        insert into tokens (digest, owner) values ('{digest}', 1);
        insert into notes (owner, title, body) select 1, 'note ' || n, repeat('text ', 20) from generate_series(1, 1000) n;
        analyze;"""
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", conninfo], input=statements, text=True, check=True)


def forget_additions(conninfo: str) -> None:
    subprocess.run(["psql", "-q", conninfo, "-c", "delete from notes where id > 1000"], check=True)


def environment() -> Path:
    if not (VENV / "bin/uvicorn").exists():
        VENV.parent.mkdir(parents=True, exist_ok=True)
        venv.create(VENV, with_pip=True)
        subprocess.run([VENV / "bin/pip", "install", "-q", "-r", HERE / "apps/requirements.txt"], check=True)
    return VENV / "bin"


def servers(conninfo: str, workers: int) -> list[Server]:
    programs = environment()
    settings = {"DATABASE_URL": conninfo}
    missing = "" if NOTES.exists() else f"{NOTES.relative_to(ROOT)} is not built"
    own = {**settings, "SECRET_KEY": "a secret of this measurement", "FOLDER": str(ROOT / "Examples/notes"), "UPLOADS": "/var/tmp"}
    count, apps = str(workers), HERE / "apps"
    return [
        Server("Greenfinch", (str(NOTES), "-w", count, "-k", "green", "-b", "127.0.0.1:{port}"), missing, environment=own),
        Server("Flask, gunicorn gevent", (str(programs / "gunicorn"), "-w", count, "-k", "gevent", "-b", "127.0.0.1:{port}",
               "--no-control-socket", "flask_notes:app"), directory=apps, environment=settings),
        Server("FastAPI, uvicorn", (str(programs / "uvicorn"), "--workers", count, "--port", "{port}", "--no-access-log",
               "--log-level", "warning", "fastapi_notes:app"), directory=apps, environment=settings),
    ]  # fmt: skip


def cases(script: Path) -> dict[str, tuple[str, list[str]]]:
    """What is asked for, and what wrk needs for it."""
    return {
        "one note": ("/api/notes/500", []), "a list of twenty": ("/api/notes", []),
        "adding one": ("/api/notes", ["-s", str(script)]),
    }


def measure(program: Program, path: str, more: list[str], seconds: int) -> dict[str, float]:
    address = f"http://127.0.0.1:{program.port}{path}"
    extra = ["-H", f"Authorization: Bearer {TOKEN}", *more]
    load.run([*load.wrk(address, 1)[:-1], *extra, address], timeout=60)
    before = proc.cpu_seconds(program.pid)
    with proc.Sampler(program.pid) as sampler:
        result = load.run([*load.wrk(address, seconds)[:-1], *extra, address], timeout=seconds + 60)
    spent = proc.cpu_seconds(program.pid) - before
    return {
        "rps": result.figures["rps"], "p99": result.figures["p99_ms"], "cpu": spent / result.figures["requests"] * 1e6,
        "memory": sampler.peak.pss, "failures": result.failures,
    }


def table(results: dict[tuple[str, str], list[dict[str, float]]]) -> list[str]:
    lines = ["| | server | requests/s | p99 ms | CPU µs a request | PSS MB | failures |", "| --- | --- | ---: | ---: | ---: | ---: | ---: |"]
    for (case, server), runs in results.items():
        middle = {name: median(run[name] for run in runs) for name in runs[0]}
        lines.append(f"| {case} | {server} | {middle['rps']:,.0f} | {middle['p99']:.1f} | {middle['cpu']:.0f} | "
                     f"{middle['memory']:.0f} | {sum(run['failures'] for run in runs):.0f} |")
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    if absent := [tool for tool in ("wrk", "setpriv", "psql") if not shutil.which(tool)]:
        parser.error(f"not installed: {', '.join(absent)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    (RESULTS / "logs").mkdir(parents=True, exist_ok=True)
    script = RESULTS / "logs" / "notes-add.lua"
    script.write_text(ADD)
    average = " ".join(f"{value:.2f}" for value in os.getloadavg())
    results: dict[tuple[str, str], list[dict[str, float]]] = {}
    with Postgres() as postgres:
        prepare(postgres.conninfo)
        for number in range(options.rounds):
            for case, (path, more) in cases(script).items():
                for server in servers(postgres.conninfo, options.workers):
                    if server.missing:
                        raise DidNotStart(server.missing)
                    forget_additions(postgres.conninfo)
                    with Program(server, RESULTS / "logs" / f"notes-{server.name.split(',')[0]}.log") as program:
                        figures = measure(program, path, more, options.seconds)
                    results.setdefault((case, server.name), []).append(figures)
                    print(f"{number + 1}: {case}, {server.name}: {figures}", file=sys.stderr, flush=True)
    facts = {**machine.describe(), "load average before": average, "workers": str(options.workers)}
    text = "\n".join([f"# notes, {time.strftime('%Y-%m-%d %H:%M')}", "", *table(results), "",
                      *(f"- {name}: {value}" for name, value in facts.items()), ""])
    print(text)
    (RESULTS / f"notes-{time.strftime('%Y-%m-%d-%H%M%S')}.md").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
