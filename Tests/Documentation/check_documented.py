"""Whether every public declaration of the modules says what it is: its own comment, or that of what it implements.

    check_documented.py FOLDER    (of symbol graphs, one folder a module)
"""
import json
import pathlib
import sys

# Comments of macros are for who reads the header: the graph of it has none.
NOT_ASKED = {"swift.extension", "c.macro"}
# What the compiler writes, and what says all by its name and its type: equality, hashing, and the place where a type is coded.
SELF_EXPLAINING = {"==(_:_:)", "hash(into:)", "encode(to:)", "init(from:)"}


def is_documented(symbol):
    return bool(symbol.get("docComment", {}).get("lines")) or symbol["pathComponents"][-1] in SELF_EXPLAINING


def undocumented(graph):
    """The declarations in one graph without a comment, each with its place in the sources."""
    for symbol in json.loads(graph.read_text())["symbols"]:
        place = symbol.get("location")
        # Without a place it is the compiler's; a name with an underscore is not for others.
        hidden = any(part.startswith("_") for part in symbol["pathComponents"])
        if place and not hidden and symbol["kind"]["identifier"] not in NOT_ASKED and not is_documented(symbol):
            file = place["uri"].removeprefix("file://")
            yield f"{file}:{place['position']['line'] + 1}: {'.'.join(symbol['pathComponents'])} has no documentation"


def main():
    graphs = sorted(pathlib.Path(sys.argv[1]).glob("*/*.symbols.json"))
    faults = [fault for graph in graphs for fault in sorted(undocumented(graph))]
    print("\n".join(faults + [f"{len(graphs)} symbol graphs, {len(faults)} declarations without documentation"]))
    return 1 if faults or not graphs else 0


if __name__ == "__main__":
    sys.exit(main())
