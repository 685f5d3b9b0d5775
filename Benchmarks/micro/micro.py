#!/usr/bin/env python3
"""Measures the runtime's parts side by side with C programs of the same shape and, where installed, with gevent.

Prints a table and writes it to Benchmarks/results/ as Markdown and JSON. See Benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import signal
import sys
import time

import callgrind
import contenders
import table
from rows import ROWS, Options, Row

import machine  # of compare/
import proc

RESULTS = contenders.ROOT / "Benchmarks" / "results"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=ROWS, metavar="NAME",
                        help=f"only this row (may be repeated): {', '.join(ROWS)}")
    parser.add_argument("--rounds", type=int, metavar="N", help="runs of each program, interleaved (5; 1 with --quick)")
    parser.add_argument("--quick", action="store_true", help="one round and shorter runs: to see that it works")
    parser.add_argument("--no-instructions", action="store_true", help="do not count instructions with Valgrind")
    parser.add_argument("--patience", type=float, default=5, metavar="SECONDS",
                        help="wait so long, before each round of a row, for other programs to be quiet (%(default)s)")
    options = parser.parse_args()
    options.rounds = options.rounds if options.rounds is not None else 1 if options.quick else 5
    if not 1 <= options.rounds <= 100:
        parser.error(f"--rounds must be 1 to 100, not {options.rounds}")
    return options


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def measure(rows: list[Row], options: argparse.Namespace, settings: Options) -> None:
    for row in rows:
        for number in range(options.rounds):
            proc.wait_for_quiet(min(max(options.patience, 0), 600))
            row.run_round(number, settings, say)
        if row.counts_instructions and not options.no_instructions and callgrind.are_countable():
            for entry in row.entries:
                if entry.samples and entry.contender.countable:
                    say(f"{row.name}, instructions: {entry.contender.name}")
                    entry.instructions = callgrind.count(entry.contender)


def write(facts: dict[str, str], rows: list[Row], remarks: list[str]) -> None:
    text = table.markdown(facts, rows, remarks)
    RESULTS.mkdir(parents=True, exist_ok=True)
    name = RESULTS / f"micro-{time.strftime('%Y-%m-%d-%H%M%S')}"
    name.with_suffix(".md").write_text(text)
    name.with_suffix(".json").write_text(json.dumps(table.as_json(facts, rows, remarks), indent=1) + "\n")
    print(text)
    say(f"Written to {os.path.relpath(name)}.md and .json")


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM, too, ends the programs and writes
    # The load of the echo row and its server need a descriptor for each connection.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 65536) if most >= 0 else 65536, most))
    settings = Options(quick=options.quick, echo_seconds=1 if options.quick else 3,
                       idle_seconds=2 if options.quick else 10)
    remarks = [] if len(contenders.CORES) > 1 else ["Only one core: everything shares it, nothing is pinned."]
    facts = {
        "date": time.strftime("%Y-%m-%d %H:%M:%S %z"),
        "command": shlex.join(["micro.py", *sys.argv[1:]]),
        **machine.describe(),
        "load average before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
    }
    try:
        rows = [make(settings) for name, make in ROWS.items() if not options.only or name in options.only]
    except contenders.Failed as problem:
        sys.exit(f"micro.py: {problem}")
    status = 0
    try:
        measure(rows, options, settings)
    except KeyboardInterrupt:
        remarks.append("Interrupted: not all runs were made.")
        status = 130
    write(facts, rows, remarks)
    wrong = any(entry.problem and not (entry.contender.missing and entry.contender.optional)
                for row in rows for entry in row.entries)
    return status or int(wrong)


if __name__ == "__main__":
    sys.exit(main())
