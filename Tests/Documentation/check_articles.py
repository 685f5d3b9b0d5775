"""Compiles the Swift of the articles and of the README against the modules of a debug build, as far as swiftc has faults to
tell of: types, and what may be sent where.

A block that begins with an import begins a program; the blocks that follow go on with it. So does one that imports a module
which the article itself makes. A file that an article names must be there.

    check_articles.py [BUILD FOLDER]    (.build/debug)
"""
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

from module_maps import ROOT, build_folder, module_maps

BLOCK = re.compile(r"^```swift\n(.*?)^```", re.MULTILINE | re.DOTALL)
# A block that is no program, but says of what one is made: see check_blocks.py.
MANIFEST = re.compile(r"// swift-tools-version:")
# Of the package that an article makes: what its module declares is in the program already, and its files are nowhere here.
OWN_IMPORT = re.compile(r"^import Notes$", re.MULTILINE)
OWN_FILE = re.compile(r"/notes", re.IGNORECASE)

FILE = re.compile(r"`((?:Sources|Tests|Examples|Benchmarks|Scripts|CLibEv|CAres)/[\w+./-]+)`")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?!\w+:)([^)#\s]+)")
STEP = re.compile(r"^\d+\. `(Sources/[^`]+)`", re.MULTILINE)


def articles():
    return [ROOT / "README.md", ROOT / "docs/overview.md", *sorted((ROOT / "Sources").glob("*/*.docc/*.md"))]


def pages():
    """All that may name files: the articles, and what a person reads beside them."""
    beside = [ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
    return list(dict.fromkeys([*articles(), *beside, *sorted((ROOT / "docs").glob("*.md"))]))


def programs(article):
    """Each program of an article, as lines beside which the article's own are numbered."""
    found = []
    text = article.read_text()
    for block in BLOCK.finditer(text):
        line = text[: block.start()].count("\n") + 2
        code = block.group(1)
        if MANIFEST.match(code):
            continue
        is_continued = OWN_IMPORT.search(code) or not re.match(r"(@\w+ )?import ", code)
        if not found or not is_continued:
            found.append("")
        code = OWN_IMPORT.sub("", code)
        found[-1] += f'#sourceLocation(file: "{article.relative_to(ROOT)}", line: {line})\n{code}'
    return found


def check(build, article, program):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "main.swift"
        source.write_text(program)
        command = ["swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6", "-package-name", "articles", "-I", build / "Modules",
                   *module_maps(build), source]
        outcome = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        wrong = outcome.returncode != 0 or "warning:" in outcome.stderr
        return f"{article.relative_to(ROOT)}:\n{outcome.stderr}" if wrong else ""


def named_files(article):
    """Files that an article names or leads to and that are not there, or that one of its ways names twice."""
    text = article.read_text()
    for path in dict.fromkeys(FILE.findall(text)):
        if not (ROOT / path).exists() and not OWN_FILE.search(path):
            yield f"{article.relative_to(ROOT)}: there is no {path}\n"
    # In code a list may look like one.
    for link in dict.fromkeys(LINK.findall(re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE))):
        if not (article.parent / link).exists() and not OWN_FILE.search(link):
            yield f"{article.relative_to(ROOT)}: there is no {link}\n"
    steps = STEP.findall(text)
    for path in dict.fromkeys(step for step in steps if steps.count(step) > 1):
        yield f"{article.relative_to(ROOT)}: {path} is a step twice\n"


def main():
    build = build_folder(sys.argv[1:])
    work = [(build, article, program) for article in articles() for program in programs(article)]
    names = ROOT / "Tests/Documentation/Names.swift"
    work.append((build, names, names.read_text()))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults = [fault for fault in pool.map(lambda each: check(*each), work) if fault]
    lost = [fault for article in pages() for fault in named_files(article)]
    print("".join(faults + lost), end="")
    print(f"{len(work) - len(faults)} passed, {len(faults) + len(lost)} failed")
    return 1 if faults or lost else 0


if __name__ == "__main__":
    sys.exit(main())
