"""Whether every public type stands in a file of its name, so that whoever knows the one finds the other."""
import pathlib
import re
import sys

from module_maps import ROOT

# At the top of a file, or of a condition of compilation, or of an extension of what names the file.
TYPE = re.compile(r"^ {0,2}public (?:final |indirect )?(?:struct|class|enum|protocol|actor) (\w+)", re.MULTILINE)


def misplaced(file):
    text = file.read_text()
    stem = file.name.removesuffix(".swift")
    for found in TYPE.finditer(text):
        nested = re.search(r"^(?:public )?(?:final )?(?:extension|struct|class|enum|protocol|actor) ", text[: found.start()], re.MULTILINE)
        indented = found.group(0).startswith(" ")
        if indented and nested:
            continue
        if found.group(1).lstrip("_") not in (stem, *stem.split("+")):
            yield f"{file.relative_to(ROOT)}: the public type {found.group(1)} belongs in a file of its name"


def main():
    faults = [fault for file in sorted((ROOT / "Sources").rglob("*.swift")) for fault in misplaced(file)]
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
