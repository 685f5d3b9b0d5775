"""The Autobahn test suite against the tests' echo server and against the client: autobahn.py FOLDER-OF-PROGRAMS [--all]

The suite is a program of Python 2.7, which is looked for in the path and where pyenv keeps it; it is installed below
.build-autobahn. Of sections 12 and 13, a thousand messages each, a part is run unless --all is given, which takes long. Ends
with 77 where there is no Python 2.7.
"""

from __future__ import annotations

import argparse
import collections
import glob
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from running import ROOT, Running, free_port

FOLDER = ROOT / ".build-autobahn"
SUITE = "autobahntestsuite==25.10.1"
GOOD = {"OK", "INFORMATIONAL", "NON-STRICT"}
# Of each kind of compression one in four sizes of messages.
PART = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"] + [
    f"{section}.{kind}.{size}"
    for section, kinds in ((12, 5), (13, 7)) for kind in range(1, kinds + 1) for size in (1, 6, 11, 16)]


def python2() -> str | None:
    candidates = [shutil.which("python2.7"), *sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/2.7*/bin/python2.7")))]
    for path in candidates:
        if path and subprocess.run([path, "-c", "import pip, ssl"], capture_output=True).returncode == 0:
            return path
    return None


def install(python: str) -> None:
    if (FOLDER / "made").exists():
        return
    shutil.rmtree(FOLDER, ignore_errors=True)
    command = [python, "-m", "pip", "install", "--quiet", "--target", str(FOLDER), SUITE]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    (FOLDER / "made").touch()


def suite(python: str, mode: str, specification: dict, folder: Path) -> list[str]:
    file = folder / f"{mode}.json"
    file.write_text(json.dumps(specification))
    # As a folder of packages, and not in the path of modules: then the files are read that tell of packages in several parts.
    start = f"import site; site.addsitedir({str(FOLDER)!r}); from autobahntestsuite.wstest import run; run()"
    return [python, "-c", start, "-m", mode, "-s", str(file), "-u", "0"]


def report(folder: Path, what: str) -> int:
    """Prints what the suite thinks; how many cases have failed."""
    failed, counts = 0, collections.Counter()
    for agent in json.loads((folder / "index.json").read_text()).values():
        for case, outcome in agent.items():
            counts[outcome["behavior"]] += 1
            if outcome["behavior"] not in GOOD or outcome["behaviorClose"] not in GOOD:
                failed += 1
                print(f"  {case}: {outcome['behavior']}, {outcome['behaviorClose']}")
    print(f"{what}: " + ", ".join(f"{number} {name}" for name, number in counts.most_common()), flush=True)
    return failed if counts else 1


def try_server(python: str, programs: Path, cases: list[str], folder: Path) -> int:
    port = free_port()
    with Running([str(programs / "talk"), "-k", "green", "-b", f"127.0.0.1:{port}"], port, folder / "talk.log"):
        specification = {"outdir": str(folder / "servers"), "cases": cases, "exclude-cases": [], "exclude-agent-cases": {},
                         "servers": [{"agent": "greenfinch", "url": f"ws://127.0.0.1:{port}/keeping"}]}
        command = suite(python, "fuzzingclient", specification, folder)
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return report(folder / "servers", "the server")


def try_client(python: str, programs: Path, cases: list[str], folder: Path) -> int:
    port = free_port()
    specification = {"url": f"ws://127.0.0.1:{port}", "outdir": str(folder / "clients"), "cases": cases, "exclude-cases": [],
                     "exclude-agent-cases": {}}
    command = suite(python, "fuzzingserver", specification, folder)
    with Running(command, port, folder / "suite.log"):
        subprocess.run([str(programs / "echoing"), f"ws://127.0.0.1:{port}"], check=True, stdout=subprocess.DEVNULL)
    return report(folder / "clients", "the client")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=lambda text: Path(text).resolve(), help="the folder of `talk` and `echoing`")
    parser.add_argument("--all", action="store_true", help="all cases of sections 12 and 13 too")
    parser.add_argument("--cases", action="append", help="these cases alone, as '9.*' (may be repeated)")
    options = parser.parse_args()
    python = python2()
    if not python:
        print("there is no Python 2.7 for the Autobahn test suite")
        return 77
    install(python)
    cases = options.cases or (["*"] if options.all else PART)
    with tempfile.TemporaryDirectory() as name:
        failed = try_server(python, options.programs, cases, Path(name))
        failed += try_client(python, options.programs, cases, Path(name))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
