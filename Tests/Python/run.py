"""Runs the tests of the Python host by each interpreter that is to be had: run.py [--all] [BUILD] [TEST...]

Without --all by the one that runs this. The package is staged from a debug build, for each interpreter with its own extension.
"""

import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NAMES = ["python3", "/usr/bin/python3", *(f"python3.{minor}" for minor in range(9, 14))]


def interpreters():
    """Each that there is, once."""
    found = {}
    for name in NAMES:
        path = shutil.which(name)
        question = "import sys, os; print(sys.version.split()[0], os.path.realpath(sys.executable))"
        answer = path and subprocess.run([path, "-c", question], capture_output=True, text=True)
        if answer and answer.returncode == 0:
            found.setdefault(answer.stdout.strip(), path)
    return found


def main(arguments):
    wants_all = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    build = arguments.pop(0) if arguments and os.path.isdir(arguments[0]) else os.path.join(ROOT, ".build/debug")
    status = 0
    with tempfile.TemporaryDirectory() as folder:
        # Servers that run as somebody else find it too.
        os.chmod(folder, 0o755)
        subprocess.run([sys.executable, os.path.join(ROOT, "Python/build/stage.py"), folder, build], check=True)
        environment = {**os.environ, "GREENFINCH_PACKAGE": folder, "PYTHONPATH": folder}
        for name, path in interpreters().items() if wants_all else [("", sys.executable)]:
            print(f"Python {name or path}", flush=True)
            tests = arguments or ["discover", "-s", HERE, "-t", HERE]
            outcome = subprocess.run([path, "-m", "unittest", *tests], cwd=HERE, env=environment)
            status = status or outcome.returncode
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
