#!/usr/bin/env python3
"""Puts the figures of a result of `make bench` into the README, between its marks, and its charts into docs/charts.

    readme.py [RESULT.json] [--disturbed] [--problems]    (the newest of Benchmarks/results)

Each table says when it was measured. A part that was not measured, or was disturbed unless `--disturbed` is given, or in which
something went wrong unless `--problems` is given, keeps the table that it has, and that is said.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import textwrap
from pathlib import Path

import paths
from figures import Figure, from_json
from regression import newest

README = paths.ROOT / "README.md"
CHARTS = paths.ROOT / "docs" / "charts"
MARKED = re.compile(r"(<!-- measured: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)

TABLES: dict[str, list[tuple[str, str]]] = {
    # the figures of a part that the README shows, with their titles
    "article": [("ab_s", "`ab -n 50 -c 10`, s"), ("hey_s", "`hey`, s"), ("peak_pss", "memory, MB")],
    "classes": [("rps", "requests/s"), ("cpu_us", "CPU µs"), ("p50_ms", "p50, ms"), ("p99_ms", "p99, ms"), ("p999_ms", "p99.9, ms")],
    "connections": [("cpu_us", "CPU µs"), ("rps", "requests/s"), ("p99_ms", "p99, ms")],
    "requests": [("rps", "requests/s"), ("cpu_us", "CPU µs"), ("p50_ms", "p50, ms"), ("p99_ms", "p99, ms"), ("p999_ms", "p99.9, ms")],
    "memory": [("idle_bytes", "idle connection, bytes"), ("rush_bytes", "after a rush, bytes"), ("busy_bytes", "sleeping request, bytes")],
    "python": [("rps", "requests/s"), ("cpu_us", "CPU µs"), ("p50_ms", "p50, ms"), ("p99_ms", "p99, ms"), ("p999_ms", "p99.9, ms"),
               ("peak_pss", "memory, MB")],
    "tls": [("rps", "requests/s"), ("cpu_us", "CPU µs"), ("handshakes", "handshakes/s")],
    "http2": [("rps", "requests/s"), ("cpu_us", "CPU µs"), ("mean_ms", "mean, ms"), ("p99_ms", "p99, ms")],
    "websocket": [("messages", "messages/s"), ("cpu_us", "CPU µs"), ("p99_ms", "p99, ms")],
}


class NotUsable(Exception):
    pass


def part_of(result: dict, name: str) -> dict | None:
    return next((part for part in result["parts"] if part["name"] == name), None)


def figures_of(result: dict, name: str, allows_disturbed: bool, allows_problems: bool) -> list[Figure]:
    part = part_of(result, name)
    if not part or not part["figures"]:
        raise NotUsable(f"{name} was not measured")
    if part["disturbed"] and not allows_disturbed:
        raise NotUsable(f"{name} was {part['disturbed']}")
    if part.get("problems") and not allows_problems:
        raise NotUsable(f"in {name} something went wrong: {'; '.join(part['problems'])}")
    return from_json(part["figures"])


def shown(figure: Figure | None) -> str:
    return f"{figure.median:,.{figure.digits}f}" if figure else ""


def table(name: str, found: list[Figure]) -> str:
    columns = TABLES[name]
    cells = {(figure.row, figure.server, figure.name): figure for figure in found}
    rows = list(dict.fromkeys((figure.row, figure.server) for figure in found))
    has_rows = len({row for row, _ in rows}) > 1
    lines = [f"| | {'| ' * has_rows}{' | '.join(title for _, title in columns)} |",
             f"| --- | {'--- | ' * has_rows}{' | '.join('---:' for _ in columns)} |"]
    for row, server in rows:
        values = [shown(cells.get((row, server, key))) for key, _ in columns]
        if any(values):
            lines.append("| " + " | ".join([*([row] if has_rows else []), server, *values]) + " |")
    return "\n".join(lines) + "\n"


def when(result: dict, name: str) -> str:
    facts, part = result["facts"], part_of(result, name) or {}
    known = [facts["date"].split()[0], *(facts[key] for key in ("machine",) if key in facts)]
    if "effort" in facts:
        # Which rounds there was time for, the samples tell.
        known.append(facts["effort"].split(",")[0])
    runs = sorted({len(figure.samples) for figure in from_json(part.get("figures", []))})
    if runs:
        known.append(f"medians of {runs[0]} to {runs[-1]} runs" if len(runs) > 1 else f"medians of {runs[0]} runs")
    disturbed = part.get("disturbed")
    text = f"Measured on {', '.join(known)}{f'; {disturbed}' if disturbed else ''}:"
    return "\n".join(textwrap.wrap(text, 128, break_on_hyphens=False)) + "\n"


def filled(text: str, result: dict, allows_disturbed: bool = False, allows_problems: bool = False) -> tuple[str, list[str]]:
    """The text with the tables that there are figures for, and why others stay as they were."""
    left = []

    def replaced(found: re.Match) -> str:
        try:
            figures = figures_of(result, found[2], allows_disturbed, allows_problems)
        except NotUsable as problem:
            left.append(str(problem))
            return found[0]
        return f"{found[1]}{when(result, found[2])}\n{table(found[2], figures)}{found[3]}"

    return MARKED.sub(replaced, text), left


def copy_charts(result_file: Path, result: dict, text: str, allows_disturbed: bool, allows_problems: bool) -> list[str]:
    """Those that the README shows."""
    CHARTS.mkdir(parents=True, exist_ok=True)
    copied = []
    for name in re.findall(r"\(docs/charts/(\w+)\.svg\)", text):
        source = result_file.with_name(f"{result_file.stem}-{name}.svg")
        try:
            figures_of(result, name, allows_disturbed, allows_problems)
        except NotUsable:
            continue
        if source.exists():
            shutil.copy(source, CHARTS / f"{name}.svg")
            copied.append(name)
    return copied


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path, nargs="?")
    parser.add_argument("--disturbed", action="store_true", help="take times of disturbed parts, too")
    parser.add_argument("--problems", action="store_true", help="take parts in which something went wrong, too")
    options = parser.parse_args()
    path = options.result or newest()
    result = json.loads(path.read_text())
    text, left = filled(README.read_text(), result, options.disturbed, options.problems)
    README.write_text(text)
    copied = copy_charts(path, result, text, options.disturbed, options.problems)
    print(f"README.md has the figures of {path.name}; new charts: {', '.join(copied) or 'none'}")
    for problem in left:
        print(f"left as it was: {problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
