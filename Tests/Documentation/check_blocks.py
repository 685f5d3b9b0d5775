"""Tries the blocks of the README and the articles that are neither Swift's programs nor commands: C is compiled without warnings,
linked and run, the manifest of a package is read by the package manager, and JSON and Python are parsed.

    check_blocks.py [BUILD FOLDER]       (.build/debug: C is linked with the library there)
    check_blocks.py --flags "FLAGS"      C alone, by the flags of an installed library, as pkg-config tells them
"""
import ast
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

from check_articles import MANIFEST, articles
from module_maps import ROOT, build_folder

BLOCK = re.compile(r"^```(c|json|python|swift)\n(.*?)^```", re.MULTILINE | re.DOTALL)
WARNINGS = ["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-pthread"]


class Wrong(Exception):
    """What is wrong with a block."""


def run(words, **more):
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL, **more)
    if done.returncode != 0:
        raise Wrong(f"{words[0]} ends with {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def try_c(code, flags):
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "program.c")
        source.write_text(code)
        run(["cc", *WARNINGS, source, *flags, "-o", source.with_suffix("")])
        # The watchdog's signal would end a sleep that nothing redirects.
        if not run([source.with_suffix("")], env={**os.environ, "GREEN_MAX_BLOCKING_TIME": "0"}):
            raise Wrong("the program prints nothing")


def try_manifest(code, _):
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "Package.swift").write_text(code)
        run(["swift", "package", "--package-path", folder, "dump-package"])


def try_json(code, _):
    """One object, or one a line."""
    try:
        json.loads(code)
    except ValueError:
        for line in code.splitlines():
            try:
                json.loads(line)
            except ValueError as problem:
                raise Wrong(str(problem)) from None


def try_python(code, _):
    try:
        ast.parse(code)
    except SyntaxError as problem:
        raise Wrong(str(problem)) from None


KINDS = {"c": try_c, "json": try_json, "python": try_python}


def blocks(kinds):
    """Each block of these kinds, with its place and what tries it."""
    for article in articles():
        text = article.read_text()
        for found in BLOCK.finditer(text):
            kind, code = found.groups()
            attempt = (try_manifest if MANIFEST.match(code) else None) if kind == "swift" else KINDS[kind]
            if attempt and kind in kinds:
                yield f"{article.relative_to(ROOT)}:{text[: found.start()].count(chr(10)) + 2}", code, attempt


def fault(place, code, attempt, flags):
    """What is wrong with a block; an empty text for one that is right."""
    try:
        attempt(code, flags)
    except (Wrong, subprocess.TimeoutExpired) as problem:
        return f"{place}: {problem}"
    return ""


def main(arguments):
    if arguments[:1] == ["--flags"]:
        kinds, flags = {"c"}, shlex.split(arguments[1])
    else:
        build = build_folder(arguments)
        kinds = {*KINDS, "swift"}
        flags = ["-I", ROOT / "Sources/CLibGreen/include", "-L", build, "-lGreenC", f"-Wl,-rpath,{build}"]
    work = list(blocks(kinds))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults = [each for each in pool.map(lambda one: fault(*one, flags), work) if each]
    print("\n".join(faults + [f"{len(work)} blocks of C, JSON, Python and packages, {len(faults)} faults"]))
    return 1 if faults or not work else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
