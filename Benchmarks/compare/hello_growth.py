#!/usr/bin/env python3
"""Compares `hello` with that of an older commit: its first build, stripped size, memory, and start until the first answer.

Both commits are checked out beside each other in a temporary folder below .build-bench, as git worktrees, and built by the same
command: release, with Swift's own libraries linked in. Dependencies are fetched before; of an earlier build nothing is kept, and
the commits are built in turn. Then both servers are started in turn, with two green workers: the time from the start of the
process to the whole answer to the first request, and the memory of master and workers together (PSS) once all of them have been
still. A ratio is taken in each round; the table has its median, with the lowest and the highest, and what is asked.

Prints the table and writes it to Benchmarks/results as Markdown. Exits with 1 where something could not be measured; a ratio that
is missed is shown, and with --check it is a failure too. What is not committed is not measured.

    Benchmarks/compare/hello_growth.py
    Benchmarks/compare/hello_growth.py --base 42da53a --builds 1 --starts 5
"""

from __future__ import annotations

import argparse
import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import machine
import proc
from native import RESULTS
from running import DidNotStart, Running, get
from servers import ROOT, Server

BASE = "42da53a"
LIMIT = 1.05
BUILD = ("swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "hello")
SERVE = ("-w", "2", "-k", "green", "--worker-connections", "1000", "-b", "127.0.0.1:{port}")
FETCHED = {"checkouts", "repositories", "artifacts", "workspace-state.json"}
"""What a scratch folder keeps between two builds: the sources of dependencies."""
TOOLS = {"git": "git", "swift": "swift", "strip": "binutils", "setpriv": "util-linux"}


class Failed(Exception):
    pass


@dataclass
class Tree:
    """A commit that is checked out, and where it is built."""

    name: str
    folder: Path

    @property
    def scratch(self) -> Path:
        return self.folder / ".build-growth"

    @property
    def program(self) -> Path:
        return self.scratch / "release" / "hello"

    @property
    def command(self) -> list[str]:
        return [*BUILD, "--package-path", str(self.folder), "--scratch-path", str(self.scratch)]


class Starting(Running):
    """A server that is asked again and again from its start on: how long it takes to answer."""

    seconds = 0.0

    def __enter__(self) -> Starting:
        self._began = time.perf_counter()
        super().__enter__()
        return self

    def _wait_until_it_answers(self) -> None:
        while time.perf_counter() - self._began < self.patience:
            if self._process.poll() is not None:
                raise self._failure(f"it ended with status {self._process.returncode}")
            try:
                answer = get(self.port, "/plain")
            except OSError:  # it does not listen yet
                time.sleep(0.0005)
                continue
            self.seconds = time.perf_counter() - self._began
            if not answer.startswith(b"HTTP/1.1 200 ") or not answer.endswith(b"Hello World!"):
                raise self._failure(f"it answered {answer[:60]!r}")
            return
        raise self._failure(f"no answer after {self.patience:.0f} s")


def told(*command: str) -> str:
    """What a command prints; an error says what it had to say."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Failed(f"{shlex.join(command)}: {(done.stderr or done.stdout).strip()[-500:]}")
    return done.stdout.strip()


def check_out(folder: Path, name: str, commit: str) -> Tree:
    told("git", "worktree", "add", "--detach", "--force", str(folder / name), commit)
    return Tree(name, folder / name)


def remove(tree: Tree) -> None:
    subprocess.run(["git", "worktree", "remove", "--force", "--force", str(tree.folder)], cwd=ROOT, capture_output=True)


def forget_build(scratch: Path) -> None:
    """Leaves of a scratch folder what was fetched."""
    for entry in scratch.iterdir():
        if entry.name not in FETCHED:
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()


def build(tree: Tree, log: Path) -> dict[str, float]:
    """A first build. Seconds that passed, and seconds of processors, which depend less on what else the machine does."""
    forget_build(tree.scratch)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with open(log, "wb") as file:
        done = subprocess.run(tree.command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT)
    passed, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise Failed(f"{tree.name} could not be built, see {log.relative_to(ROOT)}")
    return {"build": passed, "build_cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def stripped_size(program: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="greenfinch-growth-") as folder:
        bare = Path(folder) / program.name
        told("strip", "-o", str(bare), str(program))
        return bare.stat().st_size


def start(tree: Tree, log: Path) -> dict[str, float]:
    server = Server(f"hello of {tree.name}", (str(tree.program), *SERVE))
    with Starting(server, log) as running:
        usage = proc.usage(running.pid)
        if usage.processes < 3:
            raise DidNotStart(f"{server.name} has {usage.processes} processes: a master and two workers were asked for")
        return {"start": running.seconds * 1000, "pss": usage.pss}


Samples = dict[str, list[dict[str, float]]]
"""By the name of the tree, a sample for each round."""

ROWS = {
    "build": ("first build, s", 1), "build_cpu": ("first build, s of processors", 1), "size": ("stripped size, MB", 2),
    "pss": ("two idle workers and the master, PSS, MB", 2), "start": ("start until the first answer, ms", 1),
}
INFORMING = {"build_cpu"}
"""What nothing is asked of."""


def ratios(samples: Samples, key: str) -> list[float]:
    """HEAD's divided by the older one's, in each round."""
    return [new[key] / old[key] for old, new in zip(samples["base"], samples["head"]) if key in old and key in new]


def missed(samples: Samples) -> list[str]:
    return [title for key, (title, _) in ROWS.items()
            if key not in INFORMING and (seen := ratios(samples, key)) and median(seen) > LIMIT]


def table(samples: Samples, names: dict[str, str]) -> list[str]:
    lines = [f"| hello | {names['base']} | {names['head']} | ratio | asked | |", "| --- | ---: | ---: | ---: | ---: | --- |"]
    for key, (title, digits) in ROWS.items():
        if not (seen := ratios(samples, key)):
            continue
        old, new = (median(sample[key] for sample in samples[name] if key in sample) for name in ("base", "head"))
        spread = f" ({min(seen):.3f} to {max(seen):.3f})" if max(seen) - min(seen) >= 0.0005 else ""
        asked = ["", ""] if key in INFORMING else [f"≤ {LIMIT:.2f}", "yes" if median(seen) <= LIMIT else "**no**"]
        lines.append(f"| {title} | {old:.{digits}f} | {new:.{digits}f} | {median(seen):.3f}{spread} | {asked[0]} | {asked[1]} |")
    return lines


def in_turn(trees: list[Tree], number: int) -> list[Tree]:
    return trees if number % 2 == 0 else trees[::-1]


def measure(trees: list[Tree], options: argparse.Namespace, samples: Samples) -> None:
    logs = RESULTS / "logs"
    say = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    for tree in trees:
        say(f"{tree.name}: dependencies")
        told("swift", "package", "--package-path", str(tree.folder), "--scratch-path", str(tree.scratch), "resolve")
    rounds = max(options.builds, options.starts)
    for name in samples:
        samples[name] = [{} for _ in range(rounds)]
    for number in range(options.builds):
        for tree in in_turn(trees, number):
            proc.wait_for_quiet(options.patience)
            samples[tree.name][number] |= build(tree, logs / f"growth-build-{tree.name}.log")
            say(f"{tree.name}, build {number + 1}: {samples[tree.name][number]}")
    for tree in trees:
        samples[tree.name][0]["size"] = stripped_size(tree.program) / 1e6
    # The first start of each reads the program from the disk.
    for number in range(-1, options.starts):
        for tree in in_turn(trees, number):
            proc.wait_for_quiet(options.patience)
            found = start(tree, logs / f"growth-{tree.name}.log")
            if number >= 0:
                samples[tree.name][number] |= found
                say(f"{tree.name}, start {number + 1}: {found}")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default=BASE, metavar="COMMIT", help="the older commit (%(default)s)")
    parser.add_argument("--builds", type=int, default=3, metavar="N", help="first builds of each (%(default)s)")
    parser.add_argument("--starts", type=int, default=21, metavar="N", help="starts of each (%(default)s)")
    parser.add_argument("--check", action="store_true", help=f"a ratio above {LIMIT} is a failure")
    parser.add_argument("--keep", action="store_true", help="leave the two builds where they are, and say where")
    parser.add_argument("--patience", type=float, default=5, metavar="SECONDS",
                        help="wait so long, before each build and start, for other programs to be quiet (%(default)s)")
    options = parser.parse_args()
    if not (1 <= options.builds <= 100 and 1 <= options.starts <= 1000):
        parser.error("1 to 100 builds, 1 to 1000 starts")
    if absent := [f"{tool} (package {package})" for tool, package in TOOLS.items() if not shutil.which(tool)]:
        parser.error(f"not installed: {', '.join(absent)}")
    return options


def run(options: argparse.Namespace, samples: Samples, names: dict[str, str]) -> None:
    """Fills in samples, and the names of both commits."""
    commits = {name: told("git", "rev-parse", "--verify", f"{commit}^{{commit}}")
               for name, commit in (("base", options.base), ("head", "HEAD"))}
    names |= {name: told("git", "rev-parse", "--short", commit) for name, commit in commits.items()}
    place = ROOT / ".build-bench"
    place.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="growth-", dir=place))
    trees: list[Tree] = []
    try:
        for name, commit in commits.items():
            trees.append(check_out(folder, name, commit))
        measure(trees, options, samples)
    finally:
        if options.keep:
            print(f"kept: {folder.relative_to(ROOT)}; `git worktree remove --force` each of its folders", file=sys.stderr)
        else:
            for tree in trees:
                remove(tree)
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run(["git", "worktree", "prune"], cwd=ROOT, capture_output=True)


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that TERM, too, cleans up and writes
    (RESULTS / "logs").mkdir(parents=True, exist_ok=True)
    facts = {
        "command": shlex.join(["hello_growth.py", *sys.argv[1:]]), "built by": shlex.join(BUILD), **machine.describe(),
        "load average before": " ".join(f"{value:.2f}" for value in os.getloadavg()),
    }
    samples: Samples = {"base": [], "head": []}
    names = {"base": options.base, "head": "HEAD"}
    problems: list[str] = []
    status = 0
    try:
        run(options, samples, names)
    except KeyboardInterrupt:
        problems.append("interrupted: not all was measured")
        status = 130
    except (Failed, DidNotStart, OSError) as problem:
        problems.append(str(problem))
    text = "\n".join([
        f"# hello, {time.strftime('%Y-%m-%d %H:%M')}", "", *table(samples, names), "",
        *(f"- problem: {problem}" for problem in problems), *(f"- {name}: {value}" for name, value in facts.items()), ""])
    print(text)
    (RESULTS / f"growth-{time.strftime('%Y-%m-%d-%H%M%S')}.md").write_text(text)
    return status or int(bool(problems) or options.check and bool(missed(samples)))


if __name__ == "__main__":
    sys.exit(main())
