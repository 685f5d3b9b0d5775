"""The programs of the micro benchmarks: how each is built, and how one is run and its figures read.

A program prints its figures as lines of a key and a number. Whoever adds one writes a function here like these.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "Benchmarks" / "compare"))  # proc and machine are shared with the comparison of servers

BUILD = ROOT / "Benchmarks" / "results" / "build"
GREEN = ROOT / ".build-bench" / "release" / "micro"
PYTHON = ROOT / "Benchmarks" / "compare" / "peers" / ".venv" / "bin" / "python"
C_FLAGS = ["-O2", "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-pthread"]

CORES = sorted(os.sched_getaffinity(0))
MEASURED_CORE, LOAD_CORE = CORES[0], CORES[-1]


class Failed(Exception):
    pass


@dataclass(frozen=True)
class Contender:
    name: str
    command: tuple[str, ...]
    missing: str = ""
    """Why it cannot be run, if it cannot."""
    optional: bool = True
    """Whether that is not a failure."""
    countable: bool = False
    """Whether its instructions can be counted: it takes a count as its last argument, and is not an interpreter."""
    most_rounds: int = 100
    own: bool = False
    """Whether it is ours: its name may say only how it was asked."""

    def shown(self) -> str:
        return " ".join(self.command).replace(f"{ROOT}/", "")


def green(row: str, count: int, name: str = "Green", most_rounds: int = 100) -> Contender:
    """A row of the Swift program `micro`."""
    missing = "" if GREEN.exists() else f"{GREEN.name} is not built: make bench-micro"
    return Contender(name, (str(GREEN), row, str(count)), missing, optional=False, countable=True,
                     most_rounds=most_rounds, own=True)


def calls(kind: str, count: int) -> Contender:
    """The Swift program `calls`, which links the redirect."""
    return _swift("calls", kind, kind, str(count))


def tasks(row: str, count: int, stock: bool = False) -> Contender:
    """A row of the Swift program `tasks`, on a hub or on the Swift runtime's own executors."""
    name = "Swift's own executors" if stock else "Green"
    return _swift("tasks", name, row, str(count), *(["stock"] if stock else []), own=not stock)


def _swift(program: str, name: str, *arguments: str, own: bool = True) -> Contender:
    path = GREEN.parent / program
    missing = "" if path.exists() else f"{path.name} is not built: make bench-micro"
    return Contender(name, (str(path), *arguments), missing, optional=False, own=own)


def c(program: str, count: int, *more: str, name: str = "C", most_rounds: int = 100) -> Contender:
    """A program of c/, linked with CFiber. It is compiled when it is first asked for."""
    path = _compiled(program)
    return Contender(name, (str(path), *more, str(count)), optional=False, countable=True, most_rounds=most_rounds)


def gevent(program: str, count: int, *more: str, most_rounds: int = 100) -> Contender:
    """A program of python/, with gevent from the virtual environment that compare/peers/install makes."""
    missing = "" if PYTHON.exists() else "not installed: make bench-peers"
    return Contender("gevent", (str(PYTHON), str(HERE / "python" / f"{program}.py"), str(count), *more), missing,
                     most_rounds=most_rounds)


def go(program: str, count: int, *more: str) -> Contender:
    missing = "" if shutil.which("go") else "not installed: make bench-peers"
    path = BUILD / f"go_{program}"
    if not missing:
        _build("go", "build", "-o", str(path), str(HERE / "go" / f"{program}.go"))
    return Contender("Go", (str(path), str(count), *more), missing)


def boost(program: str, count: int) -> Contender:
    path = BUILD / f"boost_{program}"
    if not (shutil.which("g++") and Path("/usr/include/boost/context/detail/fcontext.hpp").exists()):
        return Contender("Boost.Context", (str(path),), "not installed: make bench-peers")
    _build("g++", "-O2", "-Wall", "-Wextra", str(HERE / "boost" / f"{program}.cpp"), "-o", str(path), "-lboost_context")
    return Contender("Boost.Context", (str(path), str(count)))


def _build(*command: str) -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}\n{done.stderr}")


@cache
def _cfiber() -> str:
    """CFiber and what it needs as an archive, without the rest of the project."""
    source = ROOT / "Sources"
    includes = [f"-I{source}/{module}/include" for module in ("CFiber", "CFork", "CReport", "CSignals")]
    files = [
        *source.glob("CFiber/*.[cS]"), *source.glob("CFork/*.c"), *source.glob("CReport/*.c"),
        source / "CSignals" / "chain.c",
    ]
    objects = []
    for file in sorted(files):
        objects.append(str(BUILD / f"cfiber_{file.stem}.o"))
        _build("cc", *C_FLAGS, *includes, "-c", str(file), "-o", objects[-1])
    archive = BUILD / "libcfiber.a"
    archive.unlink(missing_ok=True)
    _build("ar", "rcs", str(archive), *objects)
    return str(archive)


@cache
def _compiled(program: str) -> Path:
    path = BUILD / f"c_{program}"
    archive = _cfiber()
    _build("cc", *C_FLAGS, f"-I{ROOT}/Sources/CFiber/include", str(HERE / "c" / f"{program}.c"), archive,
           "-o", str(path), "-lev", "-lcares")
    return path


def pinned(command: tuple[str, ...], core: int) -> list[str]:
    return ["taskset", "-c", str(core), *command] if len(CORES) > 1 else list(command)


def read_figures(text: str) -> dict[str, float]:
    figures = {}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        try:
            figures[key] = float(value)
        except ValueError:
            raise Failed(f"not a figure: {line!r}") from None
    return figures


def run(contender: Contender, timeout: float) -> dict[str, float]:
    """Runs it to its end on the measured core."""
    if contender.missing:
        raise Failed(contender.missing)
    try:
        done = subprocess.run(pinned(contender.command, MEASURED_CORE), capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failed(f"{contender.shown()}: no end after {timeout:.0f} s") from None
    if done.returncode != 0:
        raise Failed(f"{contender.shown()}: status {done.returncode}: {done.stderr.strip()[-500:]}")
    return read_figures(done.stdout)


class Started:
    """A program that runs until it is ended, in a `with` block; `figures` is what it printed first."""

    def __init__(self, contender: Contender, core: int = MEASURED_CORE, lines: int = 1):
        self._contender = contender
        self._core = core
        self._lines = lines

    def __enter__(self) -> Started:
        if self._contender.missing:
            raise Failed(self._contender.missing)
        command = ["setpriv", "--pdeathsig", "KILL", *pinned(self._contender.command, self._core)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.pid = self._process.pid
        text = "".join(self._process.stdout.readline() for _ in range(self._lines))
        if not text:
            self.__exit__()
            raise Failed(f"{self._contender.shown()} did not start: {self._process.stderr.read().strip()[-500:]}")
        self.figures = read_figures(text)
        return self

    def __exit__(self, *_) -> None:
        self._process.kill()
        self._process.wait()
