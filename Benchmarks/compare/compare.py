#!/usr/bin/env python3
"""Measures Greenfinch's worker classes beside the ceiling and, where installed, beside gunicorn.

Prints a table and writes it to Benchmarks/results/ as Markdown and JSON. See Benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import sys
import time
from pathlib import Path

import descriptors
import machine
import native
import report
from servers import HELLO
from suites import SUITES, Bench, Suite

TOOLS = {"ab": "apache2-utils", "hey": "hey", "wrk": "wrk", "taskset": "util-linux", "setpriv": "util-linux", "cc": "gcc"}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, metavar="N", help="runs of each server, interleaved (5; 1 with --quick)")
    parser.add_argument("--quick", action="store_true", help="one round and shorter runs: to see that it works")
    parser.add_argument("--suite", action="append", choices=SUITES, help="only this suite (may be repeated)")
    parser.add_argument("--only", action="append", metavar="NAME",
                        help="only servers with NAME in their name, as 'green ' or 'gunicorn' (may be repeated)")
    parser.add_argument("--server", type=Path, default=HELLO, metavar="PATH", help="the built example `hello`")
    parser.add_argument("--patience", type=float, default=5, metavar="SECONDS",
                        help="wait so long, before each run, for other programs to be quiet (%(default)s)")
    options = parser.parse_args()
    options.rounds = options.rounds if options.rounds is not None else 1 if options.quick else 5
    if not 1 <= options.rounds <= 100:
        parser.error(f"--rounds must be 1 to 100, not {options.rounds}")
    if missing := [f"{tool} (package {package})" for tool, package in TOOLS.items() if not shutil.which(tool)]:
        parser.error(f"not installed: {', '.join(missing)}")
    options.server = options.server.absolute()
    return options


def prepare(options: argparse.Namespace) -> tuple[Bench, list[str]]:
    remarks = []
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        remarks.append("Only one core: server and load share it, nothing is pinned.")
    # A thousand connections need more descriptors than the usual soft limit, in the server and in ab.
    descriptors.raise_limit()
    bench = Bench(
        results=native.RESULTS, hello=options.server, epoll=native.build("epoll"),
        seconds=2 if options.quick else 5,
        patience=min(max(options.patience, 0), 600),
        server_core=cores[0] if len(cores) > 1 else None, load_core=cores[-1] if len(cores) > 1 else None,
        say=lambda line: print(line, file=sys.stderr, flush=True))
    return bench, remarks


def select(options: argparse.Namespace, bench: Bench) -> list[Suite]:
    suites = [make(bench) for name, make in SUITES.items() if not options.suite or name in options.suite]
    if options.only:
        for suite in suites:
            suite.rows = [row for row in suite.rows if any(part in row.server.name for part in options.only)]
        if not any(suite.rows for suite in suites):
            sys.exit(f"compare.py: no server has {' or '.join(map(repr, options.only))} in its name")
    return [suite for suite in suites if suite.rows]


def write(facts: dict[str, str], suites: list[Suite], remarks: list[str]) -> None:
    text = report.markdown(facts, suites, remarks)
    name = native.RESULTS / f"compare-{time.strftime('%Y-%m-%d-%H%M%S')}"
    name.with_suffix(".md").write_text(text)
    name.with_suffix(".json").write_text(json.dumps(report.as_json(facts, suites, remarks), indent=1) + "\n")
    print(text)
    print(f"Written to {os.path.relpath(name)}.md and .json", file=sys.stderr)


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM, too, ends the servers and writes
    bench, remarks = prepare(options)
    suites = select(options, bench)
    facts = {
        "date": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "command": shlex.join(["compare.py", *sys.argv[1:]]),
        **machine.describe(),
        **machine.describe_servers(options.server),
        "load average before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
    }
    status = 0
    try:
        for suite in suites:
            for number in range(options.rounds):
                suite.run_round(bench, number)
    except KeyboardInterrupt:
        remarks.append("Interrupted: not all runs were made.")
        status = 130
    write(facts, suites, remarks)
    wrong = any(row.problems and not (row.server.missing and row.server.optional)
                or any(sample["failures"] for sample in row.samples) for suite in suites for row in suite.rows)
    return status or int(wrong)


if __name__ == "__main__":
    sys.exit(main())
