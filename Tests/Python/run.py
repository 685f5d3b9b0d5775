"""Runs the tests of the Python host by each interpreter that is to be had: run.py [--all] [BUILD] [TEST...]

Without --all by the one that runs this. With it the versions that are not here are named, and not tested. REQUIRE_VERSIONS says how many
must be here: with fewer the status is 1, after the tests. The package is staged from a debug build, with one extension for all.

Each file of tests has a process of its own, and some run at a time, since they wait for most of it. Tests that are named run in one.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

import interpreters

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "Scripts"))
import at_once  # noqa: E402

#: One for each processor, and one more, which has it while another waits.
AT_ONCE = len(os.sched_getaffinity(0)) + 1


def tested(wants_all, programs=None):
    """The programs with their versions, and whether they are enough."""
    if not wants_all:
        return {sys.executable: sys.version.split()[0]}, True
    programs = interpreters.found() if programs is None else programs
    # One that is not served is told of by the tests themselves.
    programs = programs or {sys.executable: sys.version.split()[0]}
    missing = interpreters.missing(programs)
    for program, version in programs.items():
        print("to be tested: Python %s, %s" % (version, program))
    if missing:
        print("not here, and not tested: Python " + ", ".join(missing))
    versions, required = len(interpreters.SERVED) - len(missing), int(os.environ.get("REQUIRE_VERSIONS") or 1)
    if versions < required:
        print("REQUIRE_VERSIONS wants %d versions; there are %d" % (required, versions))
    return programs, versions >= required


def files(folder=HERE):
    """The modules of tests, those first that start most servers: the rest has its end while they have theirs."""

    def servers(path):
        with open(path, encoding="utf-8") as file:
            return len(re.findall(r"\b(?:serving|Server)\(", file.read()))

    paths = sorted(glob.glob(os.path.join(glob.escape(folder), "test*.py")), key=servers, reverse=True)
    return [os.path.splitext(os.path.basename(path))[0] for path in paths]


class File(at_once.Command):
    """The tests of one module."""

    def __init__(self, program, name, **more):
        super().__init__(name, [program, "-m", "unittest", name], **more)

    @property
    def count(self):
        """How many tests it has run. Of one that has not come to its end, none."""
        found = re.findall(rb"^Ran (\d+) tests? in ", self.said(), re.MULTILINE)
        return int(found[-1]) if found else 0

    def has_ended(self):
        ended = super().has_ended()
        # Where a test ends the process, it has no failure.
        if ended and self.status == 0 and not self.count:
            self.status = 1
        return ended


def run_files(program, environment, folder=HERE):
    """Runs all of them. Whether all has passed."""
    tests = [File(program, name, cwd=folder, env=environment) for name in files(folder)]
    failed = at_once.run(tests, AT_ONCE, patience=10)
    print("%d tests in %d files, of which %d failed" % (sum(one.count for one in tests), len(tests), len(failed)), flush=True)
    at_once.complain(failed)
    return bool(tests) and not failed


def main(arguments):
    wants_all = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    build = arguments.pop(0) if arguments and os.path.isdir(arguments[0]) else os.path.join(ROOT, ".build/debug")
    programs, is_enough = tested(wants_all)
    passed = is_enough
    at_once.heed_signals()
    with tempfile.TemporaryDirectory() as folder:
        # Servers that run as somebody else find it too.
        os.chmod(folder, 0o755)
        subprocess.run([sys.executable, os.path.join(ROOT, "Python/build/stage.py"), folder, build], check=True)
        environment = {**os.environ, "GREENFINCH_PACKAGE": folder, "PYTHONPATH": folder}
        for program, version in programs.items():
            print(f"Python {version}, {program}", flush=True)
            if arguments:
                passed &= subprocess.run([program, "-m", "unittest", *arguments], cwd=HERE, env=environment).returncode == 0
            else:
                passed &= run_files(program, environment)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
