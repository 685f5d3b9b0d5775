"""The programs that make the load, and what they print, read into figures.

Every result has `failures`: requests that got no answer or one that was not 2xx, by the tool's own count.
"""

from __future__ import annotations

import re
import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

PERCENTILES = Path(__file__).with_name("percentiles.lua")


class LoadFailed(Exception):
    pass


@dataclass
class Result:
    figures: dict[str, float]
    failures: int
    complaints: str = ""
    """What the tool said about the failures."""
    cpu: float = 0
    """CPU seconds that the tool itself used: near its running time, the tool was the limit."""


def run(command: list[str], timeout: float, core: int | None = None) -> Result:
    pin = ["taskset", "-c", str(core)] if core is not None else []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run(pin + command, capture_output=True, text=True, errors="replace", timeout=timeout)
    except subprocess.TimeoutExpired:
        raise LoadFailed(f"{command[0]} was not done after {timeout:.0f} s") from None
    except OSError as error:
        raise LoadFailed(str(error)) from None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        result = PARSERS[command[0]](done.stdout)
    except (TypeError, ValueError, KeyError, IndexError):
        said = (done.stderr + done.stdout).strip().splitlines()[-3:]
        raise LoadFailed(f"{command[0]} ended with status {done.returncode}: {' / '.join(said)}") from None
    result.cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return result


def ab(url: str, requests: int, connections: int) -> list[str]:
    return ["ab", "-r", "-n", str(requests), "-c", str(connections), url]


def hey(url: str, requests: int, connections: int) -> list[str]:
    return ["hey", "-n", str(requests), "-c", str(connections), "-disable-keepalive", url]


def wrk(url: str, seconds: int, connections: int = 64) -> list[str]:
    # What takes longer than its time limit it leaves out of the percentiles; 2 s is less than some tails are.
    return ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "--latency", "-s", str(PERCENTILES), url]


def _number(pattern: str, text: str, missing: float | None = None) -> float:
    found = re.search(pattern, text, re.MULTILINE)
    if found is None and missing is not None:
        return missing
    return float(found[1])  # type: ignore[index]  # TypeError where the tool did not print it


def parse_ab(text: str) -> Result:
    wanted = re.findall(r"^ +100% +(\d+)", text, re.MULTILINE)
    figures = {
        "seconds": _number(r"^Time taken for tests: +([\d.]+)", text),
        "requests": _number(r"^Complete requests: +(\d+)", text),
        "longest_ms": float(wanted[0]),
    }
    failed = _number(r"^Failed requests: +(\d+)", text)
    wrong = _number(r"^Non-2xx responses: +(\d+)", text, 0)
    unwritten = _number(r"^Write errors: +(\d+)", text, 0)
    details = re.search(r"^ +\((Connect: .*)\)", text, re.MULTILINE)
    complaints = [f"failed {failed:.0f} ({details[1]})" if details else f"failed {failed:.0f}"] if failed else []
    complaints += [f"non-2xx {wrong:.0f}"] if wrong else []
    complaints += [f"write errors {unwritten:.0f}"] if unwritten else []
    return Result(figures, int(failed + wrong + unwritten), ", ".join(complaints))


def parse_hey(text: str) -> Result:
    answers = {int(code): int(n) for code, n in re.findall(r"^ +\[(\d{3})\]\t(\d+) responses", text, re.MULTILINE)}
    errors = [(int(n), what) for n, what in re.findall(r"^ +\[(\d+)\]\t(?!\d+ responses)(.+)", text, re.MULTILINE)]
    figures = {"seconds": _number(r"^ +Total:\s+([\d.]+) secs", text), "requests": float(sum(answers.values()))}
    wrong = {code: n for code, n in answers.items() if not 200 <= code < 300}
    complaints = [f"{n} × {code}" for code, n in wrong.items()] + [f"{n} × {what}" for n, what in errors]
    return Result(figures, sum(wrong.values()) + sum(n for n, _ in errors), ", ".join(complaints))


def parse_wrk(text: str) -> Result:
    latency = {}
    for percent, value, unit in re.findall(r"^ +(50|99)% +([\d.]+)(us|ms|s|m) *$", text, re.MULTILINE):
        latency[percent] = float(value) * {"us": 1, "ms": 1e3, "s": 1e6, "m": 6e7}[unit] / 1000
    figures = {
        "rps": _number(r"^Requests/sec: +([\d.]+)", text),
        "requests": _number(r"^ +(\d+) requests in ", text),
        "p50_ms": latency["50"],
        "p99_ms": latency["99"],
    }
    if rare := re.search(r"^99\.9th percentile: (\d+) us$", text, re.MULTILINE):
        figures["p999_ms"] = float(rare[1]) / 1000
    errors = re.search(r"^ +Socket errors: (.*)", text, re.MULTILINE)
    wrong = _number(r"^ +Non-2xx or 3xx responses: (\d+)", text, 0)
    failures = int(wrong) + sum(map(int, re.findall(r"\d+", errors[1])) if errors else [])
    complaints = ([f"socket errors: {errors[1]}"] if errors else []) + ([f"non-2xx {wrong:.0f}"] if wrong else [])
    return Result(figures, failures, ", ".join(complaints))


PARSERS = {"ab": parse_ab, "hey": parse_hey, "wrk": parse_wrk}
