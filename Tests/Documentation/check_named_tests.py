"""Looks whether the tests that documents name, as `SuiteTests/test`, are there.

    check_named_tests.py
"""
import pathlib
import re
import sys

from module_maps import ROOT

NAMED = re.compile(r"`(\w+Tests)/([^`]+)`")
SUITE = re.compile(r"\b(?:struct|class|enum) (\w+Tests)\b")
TEST = re.compile(r"\bfunc `?([^`(]+)`?\(")


def tests():
    """The functions of each file that has a suite, by the suites' names."""
    found = {}
    for path in [*ROOT.glob("Tests/**/*.swift"), *ROOT.glob("Examples/**/*.swift")]:
        text = path.read_text()
        for suite in SUITE.findall(text):
            found.setdefault(suite, set()).update(TEST.findall(text))
    return found


def main():
    there, count, lost = tests(), 0, []
    for page in sorted((ROOT / "docs").glob("*.md")):
        for suite, test in NAMED.findall(page.read_text()):
            count += 1
            if test not in there.get(suite, ()):
                lost.append(f"{page.relative_to(ROOT)}: there is no test {suite}/{test}")
    print("\n".join([*lost, f"{count - len(lost)} passed, {len(lost)} failed"]))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
