"""Whether every declaration at the top of a module stands in a group that its page has chosen.

    check_groups.py SITE    (a folder that docc merge has made)
"""
import json
import pathlib
import sys

# What docc calls the list of modules that a module extends; it cannot be chosen.
EXTENSIONS = "Extended Modules"


def left_over(page):
    """The declarations that docc has put into groups of its own: classes, structures, functions."""
    for group in json.loads(page.read_text()).get("topicSections", []):
        if group.get("generated") and group.get("title") != EXTENSIONS:
            yield from (identifier.rsplit("/", 1)[-1] for identifier in group["identifiers"])


def main():
    pages = sorted(pathlib.Path(sys.argv[1], "data/documentation").glob("*.json"))
    faults = [f"{page.stem}: {name} is in no group of the module's page" for page in pages for name in left_over(page)]
    print("\n".join(faults + [f"{len(pages)} modules, {len(faults)} declarations in no group"]))
    return 1 if faults or not pages else 0


if __name__ == "__main__":
    sys.exit(main())
