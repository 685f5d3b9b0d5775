#!/usr/bin/env python3
"""Measures what honest clients notice of clients that mean no good, and what those cost the server: the latency of
/plain, and the worker's memory and descriptors, before each attack, while it lasts, and after it.

One worker has a core to itself; the attack and the honest client share another, where the honest one goes first. Each
attack has a server of its own. Everything stays on the loopback, and is bounded in connections and in time.

It ends with 1 where an honest request to a green worker failed or took over a second, where a worker died or did not
give its memory and descriptors back, or where something could not be measured. See Benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

import paths  # noqa: F401
import attack_report
import descriptors
import machine
import tls
from attack import CLASSES, MOST_CONNECTIONS, MOST_SECONDS, Attack
from catalogue import chosen
from native import RESULTS
from outcomes import Outcome
from phases import Plan, measure
from programs import PROGRAMS

TOOLS = {"openssl": "openssl", "taskset": "util-linux", "setpriv": "util-linux"}


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help="attacks with NAME in their name (may be repeated)")
    parser.add_argument("--seconds", type=int, default=0, metavar="N",
                        help="how long each attack lasts (10; 2 with --quick)")
    parser.add_argument("--quick", action="store_true",
                        help="short, and a tenth of the connections: to see that it works")
    parser.add_argument("-k", "--worker-class", action="append", default=[], choices=CLASSES,
                        help="the class of the worker (green; may be repeated)")
    parser.add_argument("--programs", type=Path, default=PROGRAMS, metavar="FOLDER",
                        help="where `hello` and `streams` are built")
    options = parser.parse_args(words)
    if not 0 <= options.seconds <= MOST_SECONDS:
        parser.error(f"up to {MOST_SECONDS} seconds")
    try:
        options.attacks = chosen(options.only)
    except ValueError as problem:
        parser.error(str(problem))
    if missing := [f"{tool} (package {package})" for tool, package in TOOLS.items() if not shutil.which(tool)]:
        parser.error(f"not installed: {', '.join(missing)}")
    options.seconds = options.seconds or (2 if options.quick else 10)
    options.worker_class = list(dict.fromkeys(options.worker_class)) or ["green"]
    return options


def make_plan(options: argparse.Namespace, most: int, folder: Path, core: int) -> Plan:
    if any(attack.secure for attack in options.attacks):
        tls.prepare(folder, 1)
    return Plan(seconds=options.seconds, calm=1 if options.quick else 3, most=descriptors.allowed([most])[0],
                server_core=core, programs=options.programs.absolute(), certificate=folder / "both.pem")


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def run(attacks: list[Attack], classes: list[str], plan: Plan, outcomes: list[Outcome]) -> None:
    count = len(attacks) * len(classes)
    for worker_class in classes:
        for attack in attacks:
            say(f"[{len(outcomes) + 1} of {count}] {attack.name}, -k {worker_class}")
            outcome = measure(attack, worker_class, plan)
            outcomes.append(outcome)
            for problem in outcome.problems:
                say(f"    {problem}")


def main() -> int:
    options = arguments()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        sys.exit("attacks: it takes two cores, one for the server and one for its clients")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM, too, ends the servers and writes
    descriptors.raise_limit()
    most = MOST_CONNECTIONS // (10 if options.quick else 1)
    facts = {
        "date": time.strftime("%Y-%m-%d %H:%M:%S %z"), "command": shlex.join(["attacks.py", *sys.argv[1:]]),
        "effort": f"attacks of {options.seconds} s", **machine.describe(),
        "load average before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
    }
    remark = descriptors.remark([most]).strip()
    status, remarks, outcomes = 0, [remark] if remark else [], []
    # Not before it has been told how many cores the machine has.
    os.sched_setaffinity(0, {cores[-1]})
    with tempfile.TemporaryDirectory(prefix="greenfinch-attacks-") as folder:
        try:
            plan = make_plan(options, most, Path(folder), cores[0])
            run(options.attacks, options.worker_class, plan, outcomes)
        except KeyboardInterrupt:
            status, remarks = 130, [*remarks, "Interrupted: not all was measured."]
    RESULTS.mkdir(parents=True, exist_ok=True)
    written = RESULTS / f"attacks-{time.strftime('%Y-%m-%d-%H%M%S')}"
    attack_report.write(written, facts, remarks, outcomes)
    print(written.with_suffix(".md").read_text())
    say(f"written to {os.path.relpath(written)}.md and .json")
    return status or int(not all(outcome.is_good for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
