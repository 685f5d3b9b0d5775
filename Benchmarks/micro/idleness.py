"""What a process does that has nothing to do: its context switches undisturbed, then its system calls under strace."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
import time

from contenders import Failed


SETTLING = 2.0
"""Seconds in which it may still tidy up: a hub gives the memory of unused stacks back a second after its last work."""


def watch(pid: int, seconds: float) -> dict[str, float]:
    if not shutil.which("strace"):
        raise Failed("strace is not installed")
    time.sleep(SETTLING)
    before = _context_switches(pid)
    time.sleep(seconds)
    switches = _context_switches(pid) - before
    return {"switches": switches, "calls": _system_calls(pid, seconds)}


def _context_switches(pid: int) -> int:
    with open(f"/proc/{pid}/status") as file:
        return sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)


def _system_calls(pid: int, seconds: float) -> int:
    """Those that began while strace was attached: the wait that it found under way is not among them."""
    with tempfile.NamedTemporaryFile("r") as summary:
        tracer = subprocess.Popen(["strace", "-c", "-f", "-o", summary.name, "-p", str(pid)], stderr=subprocess.PIPE,
                                  text=True)
        try:
            attached = tracer.stderr.readline()
            time.sleep(seconds)
            tracer.send_signal(signal.SIGINT)
            _, complaint = tracer.communicate(timeout=10)
        finally:
            tracer.kill()
            tracer.wait()
        if "attached" not in attached:
            raise Failed(f"strace: {attached.strip()} {complaint.strip()}")
        return total_calls(summary.read())


def total_calls(summary: str) -> int:
    """The calls in what `strace -c` writes, which is nothing at all when there were none."""
    if not summary.strip():
        return 0
    found = re.search(r"^ *100\.00 +[\d.]+ +(?:\d+ +)?(\d+) +(?:\d+ +)?total$", summary, re.MULTILINE)
    if not found:
        raise Failed(f"strace wrote: {summary.strip()[:300]}")
    return int(found[1])
