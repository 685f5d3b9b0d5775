#!/usr/bin/env python3
"""Measures what the framework costs above the bare server, each thing side by side with what it is compared with.

The program `ratios` (Benchmarks/web/program) serves the same text by GreenHTTP alone, by a router, with hooks, with middleware,
with many routes. In each round both servers of a pair run on one core, and wrk on another asks them in turn, some seconds each,
so that a slow moment falls on both; in every second round the other comes first. A ratio is of requests a second, and of
processor time for a request; it is taken in each round, and the lower of both medians is held against what is asked. With
--instructions, instructions of a request in user space as well: the same on a busy machine, but the kernel's part is not in
them, so that their ratio is lower. A session and a page are timed inside the program, where the fastest batches count.

Prints a table and writes it to Benchmarks/results as Markdown, with every round as JSON beside it. Exits with 1 where a request
failed or something could not be measured; a ratio that is missed is shown, and with --check it is a failure too.

    make bench-web
    swift build -c release --static-swift-stdlib --package-path Benchmarks --scratch-path .build-bench --product ratios
    python3 Benchmarks/web/ratios.py --instructions
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "compare")]

import instructions  # noqa: E402
import load  # noqa: E402
import machine  # noqa: E402
import proc  # noqa: E402
from native import RESULTS  # noqa: E402
from running import DidNotStart, Running  # noqa: E402
from servers import ROOT, Server  # noqa: E402

PROGRAM = ROOT / ".build-bench" / "release" / "ratios"
OPTIONS = ("-w", "1", "-k", "green", "--worker-connections", "1000", "-b", "127.0.0.1:{port}")
TOOLS = {"wrk": "wrk", "taskset": "util-linux", "setpriv": "util-linux"}


@dataclass(frozen=True)
class Place:
    """What is asked: an application of the program's, and a path."""

    case: str
    path: str = "/plain"


@dataclass(frozen=True)
class Pair:
    name: str
    base: Place
    place: Place
    asked: float
    """The least that `place` should reach of the requests a second that `base` does."""


BARE, ROUTER = Place("bare"), Place("router")
PAIRS = {
    "router": Pair("a router ÷ bare GreenHTTP", BARE, ROUTER, 0.80),
    "hooks": Pair("a router, a hook of each kind and a value of the request ÷ bare GreenHTTP", BARE, Place("hooks"), 0.80),
    "parameter": Pair("a typed parameter ÷ none", ROUTER, Place("router", "/users/4711"), 0.97),
    "middleware": Pair("ten empty middleware ÷ none", ROUTER, Place("middleware"), 0.90),
    "routes": Pair("1,000 routes ÷ ten", Place("ten", "/section5/4711"), Place("thousand", "/section5/4711"), 0.95),
    "json": Pair("JSON of one field ÷ text", ROUTER, Place("router", "/json"), 0.85),
}
TIMES = {"session_ns": ("a signed session, read", 3_000), "rows_ns": ("a table of 100 rows by `HTML`", 60_000)}
"""What is timed inside the program, and the most nanoseconds that it may take."""


@dataclass
class Cores:
    server: int | None
    load: int | None


@dataclass
class Load:
    """What several runs of wrk's saw together."""

    requests: float = 0
    seconds: float = 0
    cpu: float = 0
    failures: int = 0

    @property
    def rps(self) -> float:
        return self.requests / self.seconds

    @property
    def cpu_us(self) -> float:
        return self.cpu / self.requests * 1e6


def server(program: Path, case: str, options: tuple[str, ...] = OPTIONS) -> Server:
    missing = "" if program.exists() else f"{program.name} is not built: make bench-web"
    return Server(f"ratios, {case}", (str(program), *options), missing, environment={"RATIOS_CASE": case})


def ask(running: Running, path: str, seconds: int, cores: Cores, into: Load) -> None:
    before = proc.cpu_seconds(running.pid)
    result = load.run(load.wrk(f"{running.url}{path}", seconds), timeout=seconds + 60, core=cores.load)
    into.cpu += proc.cpu_seconds(running.pid) - before
    into.requests += result.figures["requests"]
    into.seconds += result.figures["requests"] / result.figures["rps"] if result.figures["rps"] else seconds
    into.failures += result.failures


def measure(pair: Pair, number: int, options: argparse.Namespace, cores: Cores) -> dict[str, float]:
    """One round: both sides, in turn."""
    logs = RESULTS / "logs"
    places = [pair.base, pair.place]
    started: dict[str, Running] = {}
    sides = [Load(), Load()]
    try:
        for place in places:
            if place.case not in started:
                one = Running(server(options.program, place.case), logs / f"ratios-{place.case}.log", cores.server)
                started[place.case] = one.__enter__()
        warm = Load()
        for place in places:
            ask(started[place.case], place.path, 1, cores, warm)
        proc.wait_for_quiet(options.patience)
        # The one that is not asked waits, and costs nothing.
        with proc.Strangers(os.getpid()) as strangers:
            for turn in range(options.turns):
                for side in (0, 1) if (number + turn) % 2 == 0 else (1, 0):
                    place = places[side]
                    ask(started[place.case], place.path, options.seconds, cores, sides[side])
    finally:
        for one in started.values():
            one.__exit__()
    base, own = sides
    if min(base.requests, own.requests, base.cpu, own.cpu) <= 0:
        raise load.LoadFailed("no request was answered, or no processor time was seen")
    return {
        "base_rps": base.rps, "rps": own.rps, "base_cpu_us": base.cpu_us, "cpu_us": own.cpu_us,
        "rps_ratio": own.rps / base.rps, "cpu_ratio": base.cpu_us / own.cpu_us,
        "server_core": min(side.cpu / side.seconds for side in sides),
        "failures": base.failures + own.failures + warm.failures, "strangers": strangers.cores,
    }


def times(options: argparse.Namespace, cores: Cores, before: list[str]) -> dict[str, float]:
    """What the program times itself. `before` stands before its name."""
    pin = ["taskset", "-c", str(cores.server)] if cores.server is not None else []
    done = subprocess.run(
        [*pin, *before, str(options.program), "times", str(options.batches)], capture_output=True, text=True, timeout=600,
        stdin=subprocess.DEVNULL)
    found = dict(line.split() for line in done.stdout.splitlines() if len(line.split()) == 2)
    if done.returncode != 0 or not set(TIMES) <= set(found):
        raise DidNotStart(f"ratios times ended with {done.returncode}: {(done.stdout + done.stderr).strip()[-300:]}")
    return {name: float(found[name]) for name in TIMES}


def count(place: Place, program: Path, options: argparse.Namespace) -> float:
    """Instructions of a request."""
    # A worker that Valgrind slows down is not one that hangs.
    slow = server(program, place.case, ("-w", "1", "-k", "green", "-t", "300", "-b", "127.0.0.1:{port}"))
    costs = instructions.count(slow, place.path, "", options.requests, 16)
    return sum(costs.values()) / options.requests


def spread(values: list[float], digits: int) -> str:
    low, middle, high = (f"{value:.{digits}f}" for value in (min(values), median(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


@dataclass
class Results:
    rounds: dict[str, list[dict[str, float]]]
    """By the pair's key."""
    times: list[dict[str, float]]
    instructions: dict[Place, float]
    problems: list[str]

    def seen(self, key: str) -> float:
        """The lower of both ratios: where wrk was the limit, that of requests a second flatters."""
        return min(median(run[name] for run in self.rounds[key]) for name in ("rps_ratio", "cpu_ratio"))

    def missed(self) -> list[str]:
        below = [PAIRS[key].name for key in self.rounds if self.seen(key) < PAIRS[key].asked]
        return below + [what for name, (what, most) in TIMES.items()
                        if self.times and median(run[name] for run in self.times) > most]

    def table(self) -> list[str]:
        text = ["| | asked | requests/s | CPU | instructions | |", "| --- | ---: | ---: | ---: | ---: | --- |"]
        for key, runs in self.rounds.items():
            pair = PAIRS[key]
            base, own = self.instructions.get(pair.base), self.instructions.get(pair.place)
            counted = f"{base / own:.3f} ({base:,.0f} ÷ {own:,.0f})" if base and own else ""
            verdict = "yes" if self.seen(key) >= pair.asked else "**no**"
            text.append(f"| {pair.name} | ≥ {pair.asked:.2f} | {spread([run['rps_ratio'] for run in runs], 3)} | "
                        f"{spread([run['cpu_ratio'] for run in runs], 3)} | {counted} | {verdict} |")
        if self.times:
            text += ["", "| | asked | seen | |", "| --- | ---: | ---: | --- |"]
            for name, (what, most) in TIMES.items():
                seen = [run[name] / 1000 for run in self.times]
                verdict = "yes" if median(seen) <= most / 1000 else "**no**"
                text.append(f"| {what} | ≤ {most / 1000:.0f} µs | {spread(seen, 2)} µs | {verdict} |")
        return text

    def remarks(self) -> list[str]:
        lines = [f"- problem: {problem}" for problem in self.problems]
        runs = [run for each in self.rounds.values() for run in each]
        if noisy := [run["strangers"] for run in runs if run["strangers"] > 0.05]:
            lines.append(f"- other programs used up to {max(noisy):.2f} of a core in {len(noisy)} of {len(runs)} rounds")
        if idle := [run["server_core"] for run in runs if run["server_core"] < 0.9]:
            lines.append(f"- the server had its core for {min(idle):.2f} of the time at least, not for all of it, in {len(idle)} "
                         f"of {len(runs)} rounds: wrk was the limit, and the ratio of requests a second flatters")
        return lines


def run(options: argparse.Namespace, cores: Cores, results: Results) -> None:
    """Fills in what is measured, and what goes wrong."""
    keys = options.only or list(PAIRS)
    for number in range(options.rounds):
        for key in keys:
            try:
                figures = measure(PAIRS[key], number, options, cores)
            except (DidNotStart, load.LoadFailed, OSError) as problem:
                results.problems.append(f"{key}, round {number + 1}: {problem}")
                continue
            if figures["failures"]:
                results.problems.append(f"{key}, round {number + 1}: failed requests: {figures['failures']:.0f}")
            results.rounds.setdefault(key, []).append(figures)
            print(f"{number + 1}: {key}: {figures['rps_ratio']:.3f} by requests/s, {figures['cpu_ratio']:.3f} by CPU; "
                  f"{figures['base_rps']:,.0f} and {figures['rps']:,.0f} requests/s", file=sys.stderr, flush=True)
        if not options.only:
            try:
                results.times.append(times(options, cores, []))
                print(f"{number + 1}: {results.times[-1]}", file=sys.stderr, flush=True)
            except (DidNotStart, subprocess.TimeoutExpired, OSError) as problem:
                results.problems.append(f"times, round {number + 1}: {problem}")
    if options.instructions:
        bare = instructions.without_debug_information(options.program)
        for place in dict.fromkeys(place for key in keys for place in (PAIRS[key].base, PAIRS[key].place)):
            try:
                results.instructions[place] = count(place, bare, options)
                print(f"{place.case} {place.path}: {results.instructions[place]:,.0f} instructions", file=sys.stderr, flush=True)
            except (DidNotStart, subprocess.TimeoutExpired, OSError) as problem:
                results.problems.append(f"instructions of {place.case} {place.path}: {problem}")


def write(options: argparse.Namespace, facts: dict[str, str], results: Results) -> None:
    text = "\n".join([
        f"# What the framework costs, {time.strftime('%Y-%m-%d %H:%M')}", "", *results.table(), "", *results.remarks(),
        *(f"- {name}: {value}" for name, value in facts.items()), ""])
    print(text)
    name = RESULTS / f"ratios-{time.strftime('%Y-%m-%d-%H%M%S')}"
    name.with_suffix(".md").write_text(text)
    counted = {f"{place.case} {place.path}": value for place, value in results.instructions.items()}
    kept = {"facts": facts, "seconds": options.seconds, "turns": options.turns, "problems": results.problems,
            "rounds": results.rounds, "times": results.times, "instructions": counted}
    name.with_suffix(".json").write_text(json.dumps(kept, indent=1) + "\n")
    print(f"Written to {os.path.relpath(name)}.md and .json", file=sys.stderr)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7, metavar="N")
    parser.add_argument("--turns", type=int, default=4, metavar="N", help="how often each side is asked in a round (%(default)s)")
    parser.add_argument("--seconds", type=int, default=1, metavar="N", help="how long each time (%(default)s)")
    parser.add_argument("--batches", type=int, default=1000, metavar="N", help="of what is timed in the program (%(default)s)")
    parser.add_argument("--only", choices=PAIRS, action="append", help="only this pair (may be repeated)")
    parser.add_argument("--instructions", action="store_true", help="count instructions too: some minutes")
    parser.add_argument("--requests", type=int, default=4000, metavar="N", help="by how many the counted runs differ")
    parser.add_argument("--quick", action="store_true", help="one round: to see that it works")
    parser.add_argument("--check", action="store_true", help="a ratio that is missed is a failure")
    parser.add_argument("--program", type=Path, default=PROGRAM, metavar="PATH", help="another build of `ratios`")
    parser.add_argument("--patience", type=float, default=5, metavar="SECONDS",
                        help="wait so long, before each round, for other programs to be quiet (%(default)s)")
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.turns, options.batches = 1, 1, 100
    bounds = {"rounds": 100, "turns": 100, "seconds": 600, "batches": 1_000_000, "requests": 1_000_000}
    for name, most in bounds.items():
        if not 1 <= getattr(options, name) <= most:
            parser.error(f"--{name} must be 1 to {most}")
    tools = TOOLS | ({"valgrind": "valgrind", "objcopy": "binutils", "cc": "gcc"} if options.instructions else {})
    if absent := [f"{tool} (package {package})" for tool, package in tools.items() if not shutil.which(tool)]:
        parser.error(f"not installed: {', '.join(absent)}")
    options.program = options.program.absolute()
    if not options.program.exists():
        parser.error(f"{options.program} is not built: make bench-web")
    return options


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM, too, ends the servers and writes
    RESULTS.mkdir(parents=True, exist_ok=True)
    available = sorted(os.sched_getaffinity(0))
    cores = Cores(available[0], available[-1]) if len(available) > 1 else Cores(None, None)
    facts = {
        "command": shlex.join(["ratios.py", *sys.argv[1:]]), **machine.describe(),
        "load average before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
        "pinned": "server on one core, load on another" if cores.load is not None else "nothing, there is one core",
    }
    results = Results({}, [], {}, [])
    status = 0
    try:
        run(options, cores, results)
    except KeyboardInterrupt:
        results.problems.append("interrupted: not all rounds were made")
        status = 130
    write(options, facts, results)
    return status or int(bool(results.problems) or options.check and bool(results.missed()))


if __name__ == "__main__":
    sys.exit(main())
