#!/usr/bin/env python3
"""Measures Examples/notes on PostgreSQL beside the same interface in Flask, FastAPI and Hummingbird, side by side.

Each server has as many workers as --workers says (Hummingbird so many threads that run event loops), and ten connections to a
PostgreSQL of this script's own for each. wrk asks by 64 connections, with a token that is looked up for every request: for one
note, for a list of twenty, and to add one. Before each run the table is made anew and vacuumed, and each server has to answer
all three as it should; in every second round the servers come in reverse order. Makes a virtual environment with the peers from
PyPI in Benchmarks/results; Hummingbird's program is built by `make bench-peers`, and left out where it is not.

Prints tables and writes them to Benchmarks/results as Markdown, with every run as JSON beside them: requests a second, the 99th
percentile, processor time of the server for a request, memory of all its processes (PSS), lines of code, and what is asked of
Greenfinch. Nothing is pinned: PostgreSQL, the server and wrk share the machine. Exits with 1 where a request failed or a server
could not be measured.

    make bench-web
    swift build -c release --static-swift-stdlib --scratch-path .build-release --product notes
    python3 Benchmarks/web/notes.py
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "queries"), str(HERE.parent / "compare")]

import lines  # noqa: E402
import load  # noqa: E402
import machine  # noqa: E402
import proc  # noqa: E402
from native import RESULTS  # noqa: E402
from queries import Postgres  # noqa: E402
from running import DidNotStart, Running  # noqa: E402
from servers import ROOT, Server  # noqa: E402

NOTES = ROOT / ".build-release" / "release" / "notes"
VENV = RESULTS / "web" / "venv"
HUMMINGBIRD = ROOT / ".build-peers" / "release" / "hummingbird-notes"
TOKEN = "a-token-of-this-measurement"
ADD = """wrk.method = "POST"
wrk.body = '{"title": "A note that is added", "body": "with some text"}'
wrk.headers["Content-Type"] = "application/json"
"""

# What is counted as a server's lines. Of Greenfinch it is whole files: what the pages for people, pictures, the search and the
# description of the interface need in them is counted, though the peers have none of it.
NOTES_APP = ROOT / "Examples" / "notes" / "Sources"
HUMMINGBIRD_SOURCES = HERE.parent / "compare" / "peers" / "swift" / "Sources" / "notes"
SOURCES = {
    "Greenfinch": [*(NOTES_APP / "NotesApp" / f"{name}.swift" for name in ("API", "Accounts", "App", "Note")),
                   NOTES_APP / "notes" / "main.swift"],
    "Flask": [HERE / "apps" / "flask_notes.py"],
    "FastAPI": [HERE / "apps" / "fastapi_notes.py"],
    "Hummingbird": sorted(HUMMINGBIRD_SOURCES.glob("*.swift")),
}


@dataclass(frozen=True)
class Goal:
    """What a figure of Greenfinch's is to be, divided by a peer's of the same round."""

    peer: str
    figure: str
    asked: float
    is_least: bool

    def holds(self, seen: float) -> bool:
        return seen >= self.asked if self.is_least else seen <= self.asked


GOALS = [
    Goal("Flask", "rps", 2, True), Goal("Flask", "p99", 1, False),
    Goal("Hummingbird", "rps", 1, True), Goal("Hummingbird", "p99", 1, False),
]
FIGURES = {"rps": "requests/s", "p99": "p99"}
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""No proxy of the environment's lies before the loopback."""


class Program(Running):
    """A server that has no route `/plain`: it must find a note. Masters listen before their workers can."""

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + self.patience
        problem: object = "no answer"
        while time.monotonic() < end:
            if self._process.poll() is not None:
                raise self._failure(f"it ended with status {self._process.returncode}")
            try:
                status, answer = ask(self, "GET", "/api/notes/500")
                if status == 200:
                    return
                problem = f"{status} {answer!r:.200}"
            except (OSError, HTTPException, ValueError) as error:
                problem = error
            time.sleep(0.05)
        raise self._failure(f"after {self.patience:.0f} s: {problem}")


def prepare(conninfo: str) -> None:
    """The tables as the migrations make them, and a user with a token."""
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
    # Nobody's turn is disturbed by what another's additions need: the table is made anew, and vacuumed, between them.
    statements += f"""
        insert into users (name, password) values ('eve', '-');
        insert into tokens (digest, owner) values ('{digest}', 1);
        alter table notes set (autovacuum_enabled = off);"""
    psql(conninfo, statements)


def psql(conninfo: str, statements: str) -> None:
    subprocess.run(["psql", "-q", "-v", "ON_ERROR_STOP=1", conninfo], input=statements, text=True, check=True)


def renew(conninfo: str) -> None:
    """The same thousand notes as at the start, and nothing left to be written or cleaned up."""
    psql(conninfo, """
        truncate notes restart identity;
        insert into notes (owner, title, body) select 1, 'note ' || n, repeat('text ', 20) from generate_series(1, 1000) n;
        vacuum analyze notes, tokens, users;
        checkpoint;""")


def environment() -> Path:
    """The peers' programs; made anew where it was not made to its end, or of other packages."""
    wanted, done = (HERE / "apps/requirements.txt").read_text(), VENV / "made-of"
    if not done.exists() or done.read_text() != wanted:
        shutil.rmtree(VENV, ignore_errors=True)
        VENV.parent.mkdir(parents=True, exist_ok=True)
        venv.create(VENV, with_pip=True)
        subprocess.run([VENV / "bin/python", "-m", "pip", "install", "-q", "-r", HERE / "apps/requirements.txt"], check=True)
        done.write_text(wanted)
    return VENV / "bin"


def servers(conninfo: str, workers: int) -> list[Server]:
    programs = environment()
    settings = {"DATABASE_URL": conninfo}
    missing = "" if NOTES.exists() else f"{NOTES.relative_to(ROOT)} is not built"
    own = {**settings, "SECRET_KEY": "a secret of this measurement", "FOLDER": str(ROOT / "Examples/notes"), "UPLOADS": "/var/tmp"}
    count, apps = str(workers), HERE / "apps"
    no_peer = "" if HUMMINGBIRD.exists() else f"{HUMMINGBIRD.relative_to(ROOT)} is not built: make bench-peers"
    return [
        Server("Greenfinch", (str(NOTES), "-w", count, "-k", "green", "-b", "127.0.0.1:{port}"), missing, environment=own),
        Server("Flask, gunicorn gevent", (str(programs / "gunicorn"), "-w", count, "-k", "gevent", "-b", "127.0.0.1:{port}",
               "--no-control-socket", "flask_notes:app"), directory=apps, environment=settings),
        Server("FastAPI, uvicorn", (str(programs / "uvicorn"), "--workers", count, "--port", "{port}", "--no-access-log",
               "--log-level", "warning", "fastapi_notes:app"), directory=apps, environment=settings),
        Server("Hummingbird, libpq on threads", (str(HUMMINGBIRD), "{port}", count), no_peer, optional=True,
               environment={**settings, "LOG_LEVEL": "error"}),
    ]  # fmt: skip


def versions() -> str:
    """What the peers are."""
    packages = ("flask", "gunicorn", "gevent", "fastapi", "uvicorn", "psycopg")
    code = "import importlib.metadata as m, sys; print(', '.join(f'{name} {m.version(name)}' for name in sys.argv[1:]))"
    done = subprocess.run([VENV / "bin/python", "-c", code, *packages], capture_output=True, text=True)
    found = [done.stdout.strip()] if done.returncode == 0 else []
    state = HUMMINGBIRD.parent.parent / "workspace-state.json"
    if HUMMINGBIRD.exists() and state.exists():
        for package in json.loads(state.read_text())["object"]["dependencies"]:
            if package["packageRef"]["identity"] == "hummingbird":
                found.append(f"hummingbird {package['state']['checkoutState'].get('version', '')}")
    return ", ".join(found)


def cases(script: Path) -> dict[str, tuple[str, list[str]]]:
    """What is asked for, and what wrk needs for it."""
    return {
        "one note": ("/api/notes/500", []), "a list of twenty": ("/api/notes", []),
        "adding one": ("/api/notes", ["-s", str(script)]),
    }


def ask(program: Program, method: str, path: str, body: object = None) -> tuple[int, object]:
    """The status of an answer, and its JSON."""
    request = urllib.request.Request(
        f"{program.url}{path}", method=method, data=json.dumps(body).encode() if body is not None else None,
        headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
    try:
        with DIRECTLY.open(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")


def check(program: Program) -> None:
    """That it is the interface which all of them are measured by."""
    status, note = ask(program, "GET", "/api/notes/500")
    if status != 200 or note.get("title") != "note 500" or note.get("body") != "text " * 20 or "updatedAt" not in note:
        raise DidNotStart(f"one note: {status} {note!r}")
    status, notes = ask(program, "GET", "/api/notes")
    if status != 200 or [note["id"] for note in notes] != list(range(1000, 980, -1)):
        raise DidNotStart(f"a list of twenty: {status} {notes!r:.200}")
    status, note = ask(program, "POST", "/api/notes", {"title": "A title", "body": "a body"})
    if status != 201 or note.get("title") != "A title" or note.get("id") != 1001:
        raise DidNotStart(f"adding one: {status} {note!r}")


def measure(program: Program, path: str, more: list[str], seconds: int) -> dict[str, float]:
    address = f"http://127.0.0.1:{program.port}{path}"
    extra = ["-H", f"Authorization: Bearer {TOKEN}", *more]
    warm = load.run([*load.wrk(address, 1)[:-1], *extra, address], timeout=60)
    before = proc.cpu_seconds(program.pid)
    with proc.Sampler(program.pid) as sampler:
        result = load.run([*load.wrk(address, seconds)[:-1], *extra, address], timeout=seconds + 60)
    spent = proc.cpu_seconds(program.pid) - before
    return {
        "rps": result.figures["rps"], "p99": result.figures["p99_ms"],
        "cpu": spent / max(1.0, result.figures["requests"]) * 1e6, "memory": sampler.peak.pss,
        "failures": result.failures + warm.failures,
    }


Runs = dict[tuple[str, str], dict[int, dict[str, float]]]
"""The figures by case and server, and then by round."""


def short(server: str) -> str:
    return server.split(",")[0]


def table(results: Runs) -> list[str]:
    text = ["| | server | requests/s | p99 ms | CPU µs a request | PSS MB | lines of code | failures |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for (case, server), runs in results.items():
        middle = {name: median(run[name] for run in runs.values()) for name in next(iter(runs.values()))}
        text.append(f"| {case} | {server} | {middle['rps']:,.0f} | {middle['p99']:.1f} | {middle['cpu']:.0f} | "
                    f"{middle['memory']:.0f} | {lines.of(SOURCES[short(server)])} | "
                    f"{sum(run['failures'] for run in runs.values()):.0f} |")
    names = ", ".join(str(path.relative_to(NOTES_APP)) for path in SOURCES["Greenfinch"])
    return [*text, "", f"Lines that are neither blank nor comments. Of Greenfinch those of {names}, with what the pages for people "
            "and the description of the interface need in them, which the peers do not have; of the peers all they consist of."]


def ratios(results: Runs, goal: Goal, case: str) -> list[float]:
    """Greenfinch's figure divided by the peer's, in each round that has both."""
    by_name = {short(server): runs for (found, server), runs in results.items() if found == case}
    own, peer = by_name.get("Greenfinch", {}), by_name.get(goal.peer, {})
    return [run[goal.figure] / peer[number][goal.figure] for number, run in own.items()
            if number in peer and peer[number][goal.figure] > 0]


def goals(results: Runs) -> list[str]:
    """What is asked of Greenfinch, and the median of what was seen in rounds of the same number, with the lowest and highest."""
    text = ["| | Greenfinch ÷ | asked | seen | |", "| --- | --- | ---: | ---: | --- |"]
    for case in dict.fromkeys(case for case, _ in results):
        for goal in GOALS:
            if seen := ratios(results, goal, case):
                sign, verdict = "≥" if goal.is_least else "≤", "yes" if goal.holds(median(seen)) else "**no**"
                text.append(f"| {case} | {goal.peer}, {FIGURES[goal.figure]} | {sign} {goal.asked:g} | "
                            f"{median(seen):.2f} ({min(seen):.2f} to {max(seen):.2f}) | {verdict} |")
    return text


def run(options: argparse.Namespace, conninfo: str, results: Runs, facts: dict[str, str], problems: list[str]) -> None:
    """Fills in what is measured, what is left out, and what goes wrong."""
    script = RESULTS / "logs" / "notes-add.lua"
    script.write_text(ADD)
    prepare(conninfo)
    present = []
    for server in servers(conninfo, options.workers):
        if server.missing:
            print(f"{server.name} is left out: {server.missing}", file=sys.stderr)
            if server.optional:
                facts[f"left out, {short(server.name)}"] = server.missing
            else:
                problems.append(f"{server.name}: {server.missing}")
        else:
            present.append(server)
    for number in range(options.rounds):
        for case, (path, more) in cases(script).items():
            for server in present if number % 2 == 0 else reversed(present):
                renew(conninfo)
                figures: dict[str, float] = {}
                try:
                    with Program(server, RESULTS / "logs" / f"notes-{short(server.name)}.log") as program:
                        check(program)
                        figures = measure(program, path, more, options.seconds)
                except (DidNotStart, load.LoadFailed, HTTPException, OSError, ValueError) as problem:
                    problems.append(f"{case}, {server.name}, round {number + 1}: {problem}")
                    continue
                if figures["failures"]:
                    problems.append(f"{case}, {server.name}, round {number + 1}: failed requests: {figures['failures']:.0f}")
                results.setdefault((case, server.name), {})[number] = figures
                print(f"{number + 1}: {case}, {server.name}: {figures}", file=sys.stderr, flush=True)


def write(options: argparse.Namespace, facts: dict[str, str], results: Runs, problems: list[str]) -> None:
    text = "\n".join([
        f"# notes, {time.strftime('%Y-%m-%d %H:%M')}", "", *table(results), "", *goals(results), "",
        *(f"- problem: {problem}" for problem in problems), *(f"- {name}: {value}" for name, value in facts.items()), ""])
    print(text)
    name = RESULTS / f"notes-{time.strftime('%Y-%m-%d-%H%M%S')}"
    name.with_suffix(".md").write_text(text)
    runs = [{"case": case, "server": server, "round": number, **figures}
            for (case, server), each in results.items() for number, figures in each.items()]
    kept = {"facts": facts, "seconds": options.seconds, "problems": problems, "runs": runs}
    name.with_suffix(".json").write_text(json.dumps(kept, indent=1) + "\n")
    print(f"Written to {os.path.relpath(name)}.md and .json", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=4, help="an even number, so that each order comes as often (%(default)s)")
    parser.add_argument("--seconds", type=int, default=5, help="how long each load lasts (%(default)s)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="one round of a second: to see that it works")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds = 1, 1
    if not (1 <= options.rounds <= 100 and 1 <= options.seconds <= 600 and 1 <= options.workers <= 14):
        parser.error("1 to 100 rounds, 1 to 600 seconds, 1 to 14 workers")
    if absent := [tool for tool in ("wrk", "setpriv", "psql") if not shutil.which(tool)]:
        parser.error(f"not installed: {', '.join(absent)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM, too, ends the servers and writes
    (RESULTS / "logs").mkdir(parents=True, exist_ok=True)
    average = " ".join(f"{value:.2f}" for value in os.getloadavg())
    facts = {**machine.describe(), "load average before": average, "workers": str(options.workers)}
    results: Runs = {}
    problems: list[str] = []
    status = 0
    try:
        with Postgres() as postgres:
            run(options, postgres.conninfo, results, facts, problems)
    except KeyboardInterrupt:
        problems.append("interrupted: not all runs were made")
        status = 130
    except (DidNotStart, subprocess.CalledProcessError, OSError) as problem:
        problems.append(str(problem))
    if VENV.exists():
        facts["peers"] = versions()
    write(options, facts, results, problems)
    return status or int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
