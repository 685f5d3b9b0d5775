"""Runs the tests of the Python host by each interpreter that is to be had: run.py [--all] [BUILD] [TEST...]

Without --all by the one that runs this. With it the versions that are not here are named, and not tested. REQUIRE_VERSIONS says how many
must be here: with fewer the status is 1, after the tests. The package is staged from a debug build, with one extension for all.
"""

import os
import subprocess
import sys
import tempfile

import interpreters

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


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


def main(arguments):
    wants_all = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    build = arguments.pop(0) if arguments and os.path.isdir(arguments[0]) else os.path.join(ROOT, ".build/debug")
    programs, is_enough = tested(wants_all)
    status = 0 if is_enough else 1
    with tempfile.TemporaryDirectory() as folder:
        # Servers that run as somebody else find it too.
        os.chmod(folder, 0o755)
        subprocess.run([sys.executable, os.path.join(ROOT, "Python/build/stage.py"), folder, build], check=True)
        environment = {**os.environ, "GREENFINCH_PACKAGE": folder, "PYTHONPATH": folder}
        for program, version in programs.items():
            print(f"Python {version}, {program}", flush=True)
            tests = arguments or ["discover", "-s", HERE, "-t", HERE]
            outcome = subprocess.run([program, "-m", "unittest", *tests], cwd=HERE, env=environment)
            status = status or outcome.returncode
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
