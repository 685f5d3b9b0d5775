"""What a figure was measured on: processor, kernel, versions, and how busy the machine was."""

from __future__ import annotations

import os
import re
import subprocess
import time
from pathlib import Path

from servers import PEERS, ROOT, newest_wheel


def _said(*command: str, line: int = 0) -> str:
    """One line of what a program prints, or nothing where it is not installed."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=20, cwd=ROOT, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[line].strip() if len(lines) > line else ""


def _processor() -> str:
    found = re.search(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{found[1] if found else os.uname().machine}, {len(os.sched_getaffinity(0))} cores"


def _memory() -> str:
    found = re.search(r"^MemTotal: +(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return f"{int(found[1]) * 1024 / 1e9:.0f} GB" if found else ""


def _peers() -> str:
    python = PEERS / ".venv" / "bin" / "python"
    listed = []
    for package in ("gunicorn", "flask", "gevent", "greenlet", "granian", "uvicorn", "uvloop", "quart", "fastapi", "uwsgi"):
        version = _said(str(python), "-c", f"import importlib.metadata as m; print(m.version('{package}'))")
        listed += [f"{package} {version}"] if re.match(r"\d", version) else []
    return ", ".join(listed) and f"{', '.join(listed)}, {_said(str(python), '--version')}"


def describe() -> dict[str, str]:
    """What all measurements depend on."""
    changed = " with changes" if _said("git", "status", "--porcelain", "--untracked-files=no") else ""
    facts = {
        "machine": f"{_processor()}, {_memory()}",
        "kernel": f"{os.uname().sysname} {os.uname().release}",
        "commit": f"{_said('git', 'rev-parse', '--short', 'HEAD')}{changed}",
        "swift": _said("swift", "--version"),
        "cc": _said("cc", "--version"),
        "peers": _peers(),
    }
    return {name: value for name, value in facts.items() if value}


def describe_servers(hello: Path) -> dict[str, str]:
    """What the comparison of servers depends on besides."""
    ab = _said("ab", "-V").partition("Version ")[2].partition(" <")[0]
    wrk = _said("wrk", "-v").partition(" [")[0].removeprefix("wrk ")
    return {"greenfinch": _said(str(hello), "--version"), **_wheel(), "load by": f"ab {ab}, wrk {wrk}, hey"}


def _wheel() -> dict[str, str]:
    """What greenfinch is in Python, and when it was made."""
    path = newest_wheel()
    made = time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(path.stat().st_mtime)) if path else ""
    return {"wheel": f"{path.name}, made {made}"} if path else {}
