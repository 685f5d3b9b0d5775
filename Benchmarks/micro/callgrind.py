"""How many instructions one operation takes: exact, and the same on a busy machine, where nanoseconds are neither.

Counted by Valgrind's Cachegrind in user space, over two runs of different lengths: what the program does once, at its
start and end, falls out of the difference.
"""

from __future__ import annotations

import re
import shutil
import subprocess

from contenders import BUILD, Contender, Failed

COUNT = 50_000
"""Operations in the shorter run; Valgrind is some fifty times slower than the processor."""


def are_countable() -> bool:
    return bool(shutil.which("valgrind") and shutil.which("objcopy"))


def count(contender: Contender, timeout: float = 120) -> float:
    """Instructions an operation."""
    program, *middle, _ = contender.command
    # Valgrind 3.19 gives up on the debug information that Swift's linker writes.
    bare = BUILD / "without_debug_information"
    subprocess.run(["objcopy", "--strip-debug", program, str(bare)], check=True, timeout=timeout)
    short, long = (_run([str(bare), *middle, str(number)], timeout) for number in (COUNT, 3 * COUNT))
    return (long - short) / (2 * COUNT)


def _run(command: list[str], timeout: float) -> int:
    try:
        done = subprocess.run(
            ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *command],
            capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failed(f"valgrind {' '.join(command)}: no end after {timeout:.0f} s") from None
    found = re.search(r"I +refs: +([\d,]+)", done.stderr)
    if done.returncode != 0 or not found:
        raise Failed(f"valgrind {' '.join(command)}: {done.stderr.strip()[-300:]}")
    return int(found[1].replace(",", ""))
