"""Compiles the harness's own C programs into the results folder."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path

from servers import HERE, ROOT

RESULTS = ROOT / "Benchmarks" / "results"
FLAGS = ["-O2", "-Wall", "-Wextra"]


@functools.cache
def build(name: str) -> Path:
    program = RESULTS / "build" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", *FLAGS, str(HERE / f"{name}.c"), "-o", str(program)], check=True)
    return program
