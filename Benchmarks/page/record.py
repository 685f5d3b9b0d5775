#!/usr/bin/env python3
"""Records of a result of `make bench` what a later one, also of another clone, can be compared with: the instructions of a request,
the memory of a connection, and the best round of the runtime's parts.

    record.py [RESULT.json]    (the newest of Benchmarks/results)

It writes Benchmarks/recorded/bench.json, which is in git. What the result has not measured stays as it was recorded.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from figures import Figure, as_json, from_json
from regression import RECORD, newest

FACTS = ("date", "effort", "machine", "kernel", "commit", "swift", "cc")
PARTS = {"instructions": False, "memory": False, "micro": True}
"""Which, and whether of the best round alone."""
UNSTEADY = {"mappings"}
"""What the kernel makes of neighbours as it likes."""


def recorded_figures(part: dict, best_only: bool) -> list[Figure]:
    ours = [figure for figure in from_json(part["figures"]) if figure.is_own and figure.better and figure.samples
            and figure.name not in UNSTEADY]
    return [figure.best() if best_only and not figure.exact else figure for figure in ours]


def recorded(result: dict, before: dict | None = None) -> dict:
    kept = {part["name"]: part for part in (before or {"parts": []})["parts"]}
    for part in result["parts"]:
        name = part["name"]
        if name in PARTS and (found := recorded_figures(part, PARTS[name])):
            kept[name] = {"name": name, "disturbed": "", "best_only": PARTS[name], "figures": as_json(found)}
    return {"facts": {key: result["facts"][key] for key in FACTS if key in result["facts"]},
            "parts": [kept[name] for name in PARTS if name in kept]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", type=Path, nargs="?")
    options = parser.parse_args()
    path = options.result or newest()
    before = json.loads(RECORD.read_text()) if RECORD.exists() else None
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(recorded(json.loads(path.read_text()), before), indent=1) + "\n")
    print(f"recorded {path.name}")


if __name__ == "__main__":
    main()
