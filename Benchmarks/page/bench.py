#!/usr/bin/env python3
"""Measures everything that the project says of its speed, and writes one page of it: Markdown, JSON, and charts.

Servers run one at a time, started afresh; every round runs each once. A C program that only answers is asked before and after
each round: where it is slower than elsewhere in the run, the machine was not quiet, and the part is measured once more where
there is time; the run in which the ceiling was steadier is shown, and both are written.
See Benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import signal
import sys
import time
from pathlib import Path

import paths
import descriptors
import machine
import native
import page
import pictures
import rounds
from effort import chosen
from instructions_part import InstructionsPart
from memory_part import MemoryPart
from micro_part import micro_parts
from part import NotMeasured, Outcome, Part
from progress import Progress
from protocol_parts import HTTP2Part, WebSocketPart
from python_part import PythonPart
from servers import HELLO
from suite_parts import suite_parts
from suites import Bench

NAMES = ["article", "classes", "requests", "memory", "connections", "cost", "workers", "tls", "http2", "websocket", "micro", "redirect",
         "python", "instructions"]
TOOLS = {"ab": "apache2-utils", "hey": "hey", "wrk": "wrk", "h2load": "nghttp2-client", "openssl": "openssl",
         "taskset": "util-linux", "setpriv": "util-linux", "cc": "gcc"}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, metavar="S", default=int(os.environ.get("BENCH_SECONDS") or 0),
                        help="how long a load lasts (5, or what BENCH_SECONDS says; 1 with --quick)")
    parser.add_argument("--rounds", type=int, metavar="N", default=0, help="runs of each server (5; 1 with --quick)")
    parser.add_argument("--minutes", type=float, metavar="M", default=0,
                        help="as long loads and as many rounds as fit into so much; what finds no time is left out")
    parser.add_argument("--quick", action="store_true", help="one short round: to see that it works")
    parser.add_argument("--only", action="append", choices=NAMES, metavar="PART",
                        help=f"only this part (may be repeated): {', '.join(NAMES)}")
    parser.add_argument("--server", type=Path, default=HELLO, metavar="PATH", help="the built example `hello`")
    parser.add_argument("--patience", type=float, default=5, metavar="SECONDS",
                        help="wait so long, before each run, for other programs to be quiet (%(default)s)")
    options = parser.parse_args()
    if not 0 <= options.seconds <= 600 or not 0 <= options.rounds <= 100 or not 0 <= options.minutes <= 1440:
        parser.error("up to 600 seconds, 100 rounds and 1440 minutes")
    if missing := [f"{tool} (package {package})" for tool, package in TOOLS.items() if not shutil.which(tool)]:
        parser.error(f"not installed: {', '.join(missing)}")
    return options


def make_bench(options: argparse.Namespace, say) -> Bench:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("bench: it takes two cores, one for the server and one for the load")
    descriptors.raise_limit()
    native.RESULTS.mkdir(parents=True, exist_ok=True)
    return Bench(
        results=native.RESULTS, hello=options.server.absolute(), epoll=native.build("epoll"), server_core=cores[0],
        load_core=cores[-1], patience=min(max(options.patience, 0), 600), say=say, seconds=options.seconds or 5)


def make_parts(options: argparse.Namespace, bench: Bench) -> list[Part]:
    is_whole = not options.quick and not 0 < options.minutes < 30
    parts = [*suite_parts(bench, is_whole), MemoryPart(bench), HTTP2Part(bench), WebSocketPart(bench),
             *micro_parts(bench, is_whole), PythonPart(bench), InstructionsPart(bench, is_whole)]
    return sorted((part for part in parts if not options.only or part.name in options.only),
                  key=lambda part: NAMES.index(part.name))


def prepared(parts: list[Part], say) -> list[Outcome]:
    outcomes = []
    for part in parts:
        outcome = Outcome(part)
        outcomes.append(outcome)
        try:
            part.prepare()
        except NotMeasured as problem:
            outcome.missing = str(problem)
            say(f"{part.name}: left out: {problem}")
    return outcomes


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM, too, ends the servers and writes
    progress = Progress()
    bench = make_bench(options, progress.say)
    outcomes = prepared(make_parts(options, bench), progress.say)
    effort = chosen(options, [outcome.part for outcome in outcomes if not outcome.missing])
    bench.seconds = effort.seconds
    facts = {
        "date": time.strftime("%Y-%m-%d %H:%M:%S %z"), "command": shlex.join(["bench.py", *sys.argv[1:]]),
        "effort": f"loads of {effort.seconds} s, {effort.rounds} rounds", **machine.describe(),
        **machine.describe_servers(bench.hello), "load average before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
    }
    progress.plan([outcome.part for outcome in outcomes if not outcome.missing], effort, options.minutes * 60)
    status, remarks = 0, []
    try:
        rounds.run(outcomes, bench, effort.rounds, progress)
    except KeyboardInterrupt:
        status, remarks = 130, ["Interrupted: not all was measured."]
    written = paths.RESULTS / f"bench-{time.strftime('%Y-%m-%d-%H%M%S')}"
    charts = pictures.write(written, outcomes)
    page.write(written, facts, remarks, outcomes, charts)
    print(written.with_suffix(".md").read_text())
    progress.say(f"written to {os.path.relpath(written)}.md and .json, charts beside them")
    return status or int(any(outcome.kept.problems for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
