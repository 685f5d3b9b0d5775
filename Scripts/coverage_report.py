#!/usr/bin/env python3
"""A table of the lines of each module that were run, from what llvm-cov exported.

coverage_report.py FILE LEAST fails where a module that faces the internet is below LEAST per cent.
"""

import json
import os
import sys

HELD = ("Green", "GreenHTTP", "GreenServer", "GreenWeb")


def lines_by_module(files, root):
    """(lines run, lines) of each folder of Sources, by its name."""
    modules = {}
    for file in files:
        parts = os.path.relpath(file["filename"], root).split(os.sep)
        if len(parts) < 3 or parts[0] != "Sources":
            continue
        covered, count = modules.get(parts[1], (0, 0))
        lines = file["summary"]["lines"]
        modules[parts[1]] = covered + lines["covered"], count + lines["count"]
    return modules


def main(path, least):
    with open(path) as file:
        modules = lines_by_module(json.load(file)["data"][0]["files"], os.getcwd())
    print("| module | lines | run |\n| --- | ---: | ---: |")
    low = []
    for name, (covered, count) in sorted(modules.items()):
        if count == 0:
            continue
        share = 100 * covered / count
        print(f"| `{name}` | {count:,} | {share:.1f} % |")
        if name in HELD and share < least:
            low.append(name)
    missing = [name for name in HELD if name not in modules]
    if low or missing:
        sys.exit(f"below {least} % of lines: {', '.join(low) or 'none'}; not there: {', '.join(missing) or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
