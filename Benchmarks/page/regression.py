#!/usr/bin/env python3
"""Compares two results of `make bench`, and ends with 1 where the second is worse.

    regression.py [BASE.json] [NEW.json]    (what is recorded in git; the newest of Benchmarks/results)

Worse is what is the same on a busy machine (instructions, system calls) and has grown by more than 3 %; and a time or a rate
whose ranges do not overlap and whose medians differ by more than a tenth, where neither run was disturbed. A figure of a single run
has no range: there it takes a quarter, as it does of the least time of all rounds, which is what the record in git has of the
runtime's parts; they are compared on a machine of the same kind alone. Worse are also requests that fail where none did, on a busy
machine, too, and figures that are gone from a part in which something went wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import paths
from figures import Figure, from_json

EXACT, TIMED, SINGLE = 1.03, 1.10, 1.25
FAILURES = "failures"
RECORD = paths.BENCHMARKS / "recorded" / "bench.json"
"""What is compared with where nothing else is named; record.py writes it."""


@dataclass
class Change:
    before: Figure
    after: Figure
    ratio: float
    """How many times worse it is: above 1 worse, below 1 better."""
    counts: bool
    """Whether it is more than noise."""

    def shown(self) -> str:
        part, row, server, _ = self.after.key
        return f"{part}: {row}, {server}: {self.after.title}: {self.before.shown()} became {self.after.shown()} ({self.ratio:.2f})"


def ratio_of(before: Figure, after: Figure) -> float:
    old, new = (before.median, after.median) if after.better < 0 else (after.median, before.median)
    if old == 0:
        return 1.0 if new == 0 else float("inf")
    return new / old


def overlap(before: Figure, after: Figure) -> bool:
    return min(before.samples) <= max(after.samples) and min(after.samples) <= max(before.samples)


def judged(before: Figure, after: Figure) -> Change:
    ratio = ratio_of(before, after)
    if after.name == FAILURES and not any(before.samples):
        return Change(before, after, float("inf") if any(after.samples) else 1.0, counts=any(after.samples))
    if after.exact:
        limit, is_noise = EXACT, False
    elif min(len(before.samples), len(after.samples)) < 2:
        limit, is_noise = SINGLE, False
    else:
        limit, is_noise = TIMED, overlap(before, after)
    return Change(before, after, ratio, counts=not is_noise and not 1 / limit <= ratio <= limit)


def figures_of(result: dict) -> dict[tuple, Figure]:
    """What can be compared; the times of a disturbed part cannot."""
    found = {}
    for part in result["parts"]:
        for figure in from_json(part["figures"]):
            if figure.better and figure.samples and (figure.exact or figure.name == FAILURES or not part["disturbed"]):
                found[figure.key] = figure
    return found


def of_best(result: dict) -> set[str]:
    """The parts of which it has the best round alone."""
    return {part["name"] for part in result["parts"] if part.get("best_only")}


def is_same_machine(base: dict, new: dict) -> bool:
    return base["facts"].get("machine") == new["facts"].get("machine")


def compare(base: dict, new: dict) -> list[Change]:
    old, current, best = figures_of(base), figures_of(new), of_best(base)
    changes = []
    for key, after in current.items():
        # A peer that became slower is not our regression.
        if not after.is_own:
            continue
        if after.name == FAILURES:
            # Where nothing is recorded of them, none failed.
            if key in old or any(after.samples):
                changes.append(judged(old.get(key, replace(after, samples=[0])), after))
            continue
        if key not in old:
            continue
        if key[0] in best and not after.exact:
            if not is_same_machine(base, new):
                continue
            after = after.best()
        changes.append(judged(old[key], after))
    return changes


def gone(base: dict, new: dict) -> tuple[list[str], list[str]]:
    """What the first has of ours and the second has not: figures of parts in which something went wrong; and what was left out, by
    parts, with the reason."""
    lost, left_out = [], []
    for part in new["parts"]:
        there = {figure.key for figure in from_json(part["figures"]) if figure.samples}
        absent = [figure for before in base["parts"] if before["name"] == part["name"] for figure in from_json(before["figures"])
                  if figure.is_own and figure.better and figure.samples and figure.name != FAILURES and figure.key not in there]
        if absent and part.get("missing"):
            left_out.append(f"{part['name']} ({part['missing']})")
        elif absent and part.get("problems"):
            lost += [f"{figure.part}: {figure.row}, {figure.server}: {figure.title} was {figure.shown()}" for figure in absent]
        elif absent:
            left_out.append(f"{part['name']} ({len(absent)} figures)")
    return lost, left_out


def newest() -> Path:
    found = sorted(paths.RESULTS.glob("bench-*.json"))
    if not found:
        sys.exit(f"regression: there is no result in {paths.RESULTS}: make bench")
    return found[-1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", type=Path, nargs="?", default=RECORD)
    parser.add_argument("new", type=Path, nargs="?")
    options = parser.parse_args()
    new = options.new or newest()
    try:
        results = [json.loads(path.read_text()) for path in (options.base, new)]
        changes = compare(*results)
        lost, left_out = gone(*results)
    except (OSError, ValueError, KeyError, TypeError) as problem:
        sys.exit(f"regression: {options.base} and {new} cannot be compared: {problem}")
    worse = [change for change in changes if change.counts and change.ratio > 1]
    better = [change for change in changes if change.counts and change.ratio < 1]
    for heading, listed in (("worse", worse), ("better", better)):
        print(f"{heading}: {len(listed)} of {len(changes)} figures")
        for change in sorted(listed, key=lambda change: -change.ratio):
            print(f"    {change.shown()}")
    if lost:
        print(f"gone: {len(lost)} figures", *lost, sep="\n    ")
    if left_out:
        print(f"not compared, since {new.name} has not measured it: {', '.join(left_out)}")
    if (kept := of_best(results[0])) and not is_same_machine(*results):
        print(f"not compared, since {options.base.name} is of another machine: {', '.join(sorted(kept))}")
    for path, result in zip((options.base, new), results):
        if disturbed := [part["name"] for part in result["parts"] if part["disturbed"]]:
            print(f"not compared, since {path.name} was disturbed: {', '.join(disturbed)}")
    if not changes:
        sys.exit("regression: the two have no figure in common")
    return 1 if worse or lost else 0


if __name__ == "__main__":
    sys.exit(main())
