"""Whether what programs may rely on is still there: the public declarations, beside those that were recorded in docs/api.

    check_api.py FOLDER            (of symbol graphs, one folder a module)
    check_api.py FOLDER --record   (writes docs/api anew: at a release, after which the record stays as it is)

A declaration that is gone, or is another, breaks programs, unless docs/api/broken.txt names its line: then CHANGELOG says what to
write instead. As long as the version that CHANGELOG begins with is not released, it is only told.
"""
import json
import pathlib
import re
import sys

from module_maps import ROOT

RECORD = ROOT / "docs/api"
BROKEN = "broken.txt"
# Extensions as such say nothing; what they declare stands in a line of its own.
NOT_ASKED = {"swift.extension"}


def declaration(symbol):
    """One line: where it is, and how it is declared. Spaces and attributes that change nothing for callers are left out."""
    text = "".join(fragment["spelling"] for fragment in symbol.get("declarationFragments", []))
    text = re.sub(r"@discardableResult |@inlinable |@inline\(\w+\) ", "", text)
    return f"{'.'.join(symbol['pathComponents'])}: {' '.join(text.split())}"


def lines_of(graphs):
    """The public declarations of a module's graphs, in order."""
    found = set()
    for graph in graphs:
        for symbol in json.loads(graph.read_text())["symbols"]:
            hidden = any(part.startswith("_") for part in symbol["pathComponents"])
            if symbol["kind"]["identifier"] not in NOT_ASKED and not hidden and symbol.get("location"):
                found.add(declaration(symbol))
    return sorted(found)


def compare(recorded, current, excused):
    """What is gone without being excused, and what is new."""
    gone = [line for line in recorded if line not in set(current) and line not in excused]
    new = [line for line in current if line not in set(recorded)]
    return gone, new


def is_released(changes):
    first = next(line for line in changes.splitlines() if line.startswith("## "))
    return "not yet released" not in first


def record(modules):
    RECORD.mkdir(parents=True, exist_ok=True)
    for old in RECORD.glob("*.txt"):
        old.unlink()
    for module, lines in modules.items():
        (RECORD / f"{module}.txt").write_text("\n".join(lines) + "\n")
    print(f"{sum(map(len, modules.values()))} declarations of {len(modules)} modules are recorded in docs/api")


def check(modules):
    broken = RECORD / BROKEN
    excused = set(broken.read_text().splitlines()) if broken.exists() else set()
    faults, added = [], 0
    for file in sorted(RECORD.glob("*.txt")):
        if file.name == BROKEN:
            continue
        gone, new = compare(file.read_text().splitlines(), modules.get(file.stem, []), excused)
        faults += [f"{file.stem}: gone or changed: {line}" for line in gone]
        added += len(new)
    strict = is_released((ROOT / "CHANGELOG.md").read_text())
    print("\n".join(faults + [f"{len(faults)} declarations that are recorded are gone or changed, {added} are new"]))
    if faults and not strict:
        print("that version is not released yet: record what there is now by check_api.py FOLDER --record")
    return 1 if faults and strict else 0


def main():
    graphs = pathlib.Path(sys.argv[1])
    modules = {folder.name: lines_of(sorted(folder.glob("*.symbols.json"))) for folder in sorted(graphs.iterdir())}
    if not modules:
        sys.exit(f"check_api: {graphs} has no symbol graphs")
    if "--record" in sys.argv:
        record(modules)
        return 0
    return check(modules)


if __name__ == "__main__":
    sys.exit(main())
